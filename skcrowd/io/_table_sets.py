"""Rows of a table that are sets of labels, or labels of one set."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

from ._collector import Collector
from ._decimal_numbers import as_number
from ._json_records import Record
from ._name_types import is_missing
from ._question_answers import SET, Answer

__all__ = ["SetRows"]


class _Row(NamedTuple):
    labels: tuple[Any, ...]
    details: dict[str, Any]
    where: str
    number: int


class SetRows:
    """The rows of every annotator and item.

    Where a cell holds several labels, or a list, every row is a whole answer; else the
    rows of an annotator and item are the labels of one set.

    Parameters
    ----------
    collector : Collector
    """

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.are_whole = False
        self._rows: dict[tuple[int, Hashable], list[_Row]] = {}

    def add(
        self,
        item: int,
        annotator: Hashable,
        labels: tuple[Any, ...],
        details: dict[str, Any],
        record: Record,
    ) -> None:
        """Add a row.

        Parameters
        ----------
        item : int
        annotator : hashable
        labels : tuple
        details : dict
            What the row says of the answer.
        record : Record
        """
        row = _Row(labels, details, record.where, record.number)
        self._rows.setdefault((item, annotator), []).append(row)

    def submit(self) -> None:
        """Give the collector the answers.

        Raises
        ------
        ValueError
            If rows of one set say different things of the answer.
        """
        for (item, annotator), rows in self._rows.items():
            for row in rows if self.are_whole else [_joined(rows)]:
                answer = Answer(SET, tuple(dict.fromkeys(row.labels)))
                self.collector.submit(
                    item, annotator, {"answer": answer}, row.number, **row.details
                )


def _joined(rows: Sequence[_Row]) -> _Row:
    """Return the set of which each row has a label."""
    first = rows[0]
    for row in rows[1:]:
        _check_same(first.details, row.details, row.where)
    return first._replace(labels=tuple(label for row in rows for label in row.labels))


def _check_same(first: dict[str, Any], further: dict[str, Any], where: str) -> None:
    """Raise if two rows of one set say different things of the answer."""
    for name, value in further.items():
        before = first[name]
        are_missing = is_missing(value) and is_missing(before)
        if not are_missing and _number(value) != _number(before):
            raise ValueError(
                f"{where} has the {name} {value!r}, and an earlier row of the same "
                f"annotator and item {before!r}; a set of labels has one {name}."
            )


def _number(value: Any) -> Any:
    """Return what a detail says, however it is written; what is no number as it is."""
    try:
        return as_number(value)
    except (TypeError, ValueError):
        return value
