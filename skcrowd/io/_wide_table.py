"""Tables with a row for each item, and a column for each annotator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skcrowd.annotations._usual_names import ITEM, by_plain_name, usual_pair

from ._json_records import Record

__all__ = ["OWN_NAMES", "check_wide", "names_items", "unpivoted"]

OWN_NAMES: dict[str, str | None] = {
    "annotator": "annotator (column)",
    "answer": "answer (cell)",
}
"""Columns of the long table, whose names no column of the user has."""

_OF_ANSWERS = "annotator", "answer", "confidence", "time"


def check_wide(annotators: Sequence[str], given: Mapping[str, Any]) -> None:
    """Raise if the columns of annotators are not clear.

    Parameters
    ----------
    annotators : sequence of str
        The columns.
    given : Mapping from part to str or None
        The columns that the user named besides.

    Raises
    ------
    ValueError
        If there is none or one is there twice, or a column is named that says something
        of one answer.
    """
    if isinstance(annotators, str):
        raise ValueError(
            f"annotators={annotators!r}; give a list of columns: [{annotators!r}]."
        )
    twice = sorted({str(name) for name in annotators if [*annotators].count(name) > 1})
    if twice or not len(annotators):
        raise ValueError(
            f"annotators={list(annotators)}; give the column of each annotator, once."
        )
    further = [part for part in _OF_ANSWERS if given.get(part) is not None]
    if further:
        raise ValueError(
            f"with annotators= a row has the answers of several people, so {further} "
            "cannot be a column; leave it out, or make a table with a row for each "
            "answer."
        )


def names_items(
    table: Any, annotators: Sequence[str] | None, item: Any, pair: Any
) -> bool:
    """Return whether columns of a DataFrame name the items, or the two of a pair.

    Parameters
    ----------
    table : DataFrame
    annotators : sequence of str or None
        Columns that do not.
    item, pair : object
        What the user said; None: nothing.
    """
    if item is not None or pair is not None:
        return True
    names = map(str, table.columns)
    others = [name for name in names if name not in (annotators or ())]
    is_pair = usual_pair(others, OWN_NAMES["answer"]) is not None
    return is_pair or bool(by_plain_name(others).keys() & set(ITEM))


def unpivoted(records: Iterator[Record], annotators: Sequence[str]) -> Iterator[Record]:
    """Yield a record for each answer.

    Parameters
    ----------
    records : iterator of Record
        With a field for each annotator.
    annotators : sequence of str
        The names of these fields.

    Yields
    ------
    record : Record
        With the fields `OWN_NAMES` in place of those.
    """
    own = [str(name) for name in OWN_NAMES.values()]
    for record in records:
        missing = [name for name in annotators if name not in record.data]
        if missing:
            raise ValueError(
                f"{record.where} lacks the columns {missing} of annotators; it has "
                f"{list(record.data)}."
            )
        row = {k: v for k, v in record.data.items() if k not in annotators}
        for name in annotators:
            answer = dict(zip(own, (name, record.data[name]), strict=True))
            yield record._replace(data=row | answer)
