"""Accuracy of predicted labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._answer_evidence import refuse_evidence
from skcrowd.aggregation._given import given_array, given_proba
from skcrowd.annotations import check_annotations
from skcrowd.annotations._encoding import encode
from skcrowd.annotations._gold import in_type_of
from skcrowd.annotations._lookup import positions
from skcrowd.annotations._value_types import equal_mask, missing_mask
from skcrowd.metrics._evaluate_gold import powered_estimate, wilson_interval
from skcrowd.metrics._evaluate_groups import merge_groups
from skcrowd.metrics._evaluate_notes import label_notes
from skcrowd.metrics._evaluate_truth import sample_truth

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, FloatArray, IntArray
    from skcrowd.annotations import Annotations

    from ._evaluate_gold import PoweredEstimate


__all__ = ["LabelTask"]

PSEUDO_COUNT = 0.5  # of right and wrong predictions (Jeffreys)


class LabelTask:
    """Accuracy of one model, or the difference of two, on labelled items.

    Parameters
    ----------
    y : annotations of shape (n_items, n_annotators)
    predictions : list of array-like of shape (n_items,) or (n_items, n_classes)
        Labels or probabilities of one or two models.
    classes : array-like of shape (n_classes,) or None
    annotator_groups : mapping, array-like or None
    """

    measure = "accuracy"

    def __init__(
        self,
        y: AnswersLike,
        predictions: list[Array | list[int | str | None]],
        classes: Any,
        annotator_groups: list[int] | None,
    ) -> None:
        annotations = check_annotations(y, classes=classes)
        refuse_evidence(annotations, "evaluate", has_others=False)
        labels = [_labels(given, annotations) for given in predictions]
        annotations = _with_all_classes(annotations, labels)
        codes = [positions(values, annotations.classes) for values in labels]
        if annotator_groups is not None:
            annotations = merge_groups(annotations, annotator_groups)
        self.annotations = annotations
        self.classes = annotations.classes
        self.n_units = annotations.n_items
        self._first, self._second = codes[0], codes[-1]
        self._is_difference = len(codes) > 1

    def sample(self, n_draws: int, rng: np.random.RandomState) -> FloatArray:
        """Draw from the posterior given the answers alone.

        Returns
        -------
        draws : ndarray of shape (n_draws,)
        """
        sampled = sample_truth(
            self.annotations,
            self._first,
            self._second,
            self._draw_statistic,
            n_draws=n_draws,
            rng=rng,
        )
        row = np.arange(self.n_units)
        self.surrogate = sampled.posterior[row, self._first]
        if self._is_difference:
            self.surrogate = self.surrogate - sampled.posterior[row, self._second]
        self._confused = sampled.confused
        return sampled.draws

    def notes(self) -> list[Any]:
        """Return why the answers alone are not reliable, a list of str."""
        return label_notes(self.annotations, self._confused)

    def powered(
        self, rows: IntArray, values: Any, level: float
    ) -> tuple[PoweredEstimate, tuple[float, float], FloatArray]:
        """Estimate with gold labels; see :func:`powered_estimate`.

        Parameters
        ----------
        rows : int64 ndarray of shape (n_gold,)
        values : ndarray of shape (n_gold,)
            Their truth.
        level : float

        Returns
        -------
        estimate : PoweredEstimate
        interval : tuple of float
        difference : ndarray of shape (n_gold,)
            Gold less surrogate.
        """
        truth = positions(np.asarray(values), self.annotations.classes)
        value = (truth == self._first[rows]).astype(float)
        if self._is_difference:
            value -= truth == self._second[rows]
        is_gold = np.zeros(self.n_units, dtype=bool)
        is_gold[rows] = True
        pseudo_sum = 2 * PSEUDO_COUNT if self._is_difference else 0.0
        estimate = powered_estimate(
            value.mean(), value, self.surrogate, is_gold, pseudo_sum=pseudo_sum
        )
        if self._is_difference:
            low, high = estimate.interval(level)
            interval = max(low, -1.0), min(high, 1.0)
        else:
            interval = wilson_interval(estimate, rows.size, level)
        return estimate, interval, value - self.surrogate[rows]

    def _draw_statistic(self, truth: IntArray, rng: np.random.RandomState) -> float:
        """Accuracy in the population, given the truth of the items.

        A Dirichlet draw over the outcomes adds what another sample of items would
        change.
        """
        first, second = truth == self._first, truth == self._second
        if not self._is_difference:
            n_right = np.count_nonzero(first)
            n_wrong = first.size - n_right
            return rng.beta(n_right + PSEUDO_COUNT, n_wrong + PSEUDO_COUNT)
        counts = np.bincount(2 * first + second, minlength=4)
        share = rng.dirichlet(counts + PSEUDO_COUNT)
        return share[2] - share[1]


def _labels(given: Any, annotations: Annotations) -> Array:
    """Read labels, or the most probable class of each row."""
    values = np.asarray(given)
    if values.ndim == 2:
        return _most_probable(given, annotations)
    if values.shape != (annotations.n_items,):
        raise ValueError(
            f"y_pred has shape {values.shape}, but y has {annotations.n_items} items; "
            "give one label, or one row of probabilities, for each."
        )
    is_missing = missing_mask(values)
    if annotations.classes.dtype.kind == "i" and -1 not in annotations.classes:
        is_missing |= equal_mask(values, -1)
    missing = np.flatnonzero(is_missing)
    if missing.size:
        raise ValueError(
            f"y_pred holds no prediction at row {missing[0]} ({missing.size} such "
            "rows); leave these items out of y_pred and y. If -1 is a class, name it "
            "in classes=."
        )
    codes, classes = encode(values, "labels", None, lambda k: f"row {k}", "y_pred")
    assert classes is not None
    return in_type_of(annotations.classes, classes, "y_pred")[codes]


def _most_probable(given: Any, annotations: Annotations) -> Array:
    n_items, classes = annotations.n_items, annotations.classes
    shape = n_items, len(classes)
    if np.shape(given) != shape:
        raise ValueError(
            f"y_pred has shape {np.shape(given)}, but y has {n_items} items and "
            f"{len(classes)} classes; give a column for each class, and name them all "
            "in classes= if some are never answered."
        )
    if not np.isfinite(given_array(given, "y_pred")).all():
        raise ValueError("y_pred holds a probability that is NaN or infinite.")
    return classes[given_proba(given, *shape, classes, "y_pred").argmax(axis=1)]


def _with_all_classes(annotations: Annotations, labels: list[Array]) -> Annotations:
    """Add the classes that are predicted but never answered."""
    known = annotations.classes
    predicted = np.concatenate(labels)
    extra = np.unique(predicted[positions(predicted, known) < 0])
    if not extra.size:
        return annotations
    return annotations.with_classes(np.concatenate([known, extra]))
