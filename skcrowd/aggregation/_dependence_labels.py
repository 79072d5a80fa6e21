"""Search for annotators who err together, in labels: copies first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrowd.aggregation._dependence_copies import find_copies, merge_copies
from skcrowd.aggregation._dependence_errors import ErrorEvidence
from skcrowd.aggregation._dependence_groups import Search, find_groups
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON, Pairs

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["search_labels"]

COPIES_SHARE = 0.1  # of the level; the p values of copies are tiny


class Units(NamedTuple):
    """Annotators, copies counted as one.

    Attributes
    ----------
    unit : int64 ndarray of shape (n_annotators,)
        Number of the unit of each.
    pairs : Pairs
        Of units.
    found : Search
        Among units.
    """

    unit: IntArray
    pairs: Pairs
    found: Search


def search_labels(
    annotations: Annotations,
    pairs: Pairs,
    min_excess: float,
    level: float,
    candidates: Callable[[Pairs, IntArray], list[IntArray]] | None = None,
) -> Search:
    """Find copies, and then groups of annotators, of whom copies are one.

    Copies that give most of the answers would otherwise pass for the truth. Their
    search has a tenth of the level, as hardly any chance explains them, the other has
    the rest, and p values are divided by these shares. A group that is found by both,
    because some of its members are copies, has the greater of the two p values.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".
    pairs : Pairs
        Of these annotations.
    min_excess : float
        Excess agreement that a group has to exceed; of copies 0.5 at least.
    level : float
        Familywise probability of a false alarm.
    candidates : callable, default=None
        Returns the clusters to test, given the pairs and the number of answers of
        each annotator, copies being one; None takes all nodes of the dendrogram.

    Returns
    -------
    found : Search
        Groups in the order of their first members. Pairs of a copy and another
        annotator have the excess of the copies as one.
    """
    copies = find_copies(annotations, pairs, COPIES_SHARE * level, min_excess)
    unit = _units(copies.groups, pairs.n_annotators)
    merged, of_units = annotations, pairs
    if copies.groups:
        merged = merge_copies(annotations, unit)
        of_units = Pairs.of(merged, pairs.block)
    clusters = None
    if candidates is not None:
        n_answers = np.bincount(unit, annotations.answers_per_annotator)
        clusters = candidates(of_units, n_answers)
    alone = ErrorEvidence(merged, np.arange(of_units.n_annotators))
    left = (1 - COPIES_SHARE) * level
    found = find_groups(of_units, min_excess, left, clusters, errors=alone)
    return _joined(pairs, copies, Units(unit, of_units, found))


def _units(copies: list[IntArray], n_annotators: int) -> IntArray:
    """Return the number of the unit of each annotator."""
    first = np.arange(n_annotators)
    for members in copies:
        first[members] = members[0]
    number: IntArray = np.unique(first, return_inverse=True)[1].ravel()
    return number


def _joined(pairs: Pairs, copies: Search, units: Units) -> Search:
    """Return the groups of annotators that both searches found."""
    unit, found = units.unit, units.found
    groups = [np.flatnonzero(np.isin(unit, members)) for members in found.groups]
    p_value = [min(p / (1 - COPIES_SHARE), 1.0) for p in found.p_value]
    for members, single in zip(copies.groups, copies.p_value, strict=True):
        p = min(single / COPIES_SHARE, 1.0)
        (place,) = np.nonzero([members[0] in group for group in groups])
        if place.size:
            p_value[place[0]] = max(p, p_value[place[0]])
        else:
            groups.append(members)
            p_value.append(p)
    order = np.argsort([members[0] for members in groups])
    excess = _excess(pairs, copies, units) if copies.groups else found.excess
    return Search([groups[k] for k in order], [p_value[k] for k in order], excess)


def _excess(pairs: Pairs, copies: Search, units: Units) -> FloatArray:
    """Return the excess of pairs of annotators: their own inside copies."""
    unit, n_units = units.unit, units.pairs.n_annotators
    low, high = np.sort([unit[pairs.first], unit[pairs.second]], axis=0)
    is_inside = low == high
    known = units.pairs.first * n_units + units.pairs.second
    code = low * n_units + high
    place = np.minimum(np.searchsorted(known, code), max(known.size - 1, 0))
    excess = np.full(pairs.first.size, np.nan)
    if known.size:
        is_known = (known[place] == code) & pairs.is_varied
        is_known &= pairs.n_common >= FEWEST_COMMON
        excess[is_known] = units.found.excess[place[is_known]]
    excess[is_inside] = copies.excess[is_inside]
    return excess
