"""Krippendorff's alpha: one minus observed over expected disagreement."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations, check_annotations
from skcrowd.metrics.agreement._interval import AgreementInterval, with_interval
from skcrowd.metrics.agreement._item_counts import check_pairs, count_labels

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, FloatArray, RandomState


__all__ = ["krippendorff_alpha"]

LEVELS = ("nominal", "ordinal", "interval", "ratio")
MOST_VALUES = 5000  # different values whose distances fit a table


def krippendorff_alpha(
    y: AnswersLike,
    *,
    level: str | Callable[[Any, Any], Any] = "nominal",
    classes: Any = None,
    confidence_level: float | None = None,
    n_resamples: int = 1000,
    random_state: RandomState | None = None,
) -> float | AgreementInterval:
    """Krippendorff's alpha, for any level of measurement and any missing answers.

    ``1 - D_o / D_e``: the mean squared distance of two answers to the same item, over
    that of two answers to any items. An item with m answers counts m times, a single
    answer not at all.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, n_annotators)
        Answers in any form that :func:`skcrowd.annotations.check_annotations` reads:
        labels for "nominal" and "ordinal", numbers for "interval" and "ratio".
    level : {"nominal", "ordinal", "interval", "ratio"} or callable, default="nominal"
        The distance of two answers: whether they differ; how many answers lie between
        them; their difference; their difference over their sum. A callable gets two
        arrays of labels (numbers, if `y` is an Annotations of numbers) that broadcast
        against each other, and returns their distances, which are squared.
    classes : array-like of shape (n_classes,), default=None
        The possible labels, for "ordinal" from the lowest to the highest; None for
        those seen, sorted.
    confidence_level : float, default=None
        If given, an interval is returned, too.
    n_resamples : int, default=1000
        Resamples of the items for the interval.
    random_state : int, RandomState instance or None, default=None
        Which items are drawn.

    Returns
    -------
    alpha : float or AgreementInterval
        At most 1; 0 is agreement by chance, below 0 systematic disagreement. NaN where
        all answers are the same. With `confidence_level` a named tuple of ``value``,
        ``low`` and ``high``.

    Raises
    ------
    ValueError
        If `level` is unknown, no item has two answers, or a ratio is of negative
        numbers.

    Notes
    -----
    Time and memory grow with the number of answers. "ratio" and callables need the
    distances of all different values, at most 5000.

    References
    ----------
    Krippendorff, K. (2011). Computing Krippendorff's alpha-reliability. University of
    Pennsylvania. https://repository.upenn.edu/asc_papers/43

    Examples
    --------
    >>> from skcrowd.metrics.agreement import krippendorff_alpha
    >>> y = [[1, 1, None], [2, 2, 3], [3, 3, 3], [3, 3, None], [2, 2, 2]]
    >>> round(krippendorff_alpha(y), 3)
    0.769
    >>> round(krippendorff_alpha(y, level="interval"), 3)
    0.864
    """
    annotations = _read(y, level, classes)
    check_pairs(annotations)
    if level == "interval":
        pairs = _SquaredDifferences(annotations, annotations.answer)
        measure = pairs.alpha
    elif level == "ordinal":
        pairs = _SquaredDifferences(annotations, None)
        measure = pairs.ordinal_alpha
    else:
        measure = _Distances(annotations, level).alpha
    return with_interval(
        measure,
        annotations.n_items,
        int((annotations.answers_per_item > 1).sum()),
        confidence_level,
        n_resamples,
        random_state,
    )


def _read(y: AnswersLike, level: Any, classes: Any) -> Annotations:
    """Read labels or numbers, as the level of measurement asks for."""
    if not callable(level) and level not in LEVELS:
        raise ValueError(
            f"level must be one of {', '.join(map(repr, LEVELS))} or a callable, got "
            f"{level!r}."
        )
    is_numeric = (
        level in ("interval", "ratio")
        if not callable(level)
        else (isinstance(y, Annotations) and y.kind == "numbers")
    )
    annotations = check_annotations(
        y, kind="numbers" if is_numeric else "labels", classes=classes
    )
    if level == "ratio" and (annotations.answer < 0).any():
        raise ValueError(
            f"y holds {annotations.answer.min():g}, but ratios are of numbers that are "
            'not negative; use level="interval".'
        )
    return annotations


class _SquaredDifferences:
    """Alpha where the distance of two answers is the difference of two positions.

    Sums over pairs follow from sums over answers::

        sum over pairs of (a - b)^2 = m sum(a^2) - (sum a)^2

    Parameters
    ----------
    annotations : Annotations
    position : float64 ndarray of shape (n_answers,) or None
        None for labels, whose positions depend on how often each occurs.
    """

    def __init__(self, annotations: Annotations, position: FloatArray | None) -> None:
        self.annotations = annotations
        self.m = annotations.answers_per_item.astype(float)
        self.position = position

    def alpha(self, weight: FloatArray) -> float:
        """Return alpha, with weights of the items."""
        assert self.position is not None
        return self._of_positions(self.position, weight)

    def ordinal_alpha(self, weight: FloatArray) -> float:
        """Return alpha, with labels at the middle of their ranks.

        The distance of labels c < k is the number of answers from c to k, less half of
        those that are c or k: the difference of the mean ranks of c and k.
        """
        a = self.annotations
        own = self._weight(weight)[a.item]
        n_each = np.bincount(a.answer, own, len(a.classes))
        middle = np.cumsum(n_each) - n_each / 2
        return self._of_positions(middle[a.answer], weight)

    def _weight(self, weight: FloatArray) -> FloatArray:
        return weight * (self.m > 1)

    def _of_positions(self, position: FloatArray, weight: FloatArray) -> float:
        a, m, weight = self.annotations, self.m, self._weight(weight)
        n = weight @ m
        if not n:
            return float("nan")
        center = np.average(position, weights=weight[a.item])
        x = position - center  # so that no digits cancel
        total = np.bincount(a.item, x, a.n_items)
        square = np.bincount(a.item, x**2, a.n_items)
        within = weight @ ((m * square - total**2) / np.maximum(m - 1, 1))
        between = n * (weight @ square) - (weight @ total) ** 2
        if not between > 0:
            return float("nan")
        return 1 - (n - 1) * within / between


class _Distances:
    """Alpha where distances are looked up in a table.

    Parameters
    ----------
    annotations : Annotations
    level : {"nominal", "ratio"} or callable
    """

    def __init__(self, annotations: Annotations, level: Any) -> None:
        if annotations.kind == "numbers":
            values, code = np.unique(annotations.answer, return_inverse=True)
            annotations = Annotations(
                annotations.item,
                annotations.annotator,
                code.astype(np.int64),
                annotations.shape,
                np.arange(len(values)),
                annotations.annotator_names,
            )
        else:
            values = annotations.classes
        self.m = annotations.answers_per_item.astype(float)
        self.counts = count_labels(annotations).counts
        self.has_answer = self.m > 0
        self.squares = None if level == "nominal" else _squares(values, level)

    def alpha(self, weight: FloatArray) -> float:
        """Return alpha, with weights of the items."""
        weight = weight * (self.m > 1)
        n = weight @ self.m
        if not n:
            return float("nan")
        m, own = self.m[self.has_answer], weight[self.has_answer]
        share = own / np.maximum(m - 1, 1)
        n_each = own @ self.counts
        if self.squares is None:
            same = np.asarray(self.counts.multiply(self.counts).sum(axis=1)).ravel()
            within = share @ (m**2 - same)
            between = n**2 - n_each @ n_each
        else:
            disagreement = self.counts @ self.squares
            within = (
                share
                @ np.asarray(self.counts.multiply(disagreement).sum(axis=1)).ravel()
            )
            between = n_each @ self.squares @ n_each
        if not between > 0:
            return float("nan")
        return 1 - (n - 1) * within / between


def _squares(values: Any, level: str | Callable[..., Any]) -> FloatArray:
    """Return squared distances of all values, (n_values, n_values)."""
    if len(values) > MOST_VALUES:
        raise ValueError(
            f"y holds {len(values)} different values, but distances of at most "
            f"{MOST_VALUES} can be looked up; round them, or use "
            'level="interval".'
        )
    one, other = values[:, None], values[None, :]
    if level == "ratio":
        total = np.where(one + other == 0, 1, one + other)
        return ((one - other) / total) ** 2
    assert callable(level)
    found = np.asarray(level(one, other), dtype=np.float64)
    if found.shape != (len(values), len(values)) or not np.isfinite(found).all():
        raise ValueError(
            f"level returned an array of shape {found.shape}; it must return a finite "
            f"distance for each of {len(values)} x {len(values)} pairs of values."
        )
    return found**2
