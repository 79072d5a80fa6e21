"""Tables with a row for each item, which has lists of annotators and of their answers.

Data sets on Hugging Face have both as columns, or as a list of objects, which
``datasets`` may turn into an object of lists, as
https://huggingface.co/datasets/Hate-speech-CNERG/hatexplain has them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from skcrowd.annotations._usual_names import (
    ANNOTATOR,
    ANSWER,
    PREFERRED,
    by_plain_name,
)

from ._json_records import Record
from ._lists_in_cells import list_in_text

__all__ = ["Nested", "nested_in", "unnested"]

MOST_EMPTY = 1000  # rows before the first one with an answer
_ANSWERS = [*ANSWER, *PREFERRED]


class Nested(NamedTuple):
    """Where the answers of a row are.

    Attributes
    ----------
    objects : str or None
        The column with a list of objects; None if columns have the lists.
    annotator, answer : str
        The columns, or names in the objects.
    """

    objects: str | None
    annotator: str
    answer: str


def nested_in(
    row: Mapping[str, Any], annotator: str | None = None, answer: str | None = None
) -> Nested | None:
    """Return where a row has the answers of several annotators.

    Parameters
    ----------
    row : Mapping
    annotator, answer : str or None
        The names of columns, or those in objects, if the user gave them.

    Returns
    -------
    nested : Nested or None
        None if the row is one answer, or it is not certain.
    """
    names = [annotator] if annotator else [*_known(row, ANNOTATOR)]
    flat = [name for name in names if name in row and not _objects(row[name])]
    own = next(iter(flat), None)
    if own is not None:
        who = _listed(row[own])
        answers = [answer] if answer else [*_known(row, _ANSWERS)]
        lists = {name: _listed(row[name]) for name in answers if name in row}
        if who is None or own in lists or not any(map(_is_list, lists.values())):
            return None
        if any(_is_one_of(row[name], who) for name in flat):
            return None
        if isinstance(row[own], tuple) and not own.endswith("s"):
            return None  # one annotator, whose name has several parts
        return Nested(None, own, max(lists, key=lambda name: _fit(lists[name], who)))
    for name, value in row.items():
        objects = _objects(value)
        inner = objects[0] if objects else {}
        by = _name_in(inner, annotator, ANNOTATOR)
        said = _name_in(inner, answer, _ANSWERS)
        if by is not None and said is not None and by != said:
            return Nested(str(name), by, said)
    return None


def unnested(
    records: Iterable[Record],
    given: Mapping[str, str | None],
    others: Iterable[str] = (),
) -> tuple[Iterator[Record], dict[str, str]]:
    """Return a row for each answer.

    Parameters
    ----------
    records : iterable of Record
    given : Mapping from part to str or None
        What the user said of the columns.
    others : iterable of str, default=()
        Further columns that have a list with an entry for each answer.

    Returns
    -------
    records : iterator of Record
    columns : dict from part to str
        The columns of annotators and answers, if rows had several.
    """
    listed, before = iter(records), []
    nested: Nested | None = None
    for record in listed:
        before.append(record)
        nested = nested_in(record.data, given.get("annotator"), given.get("answer"))
        is_empty = any(map(_is_empty, record.data.values()))
        if nested or not is_empty or len(before) == MOST_EMPTY:
            break
    every = chain(before, listed)
    if nested is None:
        return every, {}
    parts = {"annotator": nested.annotator, "answer": nested.answer}
    if nested.objects is None:
        names = (*parts.values(), *others)
        return (row for one in every for row in _of_lists(one, names)), parts
    outer = {*before[-1].data} - {nested.objects}
    columns = {
        part: f"{nested.objects}.{name}" if name in outer else name
        for part, name in parts.items()
    }
    return (row for one in every for row in _of_objects(one, nested, outer)), columns


def _of_lists(record: Record, names: Collection[str]) -> Iterator[Record]:
    """Yield a row for each entry of the lists of a row."""
    row = record.data
    absent = [name for name in names if name not in row]
    if absent:
        raise ValueError(f"{record.where} lacks {absent}; it has {list(row)}.")
    lists = {name: _listed(row[name]) or [] for name in names}
    sizes = {name: len(each) for name, each in lists.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(
            f"{record.where} has lists that differ in length, {sizes}; there is an "
            "answer for each annotator."
        )
    for entry in zip(*lists.values(), strict=True):
        yield record._replace(data=row | dict(zip(names, entry, strict=True)))
    if not any(sizes.values()):
        yield record._replace(data=row | dict.fromkeys(names))


def _of_objects(
    record: Record, nested: Nested, outer: Collection[str]
) -> Iterator[Record]:
    """Yield a row for each object of the list of a row."""
    row = {name: each for name, each in record.data.items() if name != nested.objects}
    value = record.data.get(str(nested.objects))
    objects = [] if value is None else _objects(value)
    if objects is None:
        raise ValueError(
            f"{record.where} has no list of objects in {nested.objects!r}, as the "
            "first row has."
        )
    for one in objects or [dict.fromkeys((nested.annotator, nested.answer))]:
        inner = {
            f"{nested.objects}.{name}" if name in outer else str(name): each
            for name, each in one.items()
        }
        yield record._replace(data=row | inner)


def _listed(value: Any) -> list[Any] | None:
    """Return a list, an array, or a list that is written in a cell; else None."""
    if isinstance(value, np.ndarray):
        return list(value.tolist()) if value.ndim else None
    if isinstance(value, str) and value.startswith("["):
        found = list_in_text(value)
        return None if found is None else list(found)
    return list(value) if isinstance(value, (list, tuple)) else None


def _is_empty(value: Any) -> bool:
    """Whether a cell may be a list of no answers."""
    return value is None or _listed(value) == []


def _is_one_of(value: Any, annotators: list[Any]) -> bool:
    """Whether a row says that an answer is by one of the annotators that it lists."""
    return isinstance(value, (str, int)) and value in annotators


def _is_list(found: list[Any] | None) -> bool:
    return found is not None


def _fit(answers: list[Any] | None, annotators: list[Any]) -> int:
    """Return 2 for a list of the same length, 1 for another list, 0 for none."""
    return 0 if answers is None else 1 + (len(answers) == len(annotators))


def _objects(value: Any) -> list[dict[str, Any]] | None:
    """Return a list of objects, which may be written as an object of lists."""
    if isinstance(value, Mapping):
        columns = {name: _listed(each) for name, each in value.items()}
        sizes = {len(each) for each in columns.values() if each is not None}
        if not columns or None in columns.values() or len(sizes) != 1:
            return None
        rows = zip(*(each or [] for each in columns.values()), strict=True)
        return [dict(zip(columns, row, strict=True)) for row in rows]
    listed = _listed(value)
    if listed is None or not all(isinstance(one, Mapping) for one in listed):
        return None
    return [dict(one) for one in listed]


def _known(row: Iterable[Any], usual: Iterable[str]) -> Iterator[str]:
    """Yield the names among usual ones, and their plurals, the likeliest first."""
    plain = by_plain_name(map(str, row))
    for name in usual:
        for each in (name, f"{name}s"):
            if each in plain:
                yield plain[each]


def _name_in(
    row: Mapping[Any, Any], given: str | None, usual: Iterable[str]
) -> str | None:
    if given is not None:
        return given if given in row else None
    return next(_known(row, usual), None)
