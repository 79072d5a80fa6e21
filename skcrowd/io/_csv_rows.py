"""Read CSV and TSV files row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from ._files import open_text, paths_of
from ._json_records import Record
from ._progress import Progress

__all__ = ["check_distinct", "read_columns", "read_rows"]

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
    with _reading(path), open_text(path) as text:
        return next(_csv_reader(text.stream, path.name), [])


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
        If a column has no name or that of another, a row has more or fewer fields than
        there are columns, or a line holds the character NUL; with its number.
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
    with _reading(path), open_text(path, progress) as text:
        reader = _csv_reader(text.stream, path.name)
        names: list[str] = next(reader, [])
        _check_names(names, path.name)
        yield from _records(reader, names, path, text.show)


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Allow long fields; raise a ValueError that says what is wrong."""
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        yield
    except csv.Error as error:
        raise ValueError(
            f"{path.name} is no CSV, or truncated: {error}; a quotation mark in a "
            "field is doubled, and the field is quoted."
        ) from error
    finally:
        csv.field_size_limit(limit)


def _csv_reader(stream: Any, file: str) -> Any:
    """Return a reader, whose delimiter is that of the first line that is not blank."""
    stream = _without_nul(stream, file)
    header = next((line for line in stream if line.strip()), "")
    delimiter = max("\t,;", key=header.count)
    return csv.reader(
        chain([header], stream),
        delimiter=delimiter,
        skipinitialspace=f"{delimiter} " in header,
        strict=True,
    )


def _without_nul(stream: Any, file: str) -> Iterator[str]:
    """Yield lines; raise if one holds the character NUL, which no text has."""
    for number, line in enumerate(stream, start=1):
        if "\0" in line:
            raise ValueError(
                f"{file}, line {number} holds the character NUL: the file is damaged, "
                "or in UTF-16 without a byte order mark; save it as UTF-8."
            )
        yield line


def _records(reader: Any, names: list[str], path: Path, show: Any) -> Iterator[Record]:
    number, file, source = 0, path.name, path.stem
    for fields in reader:
        if not fields:
            continue
        number += 1
        where = f"{file}, row {number} (line {reader.line_num})"
        if len(fields) != len(names):
            raise ValueError(
                f"{where} has {len(fields)} fields, but there are {len(names)} "
                "columns; the file is truncated, or a field has an unquoted delimiter."
            )
        yield Record(dict(zip(names, fields, strict=True)), where, number, source)
        if not number % 4096:
            show()
    show()
    if not number:
        raise ValueError(f"{path.name} has a header, but no row.")


def _check_names(names: list[str], file: str) -> None:
    if not names:
        raise ValueError(f"{file} is empty.")
    check_distinct(names, file)


def check_distinct(names: list[str], table: str) -> None:
    """Raise if two columns have one name, of which one would be lost.

    Parameters
    ----------
    names : list of str
    table : str
        Whose columns they are, for the error message.
    """
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(
            f"{table} has several columns {min(twice)!r}; names of columns must differ."
        )
