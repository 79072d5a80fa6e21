"""Weights of answers by annotators who err together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrowd.aggregation._dependence_groups import mean_excess, number_groups
from skcrowd.aggregation._dependence_labels import search_labels
from skcrowd.aggregation._dependence_pairs import Pairs

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.aggregation._answer_evidence import Evidence
    from skcrowd.annotations import Annotations


__all__ = ["DependentGroups", "discounted_votes", "find_dependent", "n_compared"]

MIN_EXCESS = 0.25  # as in skcrowd.metrics.annotator_dependence
LEVEL = 0.05
MOST_PAIRS = 2**20  # of answers to the same item, that are compared


class DependentGroups(NamedTuple):
    """Groups of annotators who err together.

    Attributes
    ----------
    group : int64 ndarray of shape (n_annotators,)
        Number of the group of every annotator, -1 for those in no group.
    excess : ndarray of shape (n_groups,)
        Agreement within each group that truth and difficulty do not explain, from 0
        to 1 (copies).
    agreement : float
        Number of equal answers of two annotators to an item, above that of independent
        answers with the same frequencies, in standard errors.
    """

    group: IntArray
    excess: FloatArray
    agreement: float

    @property
    def units(self) -> IntArray:
        """Number of the group, with annotators outside as groups of one."""
        units = self.group.copy()
        alone = np.flatnonzero(units < 0)
        units[alone] = len(self.excess) + np.arange(len(alone))
        return units

    def answer_weights(self, annotations: Annotations) -> FloatArray | None:
        """Return the weight of every answer as a vote, or None if all are 1.

        Of m answers of a group with the excess e to the same item each has the weight
        1 / (1 + (m - 1) e), so that together they are the effective number of
        independent answers (the design effect of Kish 1965).

        Parameters
        ----------
        annotations : Annotations

        Returns
        -------
        weight : ndarray of shape (n_answers,) or None
        """
        if not len(self.excess):
            return None
        a, weight = annotations, np.ones(annotations.n_answers)
        group = self.group[a.annotator]
        for number, excess in enumerate(self.excess):
            own = np.flatnonzero(group == number)
            n_together = np.bincount(a.item[own], minlength=a.n_items)[a.item[own]]
            weight[own] = 1 / (1 + (n_together - 1) * excess)
        return weight


def find_dependent(annotations: Annotations) -> DependentGroups:
    """Find groups of annotators who err together.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels". Where they hold more than 2**20 pairs of answers to the same
        item, the first items are used.

    Returns
    -------
    groups : DependentGroups
        See :func:`skcrowd.metrics.annotator_dependence`.
    """
    some = annotations[: n_compared(annotations.answers_per_item)]
    pairs = Pairs.of(some)
    found = search_labels(some, pairs, MIN_EXCESS, LEVEL)
    group = number_groups(found.groups, annotations.n_annotators)
    excess = mean_excess(pairs, group, found.excess)
    return DependentGroups(group, excess, _agreement(pairs))


def n_compared(n_answers: IntArray) -> int:
    """Return how many of the first items :func:`find_dependent` compares.

    Parameters
    ----------
    n_answers : int64 ndarray of shape (n_items,)
        Answers of each item.
    """
    n_pairs = np.cumsum(n_answers * (n_answers - 1) // 2)
    return max(int(np.searchsorted(n_pairs, MOST_PAIRS, side="right")), 1)


def _agreement(pairs: Pairs) -> float:
    """Return the equal answers of all pairs above chance, in standard errors."""
    above = (pairs.n_agree - pairs.n_common * pairs.chance).sum()
    variance = (pairs.n_common * pairs.chance * (1 - pairs.chance)).sum()
    return float(above / np.sqrt(variance)) if variance > 0 else 0.0


def discounted_votes(
    annotations: Annotations,
    votes: FloatArray,
    weight: FloatArray | None,
    evidence: Evidence | None = None,
) -> FloatArray:
    """Return the shares of the classes in weighted votes.

    Parameters
    ----------
    annotations : Annotations
    votes : ndarray of shape (n_items, n_classes)
        The plain shares, which items without answers keep.
    weight : ndarray of shape (n_answers,) or None
        None returns `votes`.
    evidence : Evidence, default=None
        What each answer is worth.

    Returns
    -------
    share : ndarray of shape (n_items, n_classes)
    """
    if weight is None:
        return votes
    share = np.zeros_like(votes)
    entries = annotations
    if evidence is not None:
        entries, weight = evidence.annotations, evidence.spread(weight)
    assert weight is not None
    np.add.at(share, (entries.item, entries.answer), weight)
    total = share.sum(axis=1, keepdims=True)
    return np.where(total > 0, share / np.where(total > 0, total, 1), votes)
