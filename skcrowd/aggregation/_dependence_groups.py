"""Search for groups of annotators who err together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.special import gammaln

from skcrowd.aggregation._dependence_clusters import find_clusters
from skcrowd.aggregation._dependence_factor import (
    N_SWEEPS,
    GroupTest,
    excess_without_own,
    first_loadings,
    fit_loadings,
    weakest_of,
)
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.aggregation._dependence_errors import ErrorEvidence
    from skcrowd.aggregation._dependence_pairs import Pairs

__all__ = ["Search", "find_groups", "mean_excess", "number_groups"]

FEWEST_OUTSIDE = 3  # annotators, groups counting once, to identify the loadings
LARGE = 0.25  # share of the crowd above which few are left to explain the agreement
LARGE_EXCESS = 0.4  # that a large group has to exceed
COPIED = 0.97  # agreement of copies beyond chance
# Evidence of the errors of a group, in standard errors: of one that is rather right, as
# a large group needs it, if it agrees on most items, and if it does on nearly all.
RIGHT, CERTAIN, LIKELY = -1.0, 3.0, 1.0
UNKNOWN = 1.0  # where others show nothing
TOGETHER = 1.0  # of common errors, enough for any group


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
    start: FloatArray | None = None,
    errors: ErrorEvidence | None = None,
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
    start : ndarray of shape (n_annotators,), default=None
        Loadings to begin with; those of all pairs by default.
    errors : ErrorEvidence, default=None
        Annotators who show whether a group errs; those who are
        rather right are none, unless their errors are common ones.
    """
    excess = np.full(pairs.first.size, np.nan)
    if clusters is not None and not clusters:
        return Search([], [], excess)
    testable = (pairs.n_common >= FEWEST_COMMON) & pairs.is_varied
    used = np.ones(pairs.first.size, dtype=bool)
    unit = np.arange(pairs.n_annotators)  # a group's members share one
    groups, p_value = [], []
    start = first_loadings(pairs) if start is None else start
    if clusters is None:
        clusters = find_clusters(pairs, testable)
    while True:
        state = clusters, testable, used, unit, start, min_excess, level, errors
        tested = test_clusters(pairs, *state)
        tested = [c for c in tested if c.p_value <= level]
        tested = [c for c in tested if may_err(errors, c.members, unit, RIGHT)]
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


def number_groups(groups: list[IntArray], n_annotators: int) -> IntArray:
    """Return the number of the group of every annotator, -1 for those in none.

    Groups with common members are one.
    """
    group = np.full(n_annotators, -1)
    if not groups:
        return group
    members = np.concatenate(groups)
    anchor = np.repeat([m[0] for m in groups], [len(m) for m in groups])
    graph = coo_array((np.ones(len(members)), (members, anchor)), (n_annotators,) * 2)
    label = connected_components(graph, directed=False)[1]
    is_member = np.bincount(members, minlength=n_annotators) > 0
    group[is_member] = np.unique(label[is_member], return_inverse=True)[1].ravel()
    return group


def mean_excess(pairs: Any, group: IntArray, excess: FloatArray) -> FloatArray:
    """Return the mean excess of the pairs in every group, from 0 to 1, (n_groups,).

    Parameters
    ----------
    pairs : object
        With the annotators `first` and `second` of each pair.
    group : int64 ndarray of shape (n_annotators,)
        -1 for annotators in none.
    excess : ndarray of shape (n_pairs,)
    """
    of_pair, n_groups = group[pairs.first], int(group.max(initial=-1)) + 1
    is_inside = (of_pair >= 0) & (of_pair == group[pairs.second]) & np.isfinite(excess)
    n = np.bincount(of_pair[is_inside], minlength=n_groups)
    total = np.bincount(of_pair[is_inside], excess[is_inside], n_groups)
    mean: FloatArray = np.clip(total / np.maximum(n, 1), 0.0, 1.0)
    return mean


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
    level: float,
    errors: ErrorEvidence | None,
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
        if np.unique([pairs.first[inside], pairs.second[inside]]).size < members.size:
            continue  # a member without any testable pair
        is_large = members.size > 2 and members.size > LARGE * pairs.n_annotators
        needed = needed_evidence(pairs, members, used) if is_large else RIGHT
        if needed > RIGHT and not may_err(errors, members, unit, needed):
            continue
        least = max(min_excess, LARGE_EXCESS) if is_large else min_excess
        n_testable = int(testable.sum())
        log_n = log_n_groups(n_testable, pairs.n_annotators, members.size)
        single = level * float(np.exp(-max(log_n, 0.0)))
        test = GroupTest.of(pairs, inside, outside, start, least, single)
        if test.p_value < 1:
            p_value = float(np.exp(min(0.0, np.log(test.p_value + 1e-300) + log_n)))
            weakest = weakest_of(pairs, test.positions, test.excess)
            candidates.append(Candidate(members, test, weakest, p_value))
    return candidates


def may_err(
    errors: ErrorEvidence | None, members: IntArray, unit: IntArray, needed: float
) -> bool:
    """Whether others show enough that a group errs, or that it errs together."""
    if errors is None:
        return needed < UNKNOWN
    shown = errors.evidence(members, unit)
    if (UNKNOWN if shown is None else shown) > needed:
        return True
    return errors.common_errors(members, unit) > TOGETHER


def needed_evidence(pairs: Pairs, members: IntArray, used: BoolArray) -> float:
    """Return the evidence of errors that a large group needs, in standard errors.

    Where most annotators of a crowd are good and the others poor, the good ones agree
    much more than the poor ones explain. They differ from a group with common errors in
    what the others do: these agree no less with the group than with each other. Of
    those who agree on nearly all items, as copies do, less is asked.
    """
    is_member = np.zeros(pairs.n_annotators, dtype=bool)
    is_member[members] = True
    n_members = is_member[pairs.first].astype(int) + is_member[pairs.second]
    kappa, weight = pairs.kappa, pairs.n_common
    sums = [
        (kappa[at] @ weight[at], weight[at].sum())
        for at in (used & (n_members == 0), used & (n_members == 1), n_members == 2)
    ]
    others, mixed, inside = (total / max(n, 1.0) for total, n in sums)
    if mixed < others:
        return RIGHT
    return LIKELY if inside >= COPIED else CERTAIN


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
