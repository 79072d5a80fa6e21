"""The base class of classifier and tagger: annotators have confusion matrices."""

from __future__ import annotations

from copy import deepcopy
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from skcrowd._sklearn_compat import StrOptions
from skcrowd.aggregation._annotator_prior import confusion_counts, read_annotator_prior
from skcrowd.aggregation._lazy_confusion import ChosenConfusion, matrices_of
from skcrowd.aggregation._vote_discount import find_dependent
from skcrowd.annotations._gold import joined_classes
from skcrowd.annotations._memory import is_large
from skcrowd.annotations._strata import strata_of
from skcrowd.estimators._annotator_matching import pad_annotators
from skcrowd.estimators._class_weight import class_weights, reweighted
from skcrowd.estimators._crowd_estimator import CrowdEstimator
from skcrowd.estimators._lazy_attribute import ArrayOnRequest
from skcrowd.estimators._right_answers import calibrated_posterior
from skcrowd.estimators._snapshot import working_copy
from skcrowd.methods._supervised import Supervised
from skcrowd.metrics._annotator_accuracy import RightAnswers, right_answers
from skcrowd.training import ClassScores

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, Groups, IntArray
    from skcrowd.aggregation._expected_counts import ExpectedCounts
    from skcrowd.methods import MethodResult, TrainingContext
    from skcrowd.training import CrowdNet

    from ._resumption import Resumption


__all__ = ["InferredTruth", "LabelEstimator", "TrainingPredictions"]


class TrainingPredictions:
    """Predictions of the training items, made when they are first needed.

    Parameters
    ----------
    context : TrainingContext
    net : CrowdNet
    """

    def __init__(self, context: TrainingContext, net: CrowdNet) -> None:
        self._context, self._net = context, net

    @cached_property
    def log_proba(self) -> FloatArray:
        """Log-probabilities of the classes, (n_items, n_classes)."""
        return self._context.predict_trained(self._net)

    @cached_property
    def proba(self) -> FloatArray:
        """Probabilities of the classes, (n_items, n_classes)."""
        return np.exp(self.log_proba)


class InferredTruth(NamedTuple):
    """Posteriors of the truth of the training items, given network and answers.

    Attributes
    ----------
    posterior : ndarray of shape (n_items, n_classes)
        That of the method, or by Bayes' rule.
    calibrated : ndarray of shape (n_items, n_classes)
        One that is less certain.
    """

    posterior: FloatArray
    calibrated: FloatArray


class LabelEstimator(CrowdEstimator):
    """A crowd estimator whose annotators choose among classes."""

    _kind = "labels"
    _method_kinds: tuple[str, ...] = ("labels",)
    _supervised = Supervised

    annotator_confusion_ = ArrayOnRequest()
    class_prior_: FloatArray
    class_weight: Any
    class_weight_: FloatArray
    classes: Any
    classes_: Array
    _answer_counts: Any
    _predicted_class_shares: FloatArray
    _right_answers: tuple[Any, ...] | None
    _calibrated_right_answers: tuple[Any, ...] | None = None
    _total_item_weight: float

    _parameter_constraints: dict[str, Any] = {
        **CrowdEstimator._parameter_constraints,
        "classes": [None, "array-like"],
        "class_weight": [None, dict, StrOptions({"balanced"})],
    }

    @property
    def _class_ranks(self) -> IntArray | None:
        """Place of every class in the order, (n_classes,); None without an order."""
        return None

    def _stored_confusions(self) -> FloatArray:
        """Return the confusions as they are stored, an array or a LazyConfusion."""
        return vars(self)["annotator_confusion_"]

    def __dir__(self) -> list[str]:
        """List all names without computing a confusion array that is not stored."""
        names = super(LabelEstimator, self._to_introspect()).__dir__()
        stored = {"annotator_confusion_"} & set(vars(self))
        return sorted({*names, *stored})

    def _to_introspect(self) -> Self:
        """Return a copy without confusions that are stored otherwise than as an array.

        Introspection reads every attribute, which would compute the array.
        """
        copy = working_copy(self)
        if not isinstance(vars(self).get("annotator_confusion_"), np.ndarray):
            copy.__dict__.pop("annotator_confusion_", None)
        return copy

    def _check_partial_fit_classes(self, classes: Any, *, y_has_classes: bool) -> None:
        """Raise unless the classes are known, and the same as in earlier calls."""
        if not hasattr(self, "net_"):
            if classes is None and self.classes is None and not y_has_classes:
                raise ValueError(
                    "classes must be passed on the first call to partial_fit: all "
                    "labels that may ever occur."
                )
        elif classes is not None and not np.array_equal(
            np.sort(classes), np.sort(self.classes_)
        ):
            raise ValueError(
                f"classes={np.asarray(classes).tolist()} is not the same as on the "
                f"last call to partial_fit, which was {self.classes_.tolist()}."
            )

    def _classes_to_read(self, classes: Any, resumes: bool) -> Any:
        """Return the possible classes, None for those that occur."""
        if resumes:
            if self.classes is not None and set(self.classes) != set(self.classes_):
                raise ValueError(
                    f"classes={np.asarray(self.classes).tolist()} differs from that of "
                    f"the fit to resume, {self.classes_.tolist()}; set "
                    "warm_start=False to fit from scratch."
                )
            return self.classes_
        return self.classes if classes is None else classes

    def _encode_gold(
        self,
        annotations: Any,
        known: Any,
        *,
        is_fixed: bool,
    ) -> tuple[Any, IntArray]:
        """Encode answers and known truths by the same classes.

        Parameters
        ----------
        annotations : Annotations or SequenceAnnotations
        known : Annotations or SequenceAnnotations of one column
        is_fixed : bool
            Whether no class may be added.

        Returns
        -------
        annotations : Annotations or SequenceAnnotations
        gold : int64 ndarray of shape (n_items,)
            Codes; -1 where the truth is not known.
        """
        classes = annotations.classes
        if not is_fixed:
            classes = joined_classes(classes, known.classes)
        items = getattr(known, "tokens", known)
        occurring = known.classes[np.unique(items.answer)]
        unknown = np.setdiff1d(occurring, classes)
        if unknown.size:
            raise ValueError(
                f"gold holds the label {unknown.tolist()[0]!r}, which is none of the "
                f"classes {classes.tolist()}; add it to classes, or mark it as missing."
            )
        position = {label: code for code, label in enumerate(classes.tolist())}
        code = np.array([position.get(label, -1) for label in known.classes.tolist()])
        gold = np.full(items.n_items, -1, dtype=np.int64)
        gold[items.item] = code[items.answer]
        return annotations.with_classes(classes), gold

    def _set_classes(self, classes: Any) -> None:
        """Set ``classes_``; raise if there are invalid class weights."""
        if not isinstance(self.class_weight, str):
            class_weights(self.class_weight, classes, None)
        self.classes_ = classes

    def _output(self, annotations: Any) -> ClassScores:
        return ClassScores(len(annotations.classes))

    def _held_out_strata(self, annotations: Any) -> IntArray:
        return strata_of(annotations, ties="first")

    def _reweight(self, log_proba: FloatArray) -> FloatArray:
        """Return log-probabilities reweighted by ``class_weight_``."""
        return reweighted(log_proba, self.class_weight_)

    def _set_label_attributes(
        self, context: TrainingContext, result: MethodResult, resumption: Resumption
    ) -> tuple[FloatArray, InferredTruth]:
        """Set annotators, class shares and counts of the answers.

        Parameters
        ----------
        context : TrainingContext
        result : MethodResult
        resumption : Resumption

        Returns
        -------
        truth : ndarray of shape (n_items, n_classes)
            The posterior, or the network's probabilities where the method has none.
        inferred : InferredTruth
        """
        predictions = TrainingPredictions(context, self.net_)
        truth = result.posterior
        if truth is None:
            truth = context.clamp_gold(predictions.proba)
        self.annotator_model_ = deepcopy(result.annotators).cpu()
        self.annotator_confusion_ = self.annotator_model_.lean_confusion()
        self._set_class_shares(context, truth, predictions, adds=resumption.adds)
        self._set_answer_counts(context, truth, resumption)
        inferred = self._infer_truth(context, result, predictions)
        self._set_right_answers(context, inferred, adds=resumption.adds)
        return truth, inferred

    def _set_class_shares(
        self,
        context: TrainingContext,
        truth: FloatArray,
        predictions: TrainingPredictions,
        *,
        adds: bool,
    ) -> None:
        """Set shares and weights of the classes.

        Parameters
        ----------
        context : TrainingContext
        truth : ndarray of shape (n_items, n_classes)
        predictions : TrainingPredictions
        adds : bool
            Whether to average over earlier parts, too.
        """
        weight = context.sample_weight
        previous_weight = self._total_item_weight if adds else 0.0
        self._total_item_weight = previous_weight + weight.sum()
        share = weight.sum() / self._total_item_weight

        previous = self.class_prior_ if adds else None
        self.class_prior_ = _updated_mean(previous, truth, weight, share)
        predicted = None
        if self.class_weight == "balanced":
            previous = getattr(self, "_predicted_class_shares", None) if adds else None
            predicted = _updated_mean(previous, predictions.proba, weight, share)
            self._predicted_class_shares = predicted
        self.class_weight_ = class_weights(self.class_weight, self.classes_, predicted)

    def _annotator_parameters(self, rows: IntArray) -> Any:
        confusion, n_answers = self._stored_confusions(), self.annotator_n_answers_
        if is_large(max(len(rows), len(confusion)), *confusion.shape[1:]):
            share = n_answers / n_answers.sum()
            active = np.flatnonzero(share)
            matrices = zip(share[active], matrices_of(confusion, active), strict=True)
            return ChosenConfusion(confusion, rows, sum(s * m for s, m in matrices))
        crowd = np.average(confusion, axis=0, weights=n_answers)
        fitted = confusion[np.maximum(rows, 0)]
        return np.where((rows >= 0)[:, None, None], fitted, crowd)

    def _prior_counts(
        self, names: Array, checked: Any, *, require_all: bool
    ) -> ExpectedCounts | FloatArray:
        accuracy, n = read_annotator_prior(
            self.annotator_prior, names, 1.0, require_all=require_all
        )
        return confusion_counts(accuracy, n, len(checked.annotations.classes))

    def _previous_counts(self) -> FloatArray:
        return self._answer_counts

    def _groups_of_method(self, resumption: Resumption) -> Groups | None:
        if resumption.resumes or "annotator_groups_" not in vars(self):
            return None
        found = vars(self)
        return found["annotator_groups_"], found.get("group_excess_")

    def _find_groups(self, checked: Any) -> Groups | None:
        annotations = checked.annotations
        n_classes = len(annotations.classes)
        if is_large(annotations.n_annotators, n_classes, n_classes):
            return None
        found = find_dependent(annotations)
        return found.group, found.excess

    def _set_answer_counts(
        self, context: TrainingContext, truth: FloatArray, resumption: Resumption
    ) -> None:
        """Count the answers by truth and answer, and add those of earlier parts."""
        counts = context.labels.counts.expected_counts(truth, context.training_weight)
        if resumption.adds:
            previous = resumption.previous._previous_counts()
            counts = counts + pad_annotators(previous, counts.shape[0])
        self._answer_counts = counts

    def _set_right_answers(
        self, context: TrainingContext, truth: InferredTruth, *, adds: bool
    ) -> None:
        """Set the expected numbers of right answers, with those of earlier parts.

        Parameters
        ----------
        context : TrainingContext
        truth : InferredTruth
        adds : bool
            Whether to add those of earlier parts.
        """
        right: RightAnswers | None = right_answers(
            context.annotations, truth.posterior, truth.calibrated
        )
        if adds:
            earlier = self._stored_right_answers()
            right = None if right is None or earlier is None else right.plus(earlier)
        self._right_answers = None if right is None else (right.mean, right.var)
        self._calibrated_right_answers = (
            None if right is None else (right.calibrated_mean, right.calibrated_var)
        )

    def _infer_truth(
        self,
        context: TrainingContext,
        result: MethodResult,
        predictions: TrainingPredictions,
    ) -> InferredTruth:
        """Return InferredTruth; class shares and confusions are set before."""
        posterior: Any = result.posterior
        if posterior is None:
            posterior = context.labels.posterior(
                predictions.log_proba, self._stored_confusions()
            )
        if self._is_truth_given:
            return InferredTruth(posterior, posterior)
        calibrated = calibrated_posterior(
            context,
            predictions.log_proba,
            self.class_prior_,
            posterior,
            result.out_of_fold,
            self._dependent_groups(),
        )
        return InferredTruth(posterior, posterior if calibrated is None else calibrated)

    def _stored_right_answers(self) -> RightAnswers | None:
        """Return RightAnswers, or None where an earlier version stored none."""
        if self._right_answers is None:
            return None
        calibrated = self._calibrated_right_answers or self._right_answers
        return RightAnswers(*self._right_answers, *calibrated)


def _updated_mean(
    previous: FloatArray | None, values: Any, weight: FloatArray, share: float
) -> FloatArray:
    """Average rows by weight, and with the mean of earlier parts.

    Parameters
    ----------
    previous : ndarray of shape (n_classes,) or None
        The mean of earlier parts.
    values : ndarray of shape (n_items, n_classes)
    weight : ndarray of shape (n_items,)
    share : float
        Share of these items in the weight of all parts.
    """
    mean = _mean_row(values, weight)
    return mean if previous is None else share * mean + (1 - share) * previous


def _mean_row(values: Any, weight: FloatArray) -> FloatArray:
    """Average the rows by weight, of a large array without a copy of it."""
    if is_large(*values.shape):
        return weight @ values / weight.sum()
    return np.average(values, axis=0, weights=weight)
