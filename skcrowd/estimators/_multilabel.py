"""CrowdMultilabelClassifier."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.validation import check_consistent_length, check_is_fitted

from skcrowd.annotations import MultilabelAnnotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._join import with_annotators
from skcrowd.annotations._multilabel_target import read_known_labels, read_multilabel
from skcrowd.annotations._strata import strata_of
from skcrowd.annotations._weights import read_weight
from skcrowd.backbones import TabularNet
from skcrowd.estimators._answer_probabilities import answer_log_likelihood
from skcrowd.estimators._checked_input import CheckedLabelSets
from skcrowd.estimators._default_network import default_settings
from skcrowd.estimators._input_checks import (
    check_features,
    check_no_gold_with_truth,
    check_weight,
)
from skcrowd.estimators._insight._multilabel_insight import MultilabelInsight
from skcrowd.estimators._label_estimator import TrainingPredictions
from skcrowd.estimators._label_pairs import as_sequences, label_pairs
from skcrowd.estimators._right_answers import calibrated_posterior
from skcrowd.estimators._snapshot import uses_one_fit
from skcrowd.methods import LABEL_METHODS
from skcrowd.methods._multilabel_context import MultilabelTrainingContext
from skcrowd.methods._supervised import Supervised
from skcrowd.metrics import AnswerEvaluation
from skcrowd.metrics._tick_accuracy import tick_counts
from skcrowd.training._multilabel_data import LabelRows
from skcrowd.training._multilabel_net import MultilabelNet
from skcrowd.training._outputs import LabelScores
from skcrowd.training._prediction import predict_truth

if TYPE_CHECKING:
    from sklearn.utils import Tags

    from skcrowd._typing import (
        AnswersLike,
        ArrayLike,
        Features,
        FloatArray,
        Gold,
        IntArray,
        ModuleLike,
        PathLike,
        RandomState,
    )
    from skcrowd.annotations import Annotations
    from skcrowd.methods import Method, MethodResult, TrainingContext
    from skcrowd.methods._side_information import SideInformation
    from skcrowd.training import NetFactory

    from ._resumption import Resumption


__all__ = ["CrowdMultilabelClassifier"]


class CrowdMultilabelClassifier(ClassifierMixin, MultilabelInsight):
    """A network that predicts sets of labels, trained on many annotators' sets.

    Every annotator ticks, for some of the items, those of several labels that apply,
    or none of them. One network predicts all labels. Each annotator has a confusion
    matrix of two classes for each label: how often the label is ticked where it
    applies, and where it does not. Both are trained jointly; no true label is needed.

    Parameters
    ----------
    module : torch.nn.Module class or instance, or callable, default=None
        Network that maps a batch of items to one score per label (the logit of its
        probability, before a sigmoid), shape (n_batch, n_labels). A class is built with
        the ``module__`` parameters; if its ``__init__`` has parameters ``n_features``,
        or one of ``n_labels``, ``n_outputs`` and ``n_classes``, which all are the
        number of labels, they are filled in from the data. An instance is copied and
        starts from its own weights. None means :class:`skcrowd.backbones.TabularNet`,
        with settings chosen from features and answers, as in :class:`CrowdClassifier`
        (``docs/guide/default_network.md``).
    method : str or Method, default="em"
        Learning procedure: a name of ``skcrowd.methods.LABEL_METHODS``, or an object of
        :mod:`skcrowd.methods` with its own parameters, which are reachable as
        ``method__…`` either way. It sees each pair of item and label as an item of the
        two classes 0 and 1, and each pair of annotator and label as an annotator; so
        shares of classes are those of all labels together. Therefore the default is
        not ``"regularized_em"``, whose correction of class shares loses rare labels.
    validation_fraction : float, default=0.1
        Share of the items held out by ``early_stopping``, stratified on the rarest
        label that most annotators ticked.
    classes : array-like of shape (n_labels,), default=None
        All labels, in the order of the columns of predictions. None takes those that
        occur in ``y``, sorted, and those of a MultilabelAnnotations in its order.
    optimizer, lr, max_epochs, batch_size, early_stopping, n_iter_no_change, \
            on_interrupt, callbacks, checkpoint, checkpoint_every, device, \
            distributed, random_state, verbose
        As for :class:`CrowdClassifier`, with the same defaults.
    **routed
        ``module__…``, ``optimizer__…``, ``callbacks__…``, ``iterator_train__…``,
        ``iterator_valid__…`` and ``method__…``, as for :class:`CrowdClassifier`. All of
        them can be searched over.

    Attributes
    ----------
    classes_ : ndarray of shape (n_labels,)
        The labels, in the order of the columns of predictions.
    annotator_confusion_ : ndarray of shape (n_annotators, n_labels, 2, 2)
        ``[r, l, i, j]`` is the probability that annotator r ticks label l (j = 1), or
        does not (j = 0), where it applies (i = 1), or does not (i = 0).
        ``[..., 1, 1]`` are the sensitivities, ``[..., 0, 0]`` the specificities.
    annotators_ : ndarray of shape (n_annotators,)
        Names of the annotators: the columns of a DataFrame, or their numbers.
    n_annotators_ : int
        Number of annotators.
    annotator_n_answers_ : ndarray of shape (n_annotators,)
        Number of items that every annotator was asked about.
    class_prior_ : ndarray of shape (n_labels,)
        Estimated share of the training items to which each label applies.
    posterior_ : ndarray of shape (n_samples, n_labels)
        Probability that the label applies to the training item, given features and
        answers (most methods). NaN for items of weight zero. Not set by the crowd
        layer.
    annotator_model_ : AnnotatorModel
        The fitted annotator model, a torch module; its annotators are the pairs of
        annotator and label, ``r * n_labels + l``.
    net_ : skorch.NeuralNet
        The trained network; its criterion holds the annotator model.
    history_ : skorch.history.History
        Losses and durations of every epoch.
    n_iter_ : int
        Number of epochs run.
    n_features_in_ : int
        Number of features seen in ``fit``.
    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features, where ``X`` has names that are all strings.

    See Also
    --------
    skcrowd.annotations.MultilabelAnnotations : Sets of labels in any form.
    CrowdClassifier : One label an item.

    Notes
    -----
    The log-loss of an item is the sum over its labels. Labels are independent given
    the features: the network shares its hidden layers among them, and does not model
    which labels occur together beyond that; nor do the annotator models.

    For scikit-learn's searches and splitters pass a MultilabelAnnotations. There is
    neither ``partial_fit`` nor ``warm_start``.

    ``sample_weight`` counts like repetition.

    References
    ----------
    F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018, arXiv:1709.01779.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd import CrowdMultilabelClassifier
    >>> from skcrowd.annotations import MultilabelAnnotations
    >>> X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 20)
    >>> sets = [set(), {"dog"}, {"cat"}, {"cat", "dog"}] * 20
    >>> y = [[labels, labels, {"dog"}] for labels in sets]
    >>> clf = CrowdMultilabelClassifier(lr=1e-2, random_state=0).fit(X, y)
    >>> clf.classes_
    array(['cat', 'dog'], dtype='<U3')
    >>> clf.predict(X[:4])
    array([[0, 0],
           [0, 1],
           [1, 0],
           [1, 1]])
    >>> clf.annotator_confusion_.shape
    (3, 2, 2, 2)
    """

    _kind = "labels"
    _method_kinds = ("labels",)
    _net = MultilabelNet
    _known_methods = LABEL_METHODS
    _supervised = Supervised
    _default_module = TabularNet

    # Not parameters: a fit neither resumes another nor has prior knowledge.
    warm_start = False
    annotator_prior = None

    _parameter_constraints: dict[str, Any] = {
        **{
            name: constraint
            for name, constraint in MultilabelInsight._parameter_constraints.items()
            if name not in ("warm_start", "annotator_prior")
        },
        "classes": [None, "array-like"],
    }

    def __init__(
        self,
        module: ModuleLike = None,
        *,
        method: str | Method = "em",
        optimizer: type[torch.optim.Optimizer] = torch.optim.Adam,
        lr: float = 1e-3,
        max_epochs: int = 50,
        batch_size: int | None = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        classes: ArrayLike | None = None,
        on_interrupt: Literal["raise", "keep"] = "raise",
        callbacks: list[Any] | None = None,
        checkpoint: PathLike | None = None,
        checkpoint_every: int = 1,
        device: str | torch.device = "cpu",
        distributed: bool = False,
        random_state: RandomState = None,
        verbose: int = 0,
        **routed: Any,
    ) -> None:
        self.module = module
        self.method = method
        self.optimizer = optimizer
        self.lr = lr
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.classes = classes
        self.on_interrupt = on_interrupt
        self.callbacks = callbacks
        self.checkpoint = checkpoint
        self.checkpoint_every = checkpoint_every
        self.device = device
        self.distributed = distributed
        self.random_state = random_state
        self.verbose = verbose
        self._keep_routed(routed)

    def fit(
        self,
        X: Features,
        y: AnswersLike,
        sample_weight: ArrayLike | None = None,
        *,
        gold: Gold = None,
    ) -> CrowdMultilabelClassifier:
        """Train network and annotator model.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
            Features, in any form of :meth:`CrowdClassifier.fit`.
        y : MultilabelAnnotations, or array-like of shape (n_samples, n_annotators), \
                (n_samples, n_annotators, n_labels) or (n_samples, n_labels)
            The answers: cells are sets, lists or tuples of labels, empty where nothing
            was ticked, and None or NaN where the annotator was not asked; or indicators
            0 and 1 for each annotator and label, NaN where not asked. A 2-D matrix of
            indicators, or a list of sets, are the true labels, as everywhere in
            scikit-learn. Probabilities of labels are read by
            :meth:`skcrowd.annotations.MultilabelAnnotations.from_soft_labels`.
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the items. Items of weight zero are left out.
        gold : sequence of n_samples sets or None, array-like of shape \
                (n_samples, n_labels), or dict, default=None
            The true labels of some items, None or NaN for the others, or a dict from
            row number (the label of the row, where ``X`` or ``y`` has an index or item
            names) to set. They are the truth of these items in every method. Items that
            have them need no answers.

        Returns
        -------
        self : CrowdMultilabelClassifier
            The fitted estimator.

        Raises
        ------
        ValueError
            If ``y`` holds no answer or cannot be read as sets of labels, `gold` does
            not fit it, or the network does not return one score a label; or if rows of
            two arguments carry different labels (the index of a table or Series, the
            names of items).
        """
        return self._fit(X, y, sample_weight, gold)

    def _read_input(
        self,
        resumption: Resumption,
        X: Features,
        y: AnswersLike,
        sample_weight: Any,
        gold: Gold,
    ) -> CheckedLabelSets:
        X = check_features(self, X, reset=True)
        answers, is_truth = read_multilabel(y, self.classes)
        check_consistent_length(X, answers)
        check_no_gold_with_truth(gold, is_truth)
        weight = check_weight(sample_weight, X.shape[0])
        kept = slice(None) if weight.all() else np.flatnonzero(weight)
        answers = answers[kept]
        if not answers.n_answers:
            raise ValueError(
                f"y of shape {answers.shape} holds no answer at all for the items to "
                "learn from; leave at least one answer to an item of positive weight."
            )
        known = read_known_labels(gold, len(weight), answers.classes)
        self.classes_ = answers.classes
        sequences = as_sequences(answers)
        checked = self._checked_input(
            X[kept],
            sequences,
            weight,
            None if known is None else known[kept].ravel(),
            is_truth,
            is_part=False,
        )
        return CheckedLabelSets(**vars(checked), answers=answers)

    def _output(self, annotations: Any) -> LabelScores:
        return LabelScores(len(self.classes_))

    def _held_out_strata(self, annotations: Any) -> IntArray:
        tokens, n_labels = annotations.tokens, len(self.classes_)
        n_annotators = tokens.n_annotators // n_labels
        position = tokens.annotator // n_labels
        decisions = with_annotators(tokens, position, np.arange(n_annotators))
        return strata_of(MultilabelAnnotations(decisions, self.classes_))

    def _pack_context(
        self, checked: Any, factory: NetFactory, side_information: SideInformation
    ) -> MultilabelTrainingContext:
        n_labels = len(self.classes_)
        return MultilabelTrainingContext(
            LabelRows(checked.X, n_labels),
            checked.annotations.tokens,
            np.repeat(checked.weight, n_labels),
            factory,
            np.repeat(checked.held_out, n_labels),
            side_information,
        )

    def _network_settings(self, checked: Any, given: dict[str, Any]) -> dict[str, Any]:
        return default_settings(checked, given, is_number=False)

    def _set_fitted_attributes(
        self,
        checked: Any,
        context: TrainingContext,
        result: MethodResult,
        resumption: Resumption,
    ) -> None:
        answers, n_labels = checked.answers, len(self.classes_)
        self.annotators_ = answers.annotator_names
        self.n_annotators_ = answers.n_annotators
        self.annotator_n_answers_ = answers.answers_per_annotator
        self.annotator_model_ = deepcopy(result.annotators).cpu()
        confusion = self.annotator_model_.confusion()
        self.annotator_confusion_ = confusion.reshape(-1, n_labels, 2, 2)

        predictions = TrainingPredictions(context, self.net_)
        truth = result.posterior
        if truth is None:
            truth = context.clamp_gold(predictions.proba)
        counts = context.labels.counts.expected_counts(truth, context.training_weight)
        self._answer_counts = np.asarray(counts)
        applies = truth[:, 1].reshape(-1, n_labels)
        self.class_prior_ = np.average(applies, axis=0, weights=checked.weight)

        posterior: Any = result.posterior
        if posterior is None:
            posterior = context.labels.posterior(predictions.log_proba, confusion)
        calibrated = None
        if not checked.is_truth:
            shares = np.average(truth, axis=0, weights=context.sample_weight)
            calibrated = calibrated_posterior(
                context, predictions.log_proba, shares, posterior
            )
        self._tick_counts = tick_counts(
            context.annotations,
            posterior,
            posterior if calibrated is None else calibrated,
            n_labels,
        ).stored()
        self._set_posterior(result.posterior, checked)

    def _set_posterior(self, posterior: FloatArray | None, checked: Any) -> None:
        """Set ``posterior_`` of all samples, NaN for those of weight zero."""
        self.__dict__.pop("posterior_", None)
        if posterior is None:
            return
        n_labels = len(self.classes_)
        self.posterior_ = np.full((len(checked.kept), n_labels), np.nan)
        self.posterior_[checked.kept] = posterior[:, 1].reshape(-1, n_labels)

    def _truth(self, X: Features) -> FloatArray:
        """Return log-probabilities of both classes, (n_items * n_labels, 2)."""
        return predict_truth(self.net_, self._label_rows(X))

    def _label_rows(self, X: Features) -> LabelRows:
        return LabelRows(self._in_precision(X), len(self.classes_))

    @uses_one_fit
    def predict_proba(self, X: Features) -> FloatArray:
        """Probability that each label applies.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)

        Returns
        -------
        proba : ndarray of shape (n_samples, n_labels)
            Columns in the order of ``classes_``. Rows need not sum to 1.
        """
        log_proba = self._predict_truth(X)
        return np.exp(log_proba[:, 1]).reshape(-1, len(self.classes_))

    @uses_one_fit
    def predict(self, X: Features) -> IntArray:
        """Labels that probably apply.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)

        Returns
        -------
        labels : int64 ndarray of shape (n_samples, n_labels)
            1 where the label applies with a probability above one half, else 0;
            columns in the order of ``classes_``.
        """
        best: IntArray = self._predict_truth(X).argmax(axis=1)
        return best.reshape(-1, len(self.classes_))

    @uses_one_fit
    def score(
        self, X: Features, y: AnswersLike, sample_weight: ArrayLike | None = None
    ) -> float:
        """Score predictions by true labels, or by answers where there are none.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : array-like of shape (n_samples, n_labels), list of n_samples sets, or \
                annotations in any form of ``fit``
            Columns of true labels are in the order of ``classes_``; those of a
            DataFrame are matched by name.
        sample_weight : array-like of shape (n_samples,), default=None

        Returns
        -------
        score : float
            For true labels the subset accuracy, the share of items of which all labels
            are right, as of scikit-learn's multi-label classifiers. For annotations the
            mean log-probability of a decision of an annotator, to tick a label or not
            (at most 0, higher is better; ``answer_log_likelihood``), the criterion of
            early stopping.

        Raises
        ------
        ValueError
            If ``y`` has other annotators or labels than ``fit``, or the columns of a
            DataFrame of true labels are not named as the labels.
        """
        check_aligned(X=X, y=y, sample_weight=sample_weight)
        check_is_fitted(self)
        answers, is_truth = read_multilabel(y, self.classes_)
        if not is_truth:
            evaluation = self.evaluate_answers(X, answers)
            return evaluation.mean(evaluation.log_likelihood, sample_weight)
        predicted = self.predict(X)
        check_consistent_length(predicted, answers)
        if sample_weight is not None:
            sample_weight = read_weight(sample_weight, len(predicted))
        truth = answers.to_indicators()[:, 0].astype(np.int64)
        return float(accuracy_score(truth, predicted, sample_weight=sample_weight))

    @uses_one_fit
    def evaluate_answers(self, X: Features, y: AnswersLike) -> AnswerEvaluation:
        """Compare answers with the predictions of their items and labels.

        The scorers of :mod:`skcrowd.metrics` read the result.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_samples, n_features), or \
                array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators)
            In any form of ``fit``.

        Returns
        -------
        evaluation : skcrowd.metrics.AnswerEvaluation
            Its items are the pairs of item and label, its annotators the pairs of
            annotator and label, its classes 0 (not ticked) and 1.

        Raises
        ------
        ValueError
            If ``y`` has other annotators or labels than ``fit``, or holds true labels.
        """
        check_aligned(X=X, y=y)
        check_is_fitted(self)
        rows = self._label_rows(self._check_X(X))
        answers = self._read_answers(y)
        check_consistent_length(rows, answers)
        pairs, log_proba = self._fitted_pairs(answers), predict_truth(self.net_, rows)
        log_likelihood = answer_log_likelihood(
            log_proba,
            self.annotator_model_,
            pairs,
            pairs.annotator,
            self._hidden_features(rows),
        )
        return AnswerEvaluation(
            pairs,
            pairs.annotator,
            log_likelihood,
            truth=log_proba,
            predicted=log_proba.argmax(axis=1),
            confusion=self.annotator_confusion_.reshape(-1, 2, 2),
            lengths=rows.lengths,
        )

    def _fitted_pairs(self, answers: MultilabelAnnotations) -> Annotations:
        """Return the decisions, by annotators of the fit and labels."""
        position = self._fitted_annotators(answers.decisions)
        decisions = with_annotators(answers.decisions, position, self.annotators_)
        return label_pairs(decisions, len(self.classes_))

    def __sklearn_tags__(self) -> Tags:
        """Return the tags, of a multi-label classifier."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.single_output = False
        return tags
