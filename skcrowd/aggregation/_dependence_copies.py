"""Search for annotators whose answers are mostly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation._dependence_clusters import components
from skcrowd.aggregation._dependence_factor import first_loadings
from skcrowd.aggregation._dependence_groups import Search, find_groups
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON

if TYPE_CHECKING:
    from skcrowd._typing import IntArray
    from skcrowd.aggregation._dependence_pairs import Pairs
    from skcrowd.annotations import Annotations

__all__ = ["find_copies", "search_copies"]

SAME = 0.98  # share of equal answers of annotators who are the same
LEAST_OVERLAP = 0.5  # common items of these, of the answers of either
SAME_EXCESS = 0.5  # that groups have to exceed


def find_copies(annotations: Annotations, pairs: Pairs, level: float) -> list[IntArray]:
    """Find groups of annotators with equal answers to mostly the same items.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".
    pairs : Pairs
    level : float
        Familywise probability of a false alarm.

    Returns
    -------
    groups : list of int64 ndarray
        Members of every group that agrees more than truth and difficulty explain.
    """
    return search_copies(annotations, pairs, level).groups


def search_copies(
    annotations: Annotations,
    pairs: Pairs,
    level: float,
    same: float = SAME,
    min_excess: float = SAME_EXCESS,
) -> Search:
    """Find groups of annotators with equal answers to a share of their items.

    Parameters
    ----------
    annotations, pairs, level : as in :func:`find_copies`
    same : float, default=0.98
        Share of equal answers of two in a group.
    min_excess : float, default=0.5
        Excess agreement that a group has to exceed, if it is more than 0.5.

    Returns
    -------
    found : Search
    """
    n_answers = annotations.answers_per_annotator
    most = np.maximum(n_answers[pairs.first], n_answers[pairs.second])
    is_same = (pairs.n_common >= FEWEST_COMMON) & pairs.is_varied
    is_same &= pairs.n_agree >= same * pairs.n_common
    is_same &= pairs.n_common >= LEAST_OVERLAP * most
    label = components(pairs, np.flatnonzero(is_same))
    groups = np.flatnonzero(np.bincount(label) > 1)
    clusters = [np.flatnonzero(label == group) for group in groups]
    if not clusters:
        return Search([], [], np.full(pairs.first.size, np.nan))
    # Where others hardly agree, loadings that begin at the copies' stay there.
    start = first_loadings(pairs, label[pairs.first] != label[pairs.second])
    return find_groups(pairs, max(SAME_EXCESS, min_excess), level, clusters, start)
