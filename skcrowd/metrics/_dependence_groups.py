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
N_DRAWS = 15  # of the parametric bootstrap


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
    reference: np.ndarray
    statistics: PairStatistics
    margin: float

    @property
    def excess(self):
        """Median of the excess of the pairs."""
        return float(np.median(self.statistics.excess))

    @property
    def votes_lost(self):
        """How many votes fewer the members count as."""
        n = self.members.size
        return n - n / (1 + (n - 1) * max(self.excess, 0.0))


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
        found, p_pairs = first_stable(null, passed, excluded, level)
        if found is None:
            break
        strong = found.positions[is_strong(found, pairs, level)]
        group = component_of(pairs, strong, n_annotators)
        excess[found.positions] = found.statistics.excess
        p_value[found.positions] = p_pairs
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
    positions, reference = null.pairs.within(group), ~(group | excluded)
    fitted = null.fit(reference)
    statistics = null.test_group(fitted, reference, positions, min_excess)
    return Candidate(members, positions, reference, statistics, min_excess)


def is_strong(candidate, pairs, level):
    """Which pairs of a candidate are significant (Bonferroni), the fit taken as exact."""
    return candidate.statistics.p_value * pairs.n_pairs <= level


def first_stable(null, passed, excluded, level):
    """Find the candidate with the greatest excess that also passes the bootstrap.

    Or that which leaves fewest votes among those with nearly as much: of a family and
    those few whom it makes look alike, the family.

    Returns
    -------
    candidate : Candidate or None
    p_value : ndarray of shape (n_tested,) or None
        Of its pairs, not adjusted.
    """
    known: dict = {}

    def is_stable(k):
        if k not in known:
            known[k] = test_by_bootstrap(null, passed[k], ~excluded)
        return known[k][0] * null.pairs.n_pairs <= level

    for best in sorted(range(len(passed)), key=lambda k: -passed[k].excess):
        if not is_stable(best):
            continue
        least = NEARLY * passed[best].excess
        close = [k for k, other in enumerate(passed) if other.excess >= least]
        close.sort(key=lambda k: -passed[k].votes_lost)
        chosen = next(k for k in close if is_stable(k))
        return passed[chosen], known[chosen][1]
    return None, None


def test_by_bootstrap(null, candidate, everyone):
    """Test the median excess of a candidate, and that of each of its pairs.

    Returns
    -------
    p_median : float
    p_value : ndarray of shape (n_tested,)
    """
    _, positions, reference, statistics, margin = candidate
    drawn = bootstrap(null, null.test_group, reference, everyone, positions)
    p_median = tail(candidate.excess, np.median(drawn, axis=1), margin)
    p_value = tail(statistics.excess, drawn, margin)
    return p_median, np.maximum(statistics.p_value, p_value)


def bootstrap(null, test, reference, everyone, positions):
    """Excess of some pairs in crowds like this one, but independent.

    The tests of the pairs take the expected agreement as known. Where those outside
    know little, it is not: crowds that are drawn from a model without dependence,
    fitted to everyone, show how uncertain and how biased it is.

    Returns
    -------
    excess : ndarray of shape (N_DRAWS, n_tested)
    """
    rng = np.random.default_rng(0)
    independent = null.fit(everyone)
    excess = []
    for _ in range(N_DRAWS):
        drawn = null.resampled(independent, everyone, rng)
        test_drawn = getattr(drawn, test.__name__)
        fitted = drawn.fit(reference)
        excess.append(test_drawn(fitted, reference, positions, 0.0).excess)
    return np.array(excess)


def tail(excess, drawn, margin):
    """P-value of an excess over that of the draws and a margin, by Student's t.

    The difference of a further draw from the mean of the others has variance
    (1 + 1 / n_draws) times theirs.
    """
    center = np.maximum(drawn.mean(axis=0), 0.0)
    error = np.sqrt(drawn.var(axis=0, ddof=1) * (1 + 1 / N_DRAWS))
    difference = excess - center - margin * (1 - center)
    return student.sf(difference / np.maximum(error, 1e-9), N_DRAWS - 1)


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
    reference = ~excluded
    fitted = null.fit(reference)
    found = null.test_rest(fitted, reference, positions, min_excess)
    excess[positions], p_value[positions] = found
    doubtful = positions[found.p_value * pairs.n_pairs <= level]
    if doubtful.size:
        drawn = bootstrap(null, null.test_rest, reference, reference, doubtful)
        uncertain = tail(excess[doubtful], drawn, min_excess)
        p_value[doubtful] = np.maximum(p_value[doubtful], uncertain)
