"""Tables in one value of JSON, as pandas and datasets write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from ._json_records import Record

__all__ = ["is_json_table", "rows_in"]

_PARTS = {"schema", "columns", "index", "data"}
_FEWEST = 3  # columns of a table of answers


def is_json_table(record: Mapping[str, Any]) -> bool:
    """Return whether a record of JSON is a whole table.

    Parameters
    ----------
    record : Mapping

    Returns
    -------
    bool
        True of a list of rows in "data", with or without their "columns", and of three
        or more columns, each of them a list or an object.
    """
    return _rows(record) is not None


def rows_in(records: Iterator[Record]) -> Iterator[Record]:
    """Yield records, or the rows of a table that is the only record.

    Parameters
    ----------
    records : iterator of Record

    Yields
    ------
    record : Record
    """
    first = next(records, None)
    if first is None:
        return
    second = next(records, None)
    rows = _rows(first.data) if second is None else None
    if rows is None:
        yield from chain([first], [] if second is None else [second], records)
        return
    for number, row in enumerate(rows, start=1):
        yield Record(row, f"row {number} of {first.where}", number, first.source)


def _rows(record: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the rows of a table; None if the record is none."""
    names, data = record.get("columns"), record.get("data")
    if isinstance(data, list) and data and set(record) <= _PARTS:
        if all(isinstance(row, dict) for row in data):
            return data
        if isinstance(names, list) and all(isinstance(row, list) for row in data):
            return [dict(zip(map(str, names), row, strict=True)) for row in data]
    return _transposed(record)


def _transposed(record: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the rows of columns that are lists, or objects with the same keys."""
    columns = list(record.values())
    if len(columns) < _FEWEST:
        return None
    if all(isinstance(column, list) for column in columns):
        sizes = {len(column) for column in columns}
        keys: Any = range(len(columns[0])) if len(sizes) == 1 else None
    elif all(isinstance(column, dict) for column in columns):
        are_same = all(column.keys() == columns[0].keys() for column in columns)
        keys = list(columns[0]) if are_same else None
    else:
        return None
    if keys is None:
        return None
    return [{name: record[name][key] for name in record} for key in keys]
