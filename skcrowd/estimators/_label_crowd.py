"""What classifier and tagger know of annotators who answer with labels."""

from typing import Any

import numpy as np

from skcrowd._sklearn_compat import StrOptions
from skcrowd.aggregation._lazy_confusion import ChosenConfusion, matrices_of
from skcrowd.annotations._memory import is_large
from skcrowd.estimators._annotator_prior import confusion_counts, read_annotator_prior
from skcrowd.estimators._class_weight import class_weights, reweighted
from skcrowd.estimators._gold import joined_classes
from skcrowd.estimators._on_request import OnRequest
from skcrowd.estimators._resumption import with_rows
from skcrowd.estimators._snapshot import working_copy
from skcrowd.training import ClassScores

__all__ = ["LabelCrowd"]


class LabelCrowd:
    """Mixin of the estimators whose annotators have confusion matrices."""

    annotator_confusion_ = OnRequest()
    annotator_n_answers_: np.ndarray
    annotator_prior: Any
    class_prior_: np.ndarray
    class_weight: Any
    class_weight_: np.ndarray
    classes: Any
    classes_: np.ndarray
    net_: Any
    _shares_said: np.ndarray
    _weight_so_far: float

    _label_constraints: dict = {
        "classes": [None, "array-like"],
        "class_weight": [None, dict, StrOptions({"balanced"})],
    }

    def _kept_confusions(self):
        """Return the confusions as they are kept, an array or a LazyConfusion."""
        return vars(self)["annotator_confusion_"]

    def __dir__(self):
        """List all names without reading what would be made for it alone."""
        names = super(LabelCrowd, self._without_table()).__dir__()
        kept = {"annotator_confusion_"} & set(vars(self))
        return sorted({*names, *kept})

    def _get_fitted_attr_html(self, *args, **kwargs):
        """List what fit has found, but for what would be made for it alone."""
        shown = self._without_table()
        super_of_twin: Any = super(LabelCrowd, shown)
        return super_of_twin._get_fitted_attr_html(*args, **kwargs)

    def _without_table(self):
        """Return a twin without confusions that are no array yet."""
        twin = working_copy(self)
        if not isinstance(vars(self).get("annotator_confusion_"), np.ndarray):
            vars(twin).pop("annotator_confusion_", None)
        return twin

    def _check_part_classes(self, classes, *, has_own):
        """Raise unless it is known what labels may ever occur."""
        if not hasattr(self, "net_"):
            if classes is None and self.classes is None and not has_own:
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

    def _classes_to_read(self, classes, resumes):
        """Which labels there are, None for those that occur."""
        if resumes:
            if self.classes is not None and set(self.classes) != set(self.classes_):
                raise ValueError(
                    f"classes={np.asarray(self.classes).tolist()} differs from that of "
                    f"the fit to go on from, {self.classes_.tolist()}; set "
                    "warm_start=False to begin anew."
                )
            return self.classes_
        return self.classes if classes is None else classes

    def _joined(self, annotations, known, *, is_fixed):
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
        tokens = getattr(known, "tokens", known)
        seen = np.unique(tokens.answer)
        unknown = np.setdiff1d(known.classes[seen], classes)
        if unknown.size:
            raise ValueError(
                f"gold holds the label {unknown.tolist()[0]!r}, which is none of the "
                f"classes {classes.tolist()}; add it to classes, or mark it as missing."
            )
        place = {label: code for code, label in enumerate(classes.tolist())}
        code = np.array([place.get(label, -1) for label in known.classes.tolist()])
        gold = np.full(tokens.n_items, -1, dtype=np.int64)
        gold[tokens.item] = code[tokens.answer]
        return annotations.with_classes(classes), gold

    def _check_class_weight(self, classes):
        """Raise, before any training, if weights that are given make no sense."""
        if not isinstance(self.class_weight, str):
            class_weights(self.class_weight, classes, None)

    def _output(self, annotations):
        return ClassScores(len(annotations.classes))

    def _weighted(self, log_proba):
        """Return what is predicted, with the weights of the classes."""
        return reweighted(log_proba, self.class_weight_)

    def _set_class_shares(self, context, truth, adds):
        """Keep shares and weights of the classes, earlier parts among them.

        Parameters
        ----------
        context : TrainingContext
        truth : ndarray of shape (n_items, n_classes)
        adds : bool
            Whether earlier parts count too.
        """
        weight = context.sample_weight
        before = self._weight_so_far if adds else 0.0
        self._weight_so_far = before + weight.sum()

        def with_earlier(values, earlier):
            mean = _mean_row(values, weight)
            part = weight.sum() / self._weight_so_far
            return mean if earlier is None else part * mean + (1 - part) * earlier

        self.class_prior_ = with_earlier(truth, self.class_prior_ if adds else None)
        said = None
        if self.class_weight == "balanced":
            earlier = getattr(self, "_shares_said", None) if adds else None
            said = with_earlier(np.exp(context.predict_truth(self.net_)), earlier)
            self._shares_said = said
        self.class_weight_ = class_weights(self.class_weight, self.classes_, said)

    def _known_parameters(self, rows):
        confusion, n_answers = self._kept_confusions(), self.annotator_n_answers_
        if is_large(max(len(rows), len(confusion)), *confusion.shape[1:]):
            share = n_answers / n_answers.sum()
            those = np.flatnonzero(share)
            matrices = zip(share[those], matrices_of(confusion, those), strict=True)
            return ChosenConfusion(confusion, rows, sum(s * m for s, m in matrices))
        crowd = np.average(confusion, axis=0, weights=n_answers)
        known = confusion[np.maximum(rows, 0)]
        return np.where((rows >= 0)[:, None, None], known, crowd)

    def _prior_counts(self, names, checked, *, all_are_here):
        accuracy, n = read_annotator_prior(
            self.annotator_prior, names, 1.0, all_are_here=all_are_here
        )
        return confusion_counts(accuracy, n, len(checked.annotations.classes))

    def _memory(self):
        return self._remembered

    def _remember(self, context, posterior, resumption):
        """Count the answers of a part by the inferred truth, add those before."""
        counts = context.labels.counts.expected_counts(
            posterior, context.training_weight
        )
        if resumption.adds:
            before = with_rows(resumption.previous._memory(), counts.shape[0])
            counts = counts + before
        self._remembered = counts


def _mean_row(values, weight):
    """Average the rows by weight, of a large array without a copy of it."""
    if is_large(*values.shape):
        return weight @ values / weight.sum()
    return np.average(values, axis=0, weights=weight)
