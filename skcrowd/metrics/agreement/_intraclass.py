"""Intraclass correlation of ratings, also where some are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import check_annotations
from skcrowd.metrics.agreement._interval import AgreementInterval, with_interval
from skcrowd.metrics.agreement._item_counts import check_pairs

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, FloatArray, RandomState
    from skcrowd.annotations import Annotations


__all__ = ["intraclass_correlation"]

FORMS = ("one-way", "agreement", "consistency")


def intraclass_correlation(
    y: AnswersLike,
    *,
    form: str = "agreement",
    n_averaged: int = 1,
    confidence_level: float | None = None,
    n_resamples: int = 1000,
    random_state: RandomState | None = None,
) -> float | AgreementInterval:
    """Intraclass correlation: the share of the variance of ratings due to the items.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, n_annotators)
        Numbers in any form that :func:`skcrowd.annotations.check_annotations` reads.
    form : {"one-way", "agreement", "consistency"}, default="agreement"
        Shrout and Fleiss' ICC(1), ICC(2) and ICC(3). "one-way": who rated does not
        matter. "agreement": annotators differ in level, which counts as disagreement.
        "consistency": it does not.
    n_averaged : int, default=1
        Reliability of the mean of so many ratings of an item, ICC(., k).
    confidence_level : float, default=None
        If given, an interval is returned, too.
    n_resamples : int, default=1000
        Resamples of the items for the interval.
    random_state : int, RandomState instance or None, default=None
        Which items are drawn.

    Returns
    -------
    icc : float or AgreementInterval
        At most 1. NaN where it is not determined: all ratings are the same, or, but
        for "one-way", no annotator rated two items.

    Raises
    ------
    ValueError
        If `form` is unknown, `n_averaged` below 1, or no item has two ratings.

    Notes
    -----
    The components of variance are found from three kinds of pairs of ratings: of the
    same item by two annotators, of two items by the same annotator, of two items by two
    annotators. With the variances of items, annotators and errors v_i, v_a and v_e half
    of the mean squared difference is v_a + v_e, v_i + v_e and v_i + v_a + v_e. Where
    nothing is missing that is the analysis of variance of Shrout and Fleiss; missing
    ratings need nothing else.

    References
    ----------
    Shrout, P. E., Fleiss, J. L. (1979). Intraclass correlations: uses in assessing
    rater reliability. Psychological Bulletin 86(2), 420-428.
    DOI 10.1037/0033-2909.86.2.420

    Examples
    --------
    >>> from skcrowd.metrics.agreement import intraclass_correlation
    >>> y = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9],
    ...      [6, 2, 4, 7]]
    >>> [round(intraclass_correlation(y, form=form), 2)
    ...  for form in ("one-way", "agreement", "consistency")]
    [0.17, 0.29, 0.71]
    """
    if form not in FORMS:
        raise ValueError(
            f"form must be one of {', '.join(map(repr, FORMS))}, got {form!r}."
        )
    if n_averaged < 1:
        raise ValueError(f"n_averaged must be at least 1, got {n_averaged!r}.")
    annotations = check_annotations(y, kind="numbers")
    check_pairs(annotations)
    x = annotations.answer - annotations.answer.mean()  # so that no digits cancel

    def measure(weight: FloatArray) -> float:
        return _correlation(_sorts_of_pairs(annotations, x, weight), form, n_averaged)

    return with_interval(
        measure,
        annotations.n_items,
        int((annotations.answers_per_item > 1).sum()),
        confidence_level,
        n_resamples,
        random_state,
    )


class _Pairs:
    """Pairs of ratings of one kind: how many, and their summed squared differences.

    Parameters
    ----------
    n : float
    squares : float
    """

    def __init__(self, n: Any, squares: Any) -> None:
        self.n, self.squares = float(n), float(squares)

    def __sub__(self, other: _Pairs) -> _Pairs:
        return _Pairs(self.n - other.n, self.squares - other.squares)

    @property
    def half_square(self) -> float:
        """Half of the mean squared difference; NaN where there is no pair."""
        return self.squares / (2 * self.n) if self.n > 0.25 else float("nan")


def _sorts_of_pairs(
    annotations: Annotations, x: FloatArray, weight: FloatArray
) -> tuple[_Pairs, _Pairs, _Pairs]:
    """Sort pairs of ratings by what they have in common.

    Sums over pairs follow from sums over ratings::

        sum over i < j of w_i w_j (a_i - a_j)^2 = sum(w) sum(w a^2) - sum(w a)^2

    Parameters
    ----------
    annotations : Annotations
    x : ndarray of shape (n_answers,)
        The ratings.
    weight : ndarray of shape (n_items,)
        A pair of ratings of two items weighs the product of theirs.

    Returns
    -------
    same_item, same_annotator, two_items : _Pairs
        The last are all pairs of ratings of two items, those of one annotator too.
    """
    a, own = annotations, weight[annotations.item]

    def of_items(values: Any) -> FloatArray:
        return np.asarray(np.bincount(a.item, values, a.n_items), dtype=np.float64)

    def of_annotators(values: Any) -> FloatArray:
        total = np.bincount(a.annotator, values, a.n_annotators)
        return np.asarray(total, dtype=np.float64)

    m, total, square = of_items(np.ones_like(x)), of_items(x), of_items(x**2)
    within = m * square - total**2
    same_item = _Pairs(weight @ (m * (m - 1)) / 2, weight @ within)
    n, n_self = of_annotators(own), of_annotators(own**2)
    same_annotator = _Pairs(
        (n**2 - n_self).sum() / 2,
        (n * of_annotators(own * x**2) - of_annotators(own * x) ** 2).sum(),
    )
    two_items = _Pairs(
        ((weight @ m) ** 2 - weight**2 @ m**2) / 2,
        (weight @ m) * (weight @ square) - (weight @ total) ** 2 - weight**2 @ within,
    )
    return same_item, same_annotator, two_items


def _correlation(
    pairs: tuple[_Pairs, _Pairs, _Pairs], form: str, n_averaged: int
) -> float:
    """Return the intraclass correlation from the components of variance."""
    same_item, same_annotator, two_items = pairs
    within = same_item.half_square
    if form == "one-way":
        of_items, noise = two_items.half_square - within, within
    else:
        unrelated = (two_items - same_annotator).half_square
        of_items = unrelated - within  # v_i
        of_annotators = unrelated - same_annotator.half_square  # v_a
        noise = within if form == "agreement" else within - of_annotators
    total = of_items + noise / n_averaged
    return of_items / total if total > 0 else float("nan")
