"""Groups of annotators who err together, as the user names them or as found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._dependence_factor import (
    N_SWEEPS,
    explained_of,
    first_loadings,
    fit_loadings,
)
from skcrowd.aggregation._dependence_groups import FEWEST_OUTSIDE
from skcrowd.aggregation._dependence_pairs import FEWEST_COMMON, Pairs, some_items
from skcrowd.aggregation._vote_discount import (
    MOST_PAIRS,
    DependentGroups,
    find_dependent,
)

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = ["group_codes", "group_names", "read_groups", "vote_weights"]

AUTO = "auto"


def read_groups(annotations: Annotations, groups: Any) -> DependentGroups | None:
    """Read the parameter ``annotator_groups``.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".
    groups : "auto", mapping of annotator name to group, array-like of shape \
            (n_annotators,), DependentGroups or None
        "auto" finds the groups.

    Returns
    -------
    groups : DependentGroups or None
        None if `groups` is.

    Raises
    ------
    ValueError
        If `groups` is another string, names an unknown annotator, or is of another
        length.
    """
    if groups is None or isinstance(groups, DependentGroups):
        return groups
    if isinstance(groups, str):
        if groups != AUTO:
            raise ValueError(
                f"annotator_groups is {groups!r}; give 'auto', a name of a group for "
                "each annotator, or a dict from annotator to group."
            )
        return find_dependent(annotations)
    return _given_groups(annotations, group_codes(annotations, groups))


def vote_weights(annotations: Annotations, groups: Any) -> FloatArray | None:
    """Return the weight of every answer as a vote, (n_answers,), or None if all are 1.

    Parameters
    ----------
    annotations : Annotations
    groups : object
        As in :func:`read_groups`.
    """
    found = read_groups(annotations, groups)
    return None if found is None else found.answer_weights(annotations)


def group_codes(annotations: Annotations, groups: Any) -> IntArray:
    """Return the number of the group of each annotator, (n_annotators,).

    Parameters
    ----------
    annotations : Annotations
    groups : mapping of annotator name to group, or array-like of shape (n_annotators,)
        Those that are missing in a mapping, or None, are on their own.

    Raises
    ------
    ValueError
        If `groups` names an unknown annotator or is of another length.
    """
    names: list[Any] = annotations.annotator_names.tolist()
    if isinstance(groups, Mapping):
        unknown = [name for name in groups if name not in names]
        if unknown:
            raise ValueError(
                f"annotator_groups names {unknown[0]!r}, which is no annotator; the "
                f"annotators are {names[:5]}{' and others' if names[5:] else ''}."
            )
        groups = [groups.get(name) for name in names]
    groups = list(groups)
    if len(groups) != len(names):
        raise ValueError(
            f"annotator_groups has {len(groups)} entries for {len(names)} annotators; "
            "give one for each, in their order, or a dict from name to group."
        )
    code: dict[Any, int] = {}
    keys = [
        ("alone", k) if group is None else ("group", group)
        for k, group in enumerate(groups)
    ]
    return np.array([code.setdefault(key, len(code)) for key in keys])


def group_names(
    number: IntArray, annotator_names: Array, given: Any = None
) -> list[Any]:
    """Return the name of every group.

    Parameters
    ----------
    number : int64 ndarray of shape (n_annotators,)
        Group of every annotator, -1 for those in none.
    annotator_names : ndarray of shape (n_annotators,)
    given : "auto", mapping, array-like or None, default=None
        The parameter ``annotator_groups``. Groups that it does not name have their
        number as their name.

    Returns
    -------
    names : list of str or int
    """
    first = [int(np.argmax(number == k)) for k in range(number.max(initial=-1) + 1)]
    if given is None or isinstance(given, str):
        return list(range(len(first)))
    if isinstance(given, Mapping):
        found = [given[annotator_names.tolist()[member]] for member in first]
    else:
        entries = list(given)
        found = [entries[member] for member in first]
    names = [name.item() if isinstance(name, np.generic) else name for name in found]
    return [name if isinstance(name, str | int) else str(name) for name in names]


def _given_groups(annotations: Annotations, code: IntArray) -> DependentGroups:
    """Return groups of several annotators, and measure their excess agreement."""
    size = np.bincount(code)
    number = np.where(size > 1, np.cumsum(size > 1) - 1, -1)
    group = number[code]
    pairs = Pairs.of(some_items(annotations, MOST_PAIRS))
    return DependentGroups(group, _excess(pairs, group), 0.0)


def _excess(pairs: Pairs, group: IntArray) -> FloatArray:
    """Return the mean excess agreement inside each group, from 0 to 1, (n_groups,).

    The agreement that truth and difficulty explain is that of the pairs of annotators
    of different groups. Where it is not known, because there are few common items, or
    few annotators outside, the excess is 1: a group has one vote.
    """
    n_groups = int(group.max(initial=-1)) + 1
    excess = np.ones(n_groups)
    of_pair = group[pairs.first]
    is_inside = (of_pair >= 0) & (of_pair == group[pairs.second])
    n_units = n_groups + np.count_nonzero(group < 0)
    if n_units - 1 < FEWEST_OUTSIDE or is_inside.all():
        return excess
    loading = fit_loadings(
        pairs, pairs.kappa, pairs.n_common, ~is_inside, first_loadings(pairs), N_SWEEPS
    )
    is_inside &= (pairs.n_common >= FEWEST_COMMON) & pairs.is_varied
    explained = explained_of(loading, pairs.first[is_inside], pairs.second[is_inside])
    values = (pairs.kappa[is_inside] - explained) / (1 - explained)
    n_pairs = np.bincount(of_pair[is_inside], minlength=n_groups)
    total = np.bincount(of_pair[is_inside], values, n_groups)
    known = n_pairs > 0
    excess[known] = np.clip(total[known] / n_pairs[known], 0.0, 1.0)
    return excess
