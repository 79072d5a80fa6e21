"""What classifier and tagger know of annotators who answer with labels."""

from typing import Any

import numpy as np
from sklearn.utils._param_validation import StrOptions

from skcrowd.estimators._class_weight import class_weights
from skcrowd.estimators._going_on import with_rows
from skcrowd.estimators._gold import joined_classes
from skcrowd.estimators._trust import confusion_counts, read_annotator_prior
from skcrowd.training import ClassScores

__all__ = ["LabelCrowd"]


class LabelCrowd:
    """Mixin of the estimators whose annotators have confusion matrices."""

    annotator_confusion_: np.ndarray
    annotator_n_answers_: np.ndarray
    annotator_prior: Any
    class_prior_: np.ndarray
    class_weight: Any
    classes: Any
    classes_: np.ndarray
    net_: Any
    _weight_so_far: float

    _label_constraints: dict = {
        "classes": [None, "array-like"],
        "class_weight": [None, dict, StrOptions({"balanced"})],
    }

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

    def _classes_to_read(self, classes, goes_on):
        """Which labels there are, None for those that occur."""
        if goes_on:
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

    def _output(self, annotations, weight, gold, held_out, is_truth):
        """How to read the scores of the network, with the weights of the classes."""
        learnable = weight * ~held_out
        tokens = getattr(annotations, "tokens", annotations)
        known = tokens.answers_per_item > 0
        if gold is not None:
            known = known | (gold >= 0)
        weights = class_weights(
            self.class_weight,
            tokens.classes,
            tokens,
            learnable * known,
            gold,
            is_truth,
        )
        return ClassScores(len(tokens.classes), weights)

    def _weighted(self, log_proba):
        """Return what is predicted, with the weights of the classes."""
        return self.net_.criterion_.output.weighted(log_proba)

    def _keep_shares(self, truth, weight, adds):
        """Keep the shares of the classes, those of earlier parts among them.

        Parameters
        ----------
        truth : ndarray of shape (n_items, n_classes)
        weight : ndarray of shape (n_items,)
        adds : bool
            Whether earlier parts count too.
        """
        shares, total = np.average(truth, axis=0, weights=weight), weight.sum()
        if adds:
            before = self._weight_so_far
            shares = (before * self.class_prior_ + total * shares) / (before + total)
            total += before
        self.class_prior_, self._weight_so_far = shares, total

    def _known_raters(self, rows):
        confusion, n_answers = self.annotator_confusion_, self.annotator_n_answers_
        crowd = np.average(confusion, axis=0, weights=n_answers)
        known = confusion[np.maximum(rows, 0)]
        return np.where((rows >= 0)[:, None, None], known, crowd)

    def _known_counts(self, tokens, posed):
        if self.annotator_prior is None or posed.is_truth:
            return None
        names = tokens.annotator_names
        accuracy, n = read_annotator_prior(self.annotator_prior, names, 1.0)
        return confusion_counts(accuracy, n, len(tokens.classes))

    def _memory(self):
        if hasattr(self, "_remembered"):
            return self._remembered
        n_answers = self.annotator_n_answers_[:, None, None]
        return n_answers * self.class_prior_[:, None] * self.annotator_confusion_

    def _remember(self, problem, posterior, before):
        """Count the answers of a part by the inferred truth, add those before."""
        counts = problem.counts.soft_counts(posterior, problem.training_weight)
        if before is not None:
            counts += with_rows(before, len(counts))
        self._remembered = counts
