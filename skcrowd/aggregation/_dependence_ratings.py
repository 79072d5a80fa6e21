"""Groups of annotators whose ratings have more in common than the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._dependence_copies import SAME, search_copies
from skcrowd.aggregation._dependence_groups import Search, find_groups, number_groups
from skcrowd.aggregation._dependence_pairs import Pairs, some_items
from skcrowd.aggregation._rating_errors import hold_errors
from skcrowd.aggregation._rating_pairs import RatingPairs, as_values
from skcrowd.aggregation._vote_discount import LEVEL, MIN_EXCESS, MOST_PAIRS

if TYPE_CHECKING:
    from skcrowd._typing import IntArray
    from skcrowd.annotations import Annotations

__all__ = ["find_dependent_ratings", "find_same_ratings", "search_ratings"]

# Equal ratings of those who copy most of them. Annotators who use the same round
# numbers have fewer, unless they hardly err.
MOSTLY_SAME = 0.75


def find_dependent_ratings(annotations: Annotations) -> IntArray:
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
    found = search_ratings(used, RatingPairs.of(used), MIN_EXCESS, LEVEL)
    return number_groups(found.groups, annotations.n_annotators)


def search_ratings(
    annotations: Annotations, pairs: Any, min_excess: float, level: float
) -> Search:
    """Find annotators whose ratings correlate more than by the truth, or are the same.

    Each of the two searches has half of the level.

    Parameters
    ----------
    annotations : Annotations
        Of kind "numbers".
    pairs : RatingPairs
    min_excess : float
        Excess correlation that a group has to exceed; of equal ratings the excess
        agreement, and 0.5 at least.
    level : float
        Familywise probability of a false alarm.

    Returns
    -------
    found : Search
        Groups that have members in common are one.
    """
    correlated = find_groups(pairs, min_excess, level / 2)
    same = _search_same(annotations, level / 2, MOSTLY_SAME, min_excess)
    groups = [*correlated.groups, *same.groups]
    p_value = np.minimum(2 * np.array([*correlated.p_value, *same.p_value]), 1.0)
    number = number_groups(groups, pairs.n_annotators)
    of_group = np.array([number[members[0]] for members in groups], dtype=np.int64)
    n_groups = int(number.max(initial=-1)) + 1
    return Search(
        [np.flatnonzero(number == k) for k in range(n_groups)],
        [float(p_value[of_group == k].min()) for k in range(n_groups)],
        correlated.excess,
    )


def find_same_ratings(annotations: Annotations, level: float) -> Search:
    """Find annotators with equal ratings of nearly all their items, and errors.

    Those who never err rate alike, too.

    Parameters
    ----------
    annotations : Annotations
        Of kind "numbers".
    level : float
        Familywise probability of a false alarm.

    Returns
    -------
    found : Search
        The excess is that of labels.
    """
    return _search_same(annotations, level, SAME)


def _search_same(
    annotations: Annotations, level: float, same: float, min_excess: float = 0.0
) -> Search:
    """Find groups with equal ratings that hold errors; the excess is that of labels."""
    values = as_values(annotations)
    found = search_copies(values, Pairs.of(values), level, same, min_excess)
    kept = [k for k, m in enumerate(found.groups) if hold_errors(annotations, m)]
    groups = [found.groups[k] for k in kept]
    return Search(groups, [found.p_value[k] for k in kept], found.excess)
