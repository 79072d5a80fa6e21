"""Agreement that one common factor explains, and the test for more."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import betainc

from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON, LEAST_VARIETY, N_BLOCKS

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.aggregation._dependence_pairs import Pairs

__all__ = [
    "GroupTest",
    "excess_without_own",
    "explained_of",
    "first_loadings",
    "fit_loadings",
    "jackknife",
]

N_SWEEPS = 20  # of least squares, from the mean
N_SWEEPS_AGAIN = 6  # from the loadings of all blocks
MOST_EXPLAINED = 0.99
RIDGE = 0.1  # in common items; keeps loadings without data where they are


def first_loadings(pairs: Pairs, used: BoolArray | None = None) -> FloatArray:
    """Fit the loadings to some pairs, all by default."""
    used = np.ones(pairs.first.size, dtype=bool) if used is None else used
    some = np.count_nonzero(used)
    mean = np.average(pairs.kappa[used], weights=pairs.n_common[used]) if some else 0
    start = np.full(pairs.n_annotators, np.sqrt(np.clip(mean, 0.1, 1.0)))
    return fit_loadings(pairs, pairs.kappa, pairs.n_common, used, start, N_SWEEPS)


def fit_loadings(
    pairs: Pairs,
    kappa: FloatArray,
    n_common: FloatArray,
    used: BoolArray,
    loading: FloatArray,
    n_sweeps: int,
) -> FloatArray:
    """Fit kappa_rs = loading_r * loading_s to some pairs, weighted by common items."""
    first, second = pairs.first[used], pairs.second[used]
    ends, others = np.concatenate([first, second]), np.concatenate([second, first])
    weight = np.concatenate([n_common[used]] * 2)
    target = weight * np.concatenate([kappa[used]] * 2)
    for _ in range(n_sweeps):
        other = loading[others]
        square = np.bincount(ends, weight * other**2, loading.size) + RIDGE
        cross = np.bincount(ends, target * other, loading.size) + RIDGE * loading
        loading = (loading + np.minimum(np.maximum(cross / square, -1.0), 1.0)) / 2
    return loading


def explained_of(
    loading: FloatArray,
    first: IntArray,
    second: IntArray,
    most: float = MOST_EXPLAINED,
) -> FloatArray:
    """Kappa of pairs that their loadings explain, up to a limit."""
    return np.clip(loading[first] * loading[second], 0.0, most)


class GroupTest(NamedTuple):
    """Test of the agreement inside a group, whose pairs no loading is fitted to.

    Attributes
    ----------
    positions : int64 ndarray of shape (n_inside,)
        Of the pairs.
    excess : ndarray of shape (n_inside,)
    p_value : float
        Of the group, for a single test.
    """

    positions: IntArray
    excess: FloatArray
    p_value: float

    @classmethod
    def of(
        cls,
        pairs: Pairs,
        positions: IntArray,
        used: BoolArray,
        start: FloatArray,
        min_excess: float,
        level: float,
    ) -> GroupTest:
        """Compare the kappas of some pairs with those explained by `used` pairs.

        The excess is tested against `min_excess`, from which on annotators count as
        dependent: the mean of kappa - kappa_0 is compared with 0, where

            kappa_0 = explained + min_excess * (1 - explained)

        is the greatest kappa under this hypothesis; of ratings at least 0.1 more than
        explained, as `pairs.least_more` has it. The variances of both means are
        estimated by a jackknife over blocks of items; that of kappa is at least the
        one of independent binomial shares, as equal answers to all items would have no
        variance at all. The p value is 1 where the weakest member has no such excess,
        or sampling alone makes it larger than `level`: jackknives are slow.
        """
        first, second = pairs.first[positions], pairs.second[positions]
        kappa, n_common = pairs.kappa, pairs.n_common
        loading = fit_loadings(pairs, kappa, n_common, used, start, N_SWEEPS)
        explained = explained_of(loading, first, second)
        observed = kappa[positions]
        excess = (observed - explained) / (1 - explained)
        explained = explained_of(loading, first, second, 1.0)
        kappa_0 = explained + min_excess * (1 - explained)
        if pairs.least_more:
            kappa_0 = np.maximum(kappa_0, np.minimum(explained + pairs.least_more, 1))
        difference = float(np.mean(observed - kappa_0))
        if difference <= 0 or weakest_of(pairs, positions, excess) <= min_excess:
            return cls(positions, excess, 1.0)
        varied = 1 - pairs.chance[positions]
        share_0 = float(np.mean(1 - varied * (1 - kappa_0)))
        share = float(np.mean(1 - varied * (1 - observed)))
        scale = float(varied.mean()) ** 2
        sampling = float(sampling_variance(pairs, kappa_0, positions).mean())
        least = sampling / len(positions)
        if binomial_tail(share, share_0, least * scale) > level:
            return cls(positions, excess, 1.0)  # other variances only add to it
        of_kappa, of_explained = jackknife(pairs, positions, used, loading)
        variance = max(of_kappa, least)
        variance += (1 - min_excess) ** 2 * of_explained
        variance += misfit_variance(pairs, np.flatnonzero(used), loading)
        p_value = binomial_tail(share, share_0, variance * scale)
        return cls(positions, excess, p_value)


def weakest_of(pairs: Pairs, positions: IntArray, excess: FloatArray) -> float:
    """Return the least excess of an annotator, the median over its pairs."""
    first, second = pairs.first[positions], pairs.second[positions]
    members = np.unique([first, second])
    own = (
        excess[(first == annotator) | (second == annotator)] for annotator in members
    )
    return min(float(np.median(values)) for values in own)


def binomial_tail(share: float, share_0: float, variance: float) -> float:
    """P(at least this share of n trials) with n = share_0 * (1 - share_0) / variance.

    A binomial tail of as many trials as have this variance, as the normal one is far
    too wide above a share near 1.
    """
    n = share_0 * (1 - share_0) / variance
    return float(betainc(n * share, n * (1 - share) + 1, share_0))


def sampling_variance(
    pairs: Pairs, kappa: FloatArray, positions: IntArray
) -> FloatArray:
    """Variance of the kappas of some pairs if they are binomial shares."""
    chance = pairs.chance[positions]
    share = np.clip(chance + (1 - chance) * kappa, 0.0, 1.0)
    scale = np.maximum(1 - chance, LEAST_VARIETY)
    variance: FloatArray = share * (1 - share) / pairs.n_common[positions] / scale**2
    return variance


def misfit_variance(pairs: Pairs, positions: IntArray, loading: FloatArray) -> float:
    """Variance of the difference of kappas and one factor beyond that of sampling.

    Abilities that matter on hard items only, or confusions that some annotators share,
    make one factor an approximation. How good it is shows in the pairs outside a group.
    """
    positions = positions[pairs.n_common[positions] >= FEWEST_COMMON]
    if not positions.size:
        return 0.0
    # Negative where one of the two is worse than chance.
    explained = loading[pairs.first[positions]] * loading[pairs.second[positions]]
    explained = np.clip(explained, -MOST_EXPLAINED, MOST_EXPLAINED)
    square = (pairs.kappa[positions] - explained) ** 2
    square = np.minimum(square, 9 * np.median(square))  # of groups not found yet
    degrees = max(positions.size - np.unique(pairs.first[positions]).size, 1)
    mean = square.sum() / degrees
    sampling = sampling_variance(pairs, explained, positions).mean()
    return max(0.0, float(mean - sampling))


def jackknife(
    pairs: Pairs, positions: IntArray, used: BoolArray, loading: FloatArray
) -> tuple[float, float]:
    """Variances of the mean kappa of some pairs, and of the mean explained one."""
    first, second = pairs.first[positions], pairs.second[positions]
    without = np.empty((2, N_BLOCKS))
    for block in range(N_BLOCKS):
        kappa, n_common = pairs.without_block(block)
        again = fit_loadings(pairs, kappa, n_common, used, loading, N_SWEEPS_AGAIN)
        without[0, block] = kappa[positions].mean()
        without[1, block] = explained_of(again, first, second, 1.0).mean()
    of_kappa, of_explained = (N_BLOCKS - 1) * without.var(axis=1)
    return float(of_kappa), float(of_explained)


def excess_without_own(
    pairs: Pairs, used: BoolArray, loading: FloatArray
) -> FloatArray:
    """Excess of each pair, with loadings to whose last sweep it adds nothing."""
    first, second, kappa = pairs.first, pairs.second, pairs.kappa
    weight = np.where(used, pairs.n_common, 0.0)
    ends, others = np.r_[first, second], np.r_[second, first]
    other, weights = loading[others], np.tile(weight, 2)
    squares, crosses = weights * other**2, weights * np.tile(kappa, 2) * other
    square = np.bincount(ends, squares, loading.size)[ends] - squares + RIDGE
    cross = np.bincount(ends, crosses, loading.size)[ends] - crosses
    own = np.clip((cross + RIDGE * loading[ends]) / square, -1.0, 1.0)
    of_first, of_second = np.split(own, 2)
    explained = np.clip(of_first * of_second, 0.0, MOST_EXPLAINED)
    excess: FloatArray = (kappa - explained) / (1 - explained)
    return excess
