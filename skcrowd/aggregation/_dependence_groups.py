"""Search for groups of annotators who err together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import gammaln

from skcrowd.aggregation._dependence_clusters import find_clusters
from skcrowd.aggregation._dependence_factor import (
    N_SWEEPS,
    GroupTest,
    excess_without_own,
    first_loadings,
    fit_loadings,
)
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.aggregation._dependence_pairs import Pairs

__all__ = ["Search", "find_groups"]

FEWEST_OUTSIDE = 3  # annotators, groups counting once, to identify the loadings
LARGE = 0.25  # share of the crowd above which few are left to explain the agreement
LARGE_EXCESS = 0.4  # that a large group has to exceed


class Search(NamedTuple):
    """Result of :func:`find_groups`.

    Attributes
    ----------
    groups : list of int64 ndarray
        Members of every group, in the order found.
    p_value : list of float
        Of every group, adjusted for the number of pairs.
    excess : ndarray of shape (n_pairs,)
        NaN where it could not be tested.
    """

    groups: list[IntArray]
    p_value: list[float]
    excess: FloatArray


class Candidate(NamedTuple):
    """A cluster of annotators; the excess is that of the weakest member."""

    members: IntArray
    test: GroupTest
    excess: float
    p_value: float  # adjusted for the number of groups of this size


def find_groups(
    pairs: Pairs,
    min_excess: float,
    level: float,
    clusters: list[IntArray] | None = None,
) -> Search:
    """Test clusters of similar annotators, and find those with an excess agreement.

    Pairs inside a cluster take no part in what explains their agreement, and pairs
    inside a group that was found in none of the later fits, so that common errors
    can't pass for the truth.

    Parameters
    ----------
    pairs : Pairs
    min_excess : float
        Excess agreement that a group has to exceed.
    level : float
        Familywise probability of a false alarm.
    clusters : list of int64 ndarray, default=None
        The candidates; None takes all nodes of the dendrogram.
    """
    testable = (pairs.n_common >= FEWEST_COMMON) & pairs.is_varied
    used = np.ones(pairs.first.size, dtype=bool)
    unit = np.arange(pairs.n_annotators)  # a group's members share one
    groups, p_value = [], []
    excess = np.full(pairs.first.size, np.nan)
    start = first_loadings(pairs)
    if clusters is None:
        clusters = find_clusters(pairs, testable)
    while True:
        tested = test_clusters(pairs, clusters, testable, used, unit, start, min_excess)
        tested = [c for c in tested if c.p_value <= level]
        if not tested:
            break
        found = min(tested, key=lambda c: (c.p_value, -c.excess))
        groups.append(found.members)
        p_value.append(found.p_value)
        excess[found.test.positions] = found.test.excess
        used[found.test.positions] = False
        unit[found.members] = found.members[0]
        # Of those with evidence, some owe it to the errors of the group just found.
        clusters = [c.members for c in tested if unit_is_own(c.members, unit)]
    set_rest(pairs, testable, used, unit, start, excess)
    return Search(groups, p_value, excess)


def unit_is_own(members: IntArray, unit: IntArray) -> bool:
    """Whether none of the annotators is in a group that was found."""
    return bool((np.bincount(unit)[unit[members]] == 1).all())


def test_clusters(
    pairs: Pairs,
    clusters: list[IntArray],
    testable: BoolArray,
    used: BoolArray,
    unit: IntArray,
    start: FloatArray,
    min_excess: float,
) -> list[Candidate]:
    """Test the clusters that are testable given the rest of the crowd."""
    candidates = []
    for members in clusters:
        if np.unique(np.delete(unit, members)).size < FEWEST_OUTSIDE:
            continue
        inside = pairs.within(members)
        outside = used.copy()
        outside[inside] = False
        inside = inside[testable[inside]]
        is_large = members.size > 2 and members.size > LARGE * pairs.n_annotators
        least = max(min_excess, LARGE_EXCESS) if is_large else min_excess
        test = GroupTest.of(pairs, inside, outside, start, least)
        weakest = weakest_excess(pairs, members, test)
        if weakest > least and test.p_value < 1:
            n_testable = int(testable.sum())
            log_n = log_n_groups(n_testable, pairs.n_annotators, members.size)
            p_value = float(np.exp(min(0.0, np.log(test.p_value + 1e-300) + log_n)))
            candidates.append(Candidate(members, test, weakest, p_value))
    return candidates


def weakest_excess(pairs: Pairs, members: IntArray, test: GroupTest) -> float:
    """Least excess of a member, the median over its pairs; -inf if it has no pair."""
    first, second = pairs.first[test.positions], pairs.second[test.positions]
    own = [test.excess[(first == who) | (second == who)] for who in members]
    return min(float(np.median(excess)) if excess.size else -np.inf for excess in own)


def log_n_groups(n_testable: int, n_annotators: int, size: int) -> float:
    """Logarithm of the number of groups of a size, for Bonferroni's bound.

    If all pairs are testable these are all subsets of the annotators, the clusters
    being chosen among them by the same answers.
    """
    more, size_more = n_annotators - 2, size - 2
    log_choose = (
        gammaln(more + 1) - gammaln(size_more + 1) - gammaln(more - size_more + 1)
    )
    return float(np.log(2 * n_testable / (size * (size - 1))) + log_choose)


def set_rest(
    pairs: Pairs,
    testable: BoolArray,
    used: BoolArray,
    unit: IntArray,
    start: FloatArray,
    excess: FloatArray,
) -> None:
    """Set the excess of testable pairs in no group."""
    if np.unique(unit).size < FEWEST_OUTSIDE + 2:
        return
    kappa, n_common = pairs.kappa, pairs.n_common
    loading = fit_loadings(pairs, kappa, n_common, used, start, N_SWEEPS)
    rest = testable & used
    excess[rest] = excess_without_own(pairs, used, loading)[rest]
