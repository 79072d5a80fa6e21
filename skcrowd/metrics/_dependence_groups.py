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
N_FOLDS = 20  # of the jackknife


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
    margin: float


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
    pairs, n_annotators = null.pairs, annotations.n_annotators
    excluded = np.zeros(n_annotators, bool)
    excess, p_value = np.full((2, pairs.n_pairs), np.nan)
    clusters = find_candidates(pairs, null.similarity(), n_annotators)
    groups = []
    while clusters:
        usable = [c for c in clusters if has_reference(c, excluded, annotations)]
        tested = [run_test(null, c, excluded, min_excess) for c in usable]
        passed = [c for c in tested if is_strong(c, pairs, level).mean() >= 0.5]
        found, error = first_stable(null, passed, excluded, level)
        if found is None:
            break
        strong = found.positions[is_strong(found, pairs, level)]
        group = component_of(pairs, strong, n_annotators)
        excess[found.positions] = found.statistics.excess
        p_value[found.positions] = with_error(found.statistics, found.margin, error)
        groups.append(group)
        excluded[group] = True
        clusters = [np.setdiff1d(c.members, group) for c in passed]
        clusters = [members for members in clusters if members.size > 1]
    test_others(null, excluded, annotations, min_excess, level, excess, p_value)
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
    if members.size > max(2, SMALL_SHARE * np.count_nonzero(~excluded)):
        min_excess = max(min_excess, LARGE_EXCESS)
    group = as_mask(members, excluded.size)
    statistics = null.test_group(group, excluded, min_excess)
    return Candidate(members, null.pairs.within(group), statistics, min_excess)


def is_strong(candidate, pairs, level):
    """Which pairs of a candidate are significant (Bonferroni), the fit taken as exact."""
    return candidate.statistics.p_value * pairs.n_pairs <= level


def first_stable(null, passed, excluded, level):
    """Find the candidate with the greatest excess that also passes the jackknife.

    Or the largest one around it with nearly as much, which also passes.

    Returns
    -------
    candidate : Candidate or None
    error : ndarray of shape (n_tested,) or None
        Standard errors of the excess of its pairs.
    """
    excess = [np.median(c.statistics.excess) for c in passed]
    errors: dict = {}

    def is_stable(k):
        if k not in errors:
            group = as_mask(passed[k].members, excluded.size)
            errors[k] = jackknife(null, passed[k], group, excluded)
        p_value = p_of_median(passed[k], errors[k][0])
        return p_value * null.pairs.n_pairs <= level

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
        chosen = next(k for k in around if is_stable(k))
        return passed[chosen], errors[chosen][1]
    return None, None


def p_of_median(candidate, error):
    """p-value of the median excess of a candidate, given its standard error."""
    difference = np.median(candidate.statistics.excess) - candidate.margin
    return student.sf(difference / max(error, 1e-9), N_FOLDS - 1)


def with_error(statistics, margin, error):
    """p-values that also allow for the standard error of the excess."""
    difference = statistics.excess - margin
    uncertain = student.sf(difference / np.maximum(error, 1e-9), N_FOLDS - 1)
    return np.maximum(statistics.p_value, uncertain)


def folds_of(n_items):
    """Fold of the jackknife of every item."""
    return np.random.default_rng(0).permutation(n_items) % N_FOLDS


def jackknife(null, candidate, group, excluded):
    """Estimate the standard error of the median excess and of each (grouped jackknife).

    The tests of the pairs take the expected agreement as known. Where those outside
    know little, it is not: leaving out items shows how uncertain it is.
    """
    fold = folds_of(null.n_items)
    parts = [
        null.test_group(group, excluded, candidate.margin, fold != k).excess
        for k in range(N_FOLDS)
    ]
    return spread_of([np.median(part) for part in parts]), spread_of(parts)


def spread_of(parts):
    """Standard error from the estimates without each fold."""
    return np.sqrt((N_FOLDS - 1) * np.var(parts, axis=0))


def test_others(null, excluded, annotations, min_excess, level, excess, p_value):
    """Test the pairs in no group, given the answers of all others in no group.

    Sets elements of `excess` and `p_value`.
    """
    pairs = null.pairs
    if np.count_nonzero(~excluded) < FEWEST_OUTSIDE:
        return
    kept = ~excluded[annotations.annotator]
    others = np.bincount(annotations.item[kept], minlength=annotations.n_items)
    own = (~excluded[pairs.first]).astype(int) + ~excluded[pairs.second]
    mean = np.bincount(pairs.pair, others[pairs.item]) / pairs.n_common - own
    positions = np.flatnonzero(np.isnan(p_value) & (mean >= FEWEST_ANSWERS))
    if not positions.size:
        return
    found = null.test_rest(positions, excluded, min_excess)
    excess[positions], p_value[positions] = found
    doubtful = positions[found.p_value * pairs.n_pairs <= level]
    if doubtful.size:
        fold = folds_of(null.n_items)
        error = spread_of(
            [
                null.test_rest(doubtful, excluded, min_excess, fold != k).excess
                for k in range(N_FOLDS)
            ]
        )
        statistics = PairStatistics(excess[doubtful], p_value[doubtful])
        p_value[doubtful] = with_error(statistics, min_excess, error)
