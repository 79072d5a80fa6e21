"""Correlation of the ratings of every two annotators."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from skcrowd.aggregation._dependence_pairs import (
    FEWEST_COMMON,
    N_BLOCKS,
    Meetings,
    Surplus,
    in_blocks,
    pairs_within,
)

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["RatingPairs", "as_values", "standardised"]

PRIOR_ITEMS = 5  # with the variance of all ratings, of that in the common items
LEAST_SPREAD = 1e-9  # of one annotator's ratings, as a share of that of all


@dataclass(frozen=True)
class RatingPairs:
    """Pairs of annotators with common items, and their agreement by block of items.

    What kappa is to labels is to ratings the mean product of two of them to an item,
    each standardised by all ratings of its annotator, over their spread in the common
    items. Where both are a linear function of the truth and noise of their own it is
    the product of two correlations with the truth: one loading for each annotator
    explains it, too (Spearman 1904).

    Parameters
    ----------
    n_annotators : int
    first, second : int64 ndarray of shape (n_pairs,)
        The annotators of each pair; ``first < second``.
    n_common : ndarray of shape (n_pairs,)
        Common items.
    moments : ndarray of shape (n_pairs, 3)
        Sums of the products, and of the squares of either.
    is_varied : bool ndarray of shape (n_pairs,)
        Whether the ratings of both differ.
    block_pair, block_moments : list of ndarray
        Of each block of items: the pair of every two ratings, and their moments.
    """

    n_annotators: int
    first: IntArray
    second: IntArray
    n_common: FloatArray
    moments: FloatArray
    is_varied: BoolArray
    block_pair: list[IntArray]
    block_moments: list[FloatArray]
    # Of groups above the explained one. Annotators who never err round alike, which on
    # a scale of five steps is a correlation of 0.08.
    least_more: ClassVar[float] = 0.1

    @classmethod
    def of(cls, annotations: Annotations) -> RatingPairs:
        """Compare all ratings of the same items."""
        met, annotator = Meetings.of(annotations), annotations.annotator
        n_pairs = met.first.size
        standard, differs = standardised(annotations)
        is_first = annotator[met.left] == met.first[met.pair]
        left, right = standard[met.left], standard[met.right]
        first, second = np.where(is_first, (left, right), (right, left))
        moments = np.stack([first * second, first**2, second**2], axis=1)
        block = annotations.item[met.left] % N_BLOCKS
        return cls(
            annotations.n_annotators,
            met.first,
            met.second,
            np.bincount(met.pair, minlength=n_pairs).astype(np.float64),
            _sums(met.pair, moments, n_pairs),
            differs[met.first] & differs[met.second],
            *in_blocks(block, met.pair, moments),
        )

    @property
    def kappa(self) -> FloatArray:
        """Correlation, shape (n_pairs,)."""
        return _correlation(self.moments, self.n_common)

    @property
    def chance(self) -> FloatArray:
        """Correlation of independent ratings: none, shape (n_pairs,)."""
        return np.zeros(len(self.first))

    def without_block(self, block: int) -> tuple[FloatArray, FloatArray]:
        """Correlation and number of common items without a block of items."""
        pair, of_block = self.block_pair[block], self.block_moments[block]
        n_common = self.n_common - np.bincount(pair, minlength=self.first.size)
        moments = self.moments - _sums(pair, of_block, self.first.size)
        return _correlation(moments, n_common), n_common

    def within(self, members: IntArray) -> IntArray:
        """Positions of the pairs inside a group."""
        return pairs_within(self, members)

    def surplus(self, chosen: BoolArray) -> Surplus:
        """Return the products above those of independent ratings, of some pairs.

        Their variance is 1 for each two ratings, and the fourth moment that of products
        of normal variables.
        """
        chosen = chosen & self.is_varied
        n = self.n_common[chosen]
        return Surplus(self.moments[chosen, 0], n, n, 2 + 6 / n)


def _sums(pair: IntArray, moments: FloatArray, n_pairs: int) -> FloatArray:
    """Sum the moments of each pair, (n_pairs, 3)."""
    sums = [np.bincount(pair, column, n_pairs) for column in moments.T]
    return np.stack(sums, axis=1).astype(np.float64)


def _correlation(moments: FloatArray, n_common: FloatArray) -> FloatArray:
    """Return correlations, their variances shrunk to 1 where there are few items."""
    n = n_common[:, None]
    variance = (moments[:, 1:] + PRIOR_ITEMS) / (n + PRIOR_ITEMS)
    mean = moments[:, 0] / np.maximum(n_common, 1)
    correlation: FloatArray = np.clip(mean / np.sqrt(variance.prod(axis=1)), -1.0, 1.0)
    return correlation


def as_values(annotations: Annotations) -> Annotations:
    """Return ratings as labels, each value a class: copies are equal to the decimal."""
    values, code = np.unique(annotations.answer, return_inverse=True)
    return replace(annotations, answer=code.ravel(), classes=values)


def standardised(annotations: Annotations) -> tuple[FloatArray, BoolArray]:
    """Return ratings less the mean of their annotator, by its standard deviation.

    Returns
    -------
    standard : ndarray of shape (n_answers,)
        0 where all ratings of the annotator are alike.
    differs : bool ndarray of shape (n_annotators,)
        Whether they are not, and enough of them.
    """
    annotator, n_annotators = annotations.annotator, annotations.n_annotators
    n = np.maximum(annotations.answers_per_annotator, 1)
    center = float(np.mean(annotations.answer))
    size = float(np.std(annotations.answer)) or 1.0
    rating = (annotations.answer - center) / size
    rating = rating - (np.bincount(annotator, rating, n_annotators) / n)[annotator]
    std = np.sqrt(np.bincount(annotator, rating**2, n_annotators) / n)
    differs = (std > LEAST_SPREAD) & (n >= FEWEST_COMMON)
    scale = np.where(std > LEAST_SPREAD, std, 1.0)
    return np.where(std > LEAST_SPREAD, 1.0, 0.0)[annotator] * rating / scale[
        annotator
    ], differs
