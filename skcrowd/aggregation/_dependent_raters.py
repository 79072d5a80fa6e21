"""Groups of annotators whose ratings have more in common than the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrowd.aggregation._dependence_copies import find_copies
from skcrowd.aggregation._dependence_factor import (
    explained_of,
    first_loadings,
    jackknife,
)
from skcrowd.aggregation._dependence_groups import find_groups, number_groups
from skcrowd.aggregation._dependence_pairs import Pairs, some_items
from skcrowd.aggregation._rating_pairs import RatingPairs, as_values
from skcrowd.aggregation._vote_discount import LEVEL, MIN_EXCESS, MOST_PAIRS

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["find_dependent_raters", "find_same_raters"]

CERTAIN = 2.5  # standard errors


def find_dependent_raters(annotations: Annotations) -> IntArray:
    """Find annotators whose ratings correlate more than by the truth, or are the same.

    Parameters
    ----------
    annotations : Annotations
        Of kind "numbers". Where they hold more than 2**20 pairs of ratings of the same
        item, some of the items are used.

    Returns
    -------
    group : int64 ndarray of shape (n_annotators,)
        Number of the group of every annotator, -1 for those in none.
    """
    used = some_items(annotations, MOST_PAIRS)
    pairs: Any = RatingPairs.of(used)  # what find_groups reads of Pairs they have, too
    correlated = find_groups(pairs, MIN_EXCESS, LEVEL).groups
    copies = find_same_raters(used, pairs, LEVEL)
    return number_groups([*correlated, *copies], annotations.n_annotators)


def find_same_raters(
    annotations: Annotations, pairs: Any, level: float
) -> list[IntArray]:
    """Find annotators with equal ratings of nearly all their items, and errors.

    Those who never err rate alike, too, but correlate no more than the truth explains.

    Parameters
    ----------
    annotations : Annotations
        Of kind "numbers".
    pairs : RatingPairs
    level : float
        Familywise probability of a false alarm.

    Returns
    -------
    groups : list of int64 ndarray
        Members of every group.
    """
    values = as_values(annotations)
    groups = find_copies(values, Pairs.of(values), level)
    if not groups:
        return []
    number = number_groups(groups, annotations.n_annotators)
    inside = (number[pairs.first] >= 0) & (number[pairs.first] == number[pairs.second])
    loading = first_loadings(pairs, ~inside)
    return [m for m in groups if _errs(pairs, pairs.within(m), ~inside, loading)]


def _errs(
    pairs: Any, positions: IntArray, used: BoolArray, loading: FloatArray
) -> bool:
    """Whether pairs with equal ratings correlate more than the truth explains."""
    first, second = pairs.first[positions], pairs.second[positions]
    explained = float(explained_of(loading, first, second).mean())
    _, variance = jackknife(pairs, positions, used, loading)
    more = float(pairs.kappa[positions].mean()) - explained
    return more > pairs.least_more + CERTAIN * variance**0.5
