"""Read CSV and TSV files row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ._files import open_text, paths_of
from ._json_records import Record
from ._progress import Progress

__all__ = ["read_columns", "read_rows"]

_LONGEST_FIELD = 2**31 - 1  # of the csv module; the default is 131072 characters


def read_columns(path: Path) -> list[str]:
    """Return the names of the columns of a CSV or TSV file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    columns : list of str
        Empty if the file is.
    """
    with open_text(path) as text:
        header = text.stream.readline()
    return next(iter(csv.reader([header], delimiter=_delimiter(header))), [])


def read_rows(source: Any, progress: Progress = None) -> Iterator[Record]:
    """Yield the rows of CSV or TSV files as records.

    Parameters
    ----------
    source : path or list of paths
        The delimiter is a tab, comma or semicolon, whichever is most frequent in the
        header.
    progress : bool, callable or None, default=None

    Yields
    ------
    record : Record
        Values are strings.

    Raises
    ------
    ValueError
        If a column has no name or that of another, or a row has more or fewer fields
        than there are columns; with the number of the row.
    """
    paths = paths_of(source)
    if paths is None:
        raise TypeError(
            f"expected a path of a CSV or TSV file, or a list of them, got "
            f"{type(source).__name__}."
        )
    for path in paths:
        yield from _from_file(path, progress)


def _from_file(path: Path, progress: Progress) -> Iterator[Record]:
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        with open_text(path, progress) as text:
            header = text.stream.readline()
            names = next(csv.reader([header], delimiter=_delimiter(header)), [])
            _check_names(names, path.name)
            reader = csv.reader(text.stream, delimiter=_delimiter(header))
            yield from _records(reader, names, path, text.show)
    except csv.Error as error:
        raise ValueError(f"{path.name} is no CSV: {error}.") from error
    finally:
        csv.field_size_limit(limit)


def _records(reader: Any, names: list[str], path: Path, show: Any) -> Iterator[Record]:
    number = 0
    for fields in reader:
        if not fields:
            continue
        number += 1
        where = f"{path.name}, row {number} (line {reader.line_num + 1})"
        if len(fields) != len(names):
            raise ValueError(
                f"{where} has {len(fields)} fields, but there are {len(names)} "
                "columns; the file is truncated, or a field has an unquoted delimiter."
            )
        yield Record(dict(zip(names, fields, strict=True)), where, number, path.stem)
        if not number % 4096:
            show()
    show()
    if not number:
        raise ValueError(f"{path.name} has a header, but no row.")


def _delimiter(header: str) -> str:
    return max("\t,;", key=header.count)


def _check_names(names: list[str], file: str) -> None:
    if not names:
        raise ValueError(f"{file} is empty.")
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(
            f"{file} has several columns {min(twice)!r}; names of columns must differ."
        )
