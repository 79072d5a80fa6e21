"""Merge several names of one annotator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._answer_details import map_annotators
from ._assemble import names_array
from ._lookup import first_duplicate, positions, preview

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, IntArray

    from ._container import Annotations


def merge_annotators(
    annotations: Annotations,
    same: Mapping[Any, Any],
    repeated: str,
    described: Callable[[int], str] | None = None,
) -> Annotations:
    """Give several names of one annotator one; see `Annotations.merge_annotators`.

    Parameters
    ----------
    annotations : Annotations
    same : dict of name to list of names
    repeated : {"error", "first", "last"}
    described : callable, default=None
        Names a row, for the error message; None names it as an item.
    """
    if repeated not in ("error", "first", "last"):
        raise ValueError(
            f'repeated must be "error", "first" or "last", got {repeated!r}.'
        )
    if not isinstance(same, Mapping):
        raise TypeError(
            f"same is a {type(same).__name__}; pass a dict from the new name to the "
            "list of names that it replaces, such as {'ann': ['ann', 'Ann']}."
        )
    target, rank, names = _targets(annotations, same)
    annotator = target[annotations.annotator]
    sign = -1 if repeated == "last" else 1
    order = np.lexsort(
        (sign * rank[annotations.annotator], annotator, annotations.item)
    )
    item, annotator = annotations.item[order], annotator[order]
    answer = annotations.answer[order]
    again = np.zeros(item.size, dtype=bool)
    again[1:] = (np.diff(item) == 0) & (np.diff(annotator) == 0)
    differs = again & _differs(annotations, order)
    if repeated == "error" and differs.any():
        row = int(item[np.argmax(differs)])
        item_names = annotations.item_names
        name = f"item {row if item_names is None else item_names.tolist()[row]!r}"
        merged = names.tolist()[annotator[np.argmax(differs)]]
        raise ValueError(
            f"{name if described is None else described(row)} has different answers "
            f"under the names of {merged!r} ({np.count_nonzero(differs)} such answers);"
            ' if they are one person, pass repeated="first" or "last".'
        )
    kept = ~again
    details = annotations.details
    if details is not None:
        details = details.take(order[kept], map_annotators(target))
        details = _without_answered(details, item[kept], annotator[kept])
    return replace(
        annotations,
        item=item[kept],
        annotator=annotator[kept],
        answer=answer[kept],
        shape=(annotations.n_items, len(names)),
        annotator_names=names,
        details=details,
    )


def _differs(annotations: Annotations, order: IntArray) -> BoolArray:
    """Mark the answers that differ from the one before, also in probabilities."""
    answer, shares = annotations.answer[order], annotations.probabilities
    differs = np.zeros(order.size, dtype=bool)
    differs[1:] = answer[1:] != answer[:-1]
    if shares is not None:
        differs[1:] |= (shares[order[1:]] != shares[order[:-1]]).any(axis=1)
    return differs


def _without_answered(details: Any, item: IntArray, annotator: IntArray) -> Any:
    """Drop the pairs that were unsure under one name and answered under another."""
    if details.unsure is None:
        return details
    answered = set(zip(item.tolist(), annotator.tolist(), strict=True))
    kept = [pair not in answered for pair in map(tuple, details.unsure.tolist())]
    return replace(details, unsure=details.unsure[np.array(kept, dtype=bool)])


def _targets(
    annotations: Annotations, same: Mapping[Any, Any]
) -> tuple[IntArray, IntArray, Any]:
    """Return the new position of every annotator, their ranks, and the new names."""
    old = annotations.annotator_names
    group = np.arange(len(old))
    rank = np.zeros(len(old), dtype=np.int64)
    new_names = dict(enumerate(old.tolist()))
    listed: list[Any] = []
    for name, others in same.items():
        wanted = [others] if isinstance(others, str) else list(others)
        place = positions(names_array(wanted), old)
        if (place < 0).any() or not wanted:
            unknown = [other for other, at in zip(wanted, place, strict=True) if at < 0]
            raise ValueError(
                f"{name!r} is to merge {unknown or 'nobody'}, who are none of the "
                f"annotators {preview(old)}."
            )
        listed += wanted
        first = int(place.min())
        group[place], rank[place] = first, np.arange(len(place))
        new_names[first] = name
    repeat = first_duplicate(names_array(listed)) if listed else None
    if repeat is not None:
        raise ValueError(f"annotator {repeat!r} is listed twice; list each name once.")
    kept, target = np.unique(group, return_inverse=True)
    names = names_array([new_names[i] for i in kept.tolist()])
    repeat = first_duplicate(names)
    if repeat is not None:
        raise ValueError(
            f"{repeat!r} would be the name of two annotators; list it among the names "
            "to merge, or choose another."
        )
    return target, rank, names
