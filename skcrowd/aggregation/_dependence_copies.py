"""Search for annotators whose answers are mostly the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation._common_answers import common_answers
from skcrowd.aggregation._dependence_clusters import components
from skcrowd.aggregation._dependence_errors import ErrorEvidence
from skcrowd.aggregation._dependence_factor import first_loadings
from skcrowd.aggregation._dependence_groups import Search, find_groups
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON
from skcrowd.annotations import Annotations

if TYPE_CHECKING:
    from skcrowd._typing import IntArray
    from skcrowd.aggregation._dependence_pairs import Pairs

__all__ = ["SAME", "find_copies", "merge_copies", "search_copies"]

SAME = 0.98  # share of equal answers of annotators who are the same
NEARLY_SAME = SAME, 0.95, 0.9  # and of those who changed some of the answers
LEAST_OVERLAP = 0.5  # common items of these, of the answers of either
SAME_EXCESS = 0.5  # that groups have to exceed


def find_copies(
    annotations: Annotations, pairs: Pairs, level: float, min_excess: float = 0.0
) -> Search:
    """Find copies, exact ones and those with up to a tenth of answers of their own.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".
    pairs : Pairs
    level : float
        Familywise probability of a false alarm.
    min_excess : float, default=0.0
        Excess agreement that a group has to exceed, if it is more than 0.5.

    Returns
    -------
    found : Search
    """
    labels = [_label_same(annotations, pairs, same) for same in NEARLY_SAME]
    errors = ErrorEvidence(annotations, _first_alike(labels[0]))
    return _search_same(pairs, labels, max(SAME_EXCESS, min_excess), level, errors)


def search_copies(
    annotations: Annotations, pairs: Pairs, level: float, same: float, min_excess: float
) -> Search:
    """Find groups of annotators with equal answers to a share of their items.

    Parameters
    ----------
    annotations, pairs, level, min_excess : as in :func:`find_copies`
    same : float
        Share of equal answers of two in a group.

    Returns
    -------
    found : Search
    """
    labels = [_label_same(annotations, pairs, same)]
    return _search_same(pairs, labels, max(SAME_EXCESS, min_excess), level)


def _label_same(annotations: Annotations, pairs: Pairs, same: float) -> IntArray:
    """Return a label for each annotator, equal for those with the same answers."""
    n_answers = annotations.answers_per_annotator
    most = np.maximum(n_answers[pairs.first], n_answers[pairs.second])
    is_same = (pairs.n_common >= FEWEST_COMMON) & pairs.is_varied
    is_same &= pairs.n_agree >= same * pairs.n_common
    is_same &= pairs.n_common >= LEAST_OVERLAP * most
    return components(pairs, np.flatnonzero(is_same))


def _first_alike(label: IntArray) -> IntArray:
    """Return the first annotator with the label of each."""
    _, first, number = np.unique(label, return_index=True, return_inverse=True)
    return first[number.ravel()]


def _search_same(
    pairs: Pairs,
    labels: list[IntArray],
    min_excess: float,
    level: float,
    errors: ErrorEvidence | None = None,
) -> Search:
    """Test those who are the same; the last labels are those of the least similar."""
    clusters = {
        tuple(np.flatnonzero(label == number).tolist())
        for label in labels
        for number in np.flatnonzero(np.bincount(label) > 1)
    }
    if not clusters:
        return Search([], [], np.full(pairs.first.size, np.nan))
    # Where others hardly agree, loadings that begin at the copies' stay there.
    is_different = labels[-1][pairs.first] != labels[-1][pairs.second]
    start = first_loadings(pairs, is_different)
    candidates = [np.array(members) for members in sorted(clusters)]
    return find_groups(pairs, min_excess, level, candidates, start, errors)


def merge_copies(annotations: Annotations, unit: IntArray) -> Annotations:
    """Make one annotator of each group of copies.

    It gives the answer of more than half of those who answered an item, and none
    where they are split.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".
    unit : int64 ndarray of shape (n_annotators,)
        Number of the new annotator, from 0.

    Returns
    -------
    merged : Annotations
    """
    n_units, n_classes = int(unit.max(initial=-1)) + 1, len(annotations.classes)
    place = annotations.item * n_units + unit[annotations.annotator]
    place, answer = common_answers(place, annotations.answer, n_classes)
    item, annotator = np.divmod(place, n_units)
    shape = annotations.n_items, n_units
    return Annotations(item, annotator, answer, shape, annotations.classes)
