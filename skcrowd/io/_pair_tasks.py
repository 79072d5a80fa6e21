"""Pairs of items as tasks: which of two is preferred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ._annotations_export import Export

__all__ = ["PLACES", "TIE", "check_preference", "pair_export"]

PLACES = "first", "second"
TIE = "tie"
BETWEEN = " | "  # the two names, as reports write pairs


def pair_export(export: Export, items: Any) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the pairs of an export of comparisons as items of their own.

    Parameters
    ----------
    export : Export
        Of comparisons.
    items : sequence of str or None
        Names of pairs that may not have been compared yet.

    Returns
    -------
    data : dict from "first" and "second" to list of n_pairs
        What is shown of the two: their texts, if the export has some, else their names.
    names : list of n_pairs str
        The pairs that were compared, the items in the places in which they were shown,
        sorted; then the further ones of `items`.
    """
    compared: Any = export.annotations
    both = np.column_stack([compared.first, compared.second])
    pairs = [tuple(pair) for pair in np.unique(both, axis=0).tolist()]
    shown = export.data.get("text") or [str(item) for item in export.items]
    place = {str(item): row for row, item in enumerate(export.items)}
    known = list(map(str, export.items))
    names = [BETWEEN.join(known[k] for k in pair) for pair in pairs]
    for name in items or []:
        pair = _pair_of(str(name), place)
        if pair is not None and name not in names:
            pairs.append(pair)
            names.append(str(name))
    data = {side: [shown[pair[k]] for pair in pairs] for k, side in enumerate(PLACES)}
    return data, names


def _pair_of(name: str, place: dict[str, int]) -> tuple[int, int] | None:
    """Return the items that the name of a pair names; None if it names no two."""
    parts = name.split(BETWEEN)
    for k in range(1, len(parts)):
        first, second = BETWEEN.join(parts[:k]), BETWEEN.join(parts[k:])
        if first in place and second in place and first != second:
            return place[first], place[second]
    return None


def check_preference(value: Any) -> Any:
    """Return what is preferred, if it is a place or a tie.

    Parameters
    ----------
    value : object
        None if it is not known.

    Returns
    -------
    value : str or None

    Raises
    ------
    ValueError
        If it is something else.
    """
    if value is not None and value not in (*PLACES, TIE):
        raise ValueError(
            f"labels holds {value!r}, but of a pair 'first', 'second' or 'tie' is "
            "preferred."
        )
    return value
