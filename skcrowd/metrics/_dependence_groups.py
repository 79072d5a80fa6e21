"""Search for groups of annotators who err together."""

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from skcrowd.metrics._dependence_clusters import component_of, find_candidates
from skcrowd.metrics._dependence_pairs import PairStatistics, adjust_holm

__all__ = ["Search", "find_groups"]

SMALL_SHARE = 0.4  # of the annotators: a larger group leaves a weak reference
LARGE_EXCESS = 0.3  # that a larger group has to exceed
FEWEST_OUTSIDE = 3  # annotators outside a group, to identify states of items
FEWEST_ANSWERS = 1.0  # of others to a common item of the group, on average
NEARLY = 0.8  # of the greatest excess
N_FOLDS = 10  # of the jackknife


class Search(NamedTuple):
    """Result of :func:`find_groups`.

    Attributes
    ----------
    groups : list of int64 ndarray
        Members of every group, in the order found.
    excess, p_value : ndarray of shape (n_pairs,)
        NaN where too few others answered; `p_value` is adjusted for all tests.
    """

    groups: list
    excess: np.ndarray
    p_value: np.ndarray


class Candidate(NamedTuple):
    """A cluster of annotators and the tests of its pairs."""

    members: np.ndarray
    positions: np.ndarray
    statistics: PairStatistics


def find_groups(null, annotations, min_excess, level):
    """Test clusters of similar annotators against all others, the worst first.

    A cluster takes no part in what is inferred about the items, so that its common
    errors cannot pass for the truth. A group that is found leaves the reference before
    other clusters are tested again, so that its errors do not make honest annotators
    look dependent.

    Parameters
    ----------
    null : LabelNull or RatingNull
    annotations : Annotations
    min_excess : float
        Excess up to which dependence does not matter.
    level : float
        Familywise probability of a false alarm.

    Returns
    -------
    search : Search
    """
    pairs = null.pairs
    excluded = np.zeros(annotations.n_annotators, bool)
    clusters = find_candidates(pairs, null.similarity(), annotations.n_annotators)
    excess, p_value = np.full((2, pairs.n_pairs), np.nan)
    groups = []
    while True:
        usable = [c for c in clusters if has_reference(c, excluded, annotations)]
        tested = [run_test(null, c, excluded, min_excess) for c in usable]
        n_tests = pairs.n_pairs + sum(c.positions.size for c in tested)
        if not groups:
            record(tested, excess, p_value)
        passed = [c for c in tested if strong_pairs(c, n_tests, level).mean() >= 0.5]
        found = first_stable(null, passed, excluded, min_excess, level)
        if found is None:
            break
        strong = found.positions[strong_pairs(found, n_tests, level)]
        group = component_of(pairs, strong, annotations.n_annotators)
        record([found], excess, p_value, replace=True)
        groups.append(group)
        excluded[group] = True
        clusters = [np.setdiff1d(c.members, group) for c in passed]
        clusters = [members for members in clusters if members.size > 1]
    test_others(null, excluded, annotations, min_excess, excess, p_value)
    known = np.isfinite(p_value)
    p_value[known] = adjust_holm(p_value[known])
    return Search(groups, excess, p_value)


def as_mask(members, n_annotators):
    """Positions as a bool array."""
    mask = np.zeros(n_annotators, bool)
    mask[members] = True
    return mask


def has_reference(members, excluded, annotations):
    """Whether enough others answered what at least two members answered."""
    outside = ~(as_mask(members, excluded.size) | excluded)
    if outside.sum() < FEWEST_OUTSIDE:
        return False
    n_items, who = annotations.n_items, annotations.annotator
    inner = np.isin(who, members)
    common = np.bincount(annotations.item[inner], minlength=n_items) > 1
    others = np.bincount(annotations.item[outside[who]], minlength=n_items)
    return common.any() and others[common].mean() >= FEWEST_ANSWERS


def run_test(null, members, excluded, min_excess):
    """Test the pairs of a cluster."""
    n_left = np.count_nonzero(~excluded)
    if members.size > max(2, SMALL_SHARE * n_left):
        min_excess = max(min_excess, LARGE_EXCESS)
    group = as_mask(members, excluded.size)
    return Candidate(members, *null.test_group(group, excluded, min_excess))


def strong_pairs(candidate, n_tests, level):
    """Which pairs of a candidate are significant (Bonferroni)."""
    return candidate.statistics.p_value * n_tests <= level


def record(tested, excess, p_value, *, replace=False):
    """Note the test with the smallest p-value of every pair."""
    for _, positions, (found, p) in tested:
        better = replace | ~(p_value[positions] <= p)
        excess[positions[better]] = found[better]
        p_value[positions[better]] = p[better]


def first_stable(null, passed, excluded, min_excess, level):
    """Candidate with the greatest excess that also passes the jackknife.

    Or the largest one around it with nearly as much, which also passes.
    """
    excess = [np.median(c.statistics.excess) for c in passed]
    stable = {}

    def is_stable(k):
        if k not in stable:
            p_value = jackknife_test(null, passed[k], excluded, min_excess)
            stable[k] = p_value * null.pairs.n_pairs <= level
        return stable[k]

    for best in sorted(range(len(passed)), key=lambda k: -excess[k]):
        if not is_stable(best):
            continue
        core = passed[best].members
        around = [
            k
            for k, other in enumerate(passed)
            if excess[k] >= NEARLY * excess[best] and np.isin(core, other.members).all()
        ]
        around.sort(key=lambda k: -passed[k].members.size)
        return next(passed[k] for k in around if is_stable(k))
    return None


def jackknife_test(null, candidate, excluded, min_excess):
    """Test the median excess of a candidate with its error by a grouped jackknife.

    The tests of the pairs take the expected agreement as known. Where those outside
    know little, it is not: leaving out items shows how uncertain it is.
    """
    group = as_mask(candidate.members, excluded.size)
    n_items = null.n_items
    fold = np.random.default_rng(0).permutation(n_items) % N_FOLDS
    medians = [
        np.median(null.test_group(group, excluded, min_excess, fold != k)[1].excess)
        for k in range(N_FOLDS)
    ]
    error = np.sqrt((N_FOLDS - 1) * np.var(medians))
    difference = np.median(candidate.statistics.excess) - min_excess
    return student.sf(difference / max(error, 1e-9), N_FOLDS - 1)


def test_others(null, excluded, annotations, min_excess, excess, p_value):
    """Test the pairs that no cluster holds, given the answers of all other annotators."""
    pairs = null.pairs
    reference = np.flatnonzero(~excluded)
    if reference.size < FEWEST_OUTSIDE:
        return
    kept = ~excluded[annotations.annotator]
    others = np.bincount(annotations.item[kept], minlength=annotations.n_items)
    own = ~excluded[pairs.first] + 0.0 + ~excluded[pairs.second]
    mean = np.bincount(pairs.pair, others[pairs.item]) / pairs.n_common - own
    positions = np.flatnonzero(np.isnan(p_value) & (mean >= FEWEST_ANSWERS))
    if positions.size:
        found = null.test_rest(positions, excluded, min_excess)
        excess[positions], p_value[positions] = found
