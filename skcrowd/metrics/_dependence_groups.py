"""Search for groups of annotators who err together."""

from typing import NamedTuple

import numpy as np

from skcrowd.metrics._dependence_clusters import find_candidates

__all__ = ["Search", "find_groups"]

MODE = 0
FEWEST_OUTSIDE = 3  # annotators outside a group, to identify states of items
FEWEST_ANSWERS = 1.0  # of others to a common item of the group, on average


class Search(NamedTuple):
    """Result of :func:`find_groups`.

    Attributes
    ----------
    groups : list of int64 ndarray
        Members of every group, in the order found.
    p_value : list of float
        Of every group, adjusted for the number of pairs.
    excess : ndarray of shape (n_pairs,)
        NaN where too few others answered.
    """

    groups: list
    p_value: list
    excess: np.ndarray


class Candidate(NamedTuple):
    """A cluster of annotators.

    Attributes
    ----------
    members : int64 ndarray of shape (n_members,)
    positions : int64 ndarray of shape (n_tested,)
        Of the pairs inside.
    excess : ndarray of shape (n_tested,)
    log_ratio : float
        Log-likelihood with the members dependent, less that of an independent crowd.
    """

    members: np.ndarray
    positions: np.ndarray
    excess: np.ndarray
    log_ratio: float


def find_groups(null, annotations, min_excess, level):
    """Test clusters of similar annotators, the one with most evidence first.

    A cluster takes no part in what is inferred about the items, so that its common
    errors cannot pass for the truth. A group that is found leaves the crowd before
    other clusters are tested again, so that its errors do not make honest annotators
    look dependent.

    Parameters
    ----------
    null : LabelNull
    annotations : Annotations
    min_excess : float
        Median excess agreement that a group must have.
    level : float
        Familywise probability of a false alarm.

    Returns
    -------
    search : Search
    """
    pairs, n_annotators = null.pairs, annotations.n_annotators
    left = np.ones(n_annotators, bool)
    excess = np.full(pairs.n_pairs, np.nan)
    clusters = find_candidates(pairs, null.similarity(), n_annotators)
    groups, p_value = [], []
    while clusters:
        usable = [c for c in clusters if has_reference(c, left, annotations)]
        tested = test_clusters(null, usable, left, min_excess)
        found = max(tested, key=lambda c: c.log_ratio, default=None)
        p = 1.0 if found is None else pairs.n_pairs * np.exp(-found.log_ratio)
        if found is None or p > level:
            break
        groups.append(found.members)
        p_value.append(float(p))
        excess[found.positions] = found.excess
        left[found.members] = False
        clusters = [np.setdiff1d(c.members, found.members) for c in tested]
        clusters = [members for members in clusters if members.size > 1]
    set_excess_of_others(null, left, annotations, excess)
    return Search(groups, p_value, excess)


def has_reference(members, left, annotations):
    """Whether enough others answered what at least two members answered."""
    outside = left.copy()
    outside[members] = False
    if outside.sum() < FEWEST_OUTSIDE:
        return False
    n_items, who = annotations.n_items, annotations.annotator
    inner = np.isin(who, members)
    common = np.bincount(annotations.item[inner], minlength=n_items) > 1
    others = np.bincount(annotations.item[outside[who]], minlength=n_items)
    return common.any() and others[common].mean() >= FEWEST_ANSWERS


def test_clusters(null, clusters, left, min_excess):
    """Compare likelihoods, dependent and not, of clusters with enough excess.

    The likelihood of an independent crowd is the greatest of several fits, one of
    which begins where the cluster is left out. The ratio to it exceeds x with a
    probability of at most 1 / x if the crowd is independent (universal inference).
    """
    if not clusters:
        return []
    independent = null.fit(left, null.fit(left, null.start))
    greatest = null.log_likelihood(independent, left)
    tested = []
    for members in clusters:
        group = np.zeros(left.size, bool)
        group[members] = True
        positions, reference = null.pairs.within(group), left & ~group
        fitted = null.fit(reference, null.start)
        excess = null.excess_in_group(fitted, reference, positions)
        if np.median(excess) < min_excess:
            continue
        if MODE == 1: fitted = null.fit(reference)
        if MODE == 2: fitted = null.fit(reference, null.fit(reference, fitted))
        if MODE: excess = null.excess_in_group(fitted, reference, positions)
        dependent = null.log_likelihood_of_group(fitted, group, reference)
        if dependent > greatest:
            again = null.fit(left, null.fit(left, fitted))
            greatest = max(greatest, null.log_likelihood(again, left))
        tested.append(Candidate(members, positions, excess, dependent))
    return [c._replace(log_ratio=c.log_ratio - greatest) for c in tested]


def set_excess_of_others(null, left, annotations, excess):
    """Set the excess of pairs in no group, given the answers of all others in none."""
    pairs = null.pairs
    if np.count_nonzero(left) < FEWEST_OUTSIDE:
        return
    kept = left[annotations.annotator]
    others = np.bincount(annotations.item[kept], minlength=annotations.n_items)
    own = left[pairs.first].astype(int) + left[pairs.second]
    mean = np.bincount(pairs.pair, others[pairs.item]) / pairs.n_common - own
    positions = np.flatnonzero(np.isnan(excess) & (mean >= FEWEST_ANSWERS))
    if positions.size:
        excess[positions] = null.excess_of_rest(null.fit(left, null.start), left, positions)
