"""Read CSV and TSV files row by row."""

from __future__ import annotations

import csv
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from skcrowd.annotations._usual_names import ANNOTATOR, ANSWER, ITEM, by_plain_name
from skcrowd.annotations._warn import warn

from ._decimal_numbers import decimal_number
from ._files import open_text, paths_of
from ._json_records import Record
from ._progress import Progress

__all__ = ["check_distinct", "read_columns", "read_rows"]

_STATED = re.compile(r"sep=([,;|\t])\s*", re.I)  # for Excel, above the header
_QUOTED = re.compile('"[^"]*"')
_USUAL = {*ITEM, *ANNOTATOR, *ANSWER}
_LONGEST_FIELD = 2**31 - 1  # of the csv module; the default is 131072 characters


def read_columns(path: Path) -> list[str]:
    """Return the names of the columns of a CSV or TSV file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    columns : list of str
        Empty if the file is. Several without a name, which are empty, are left out.
    """
    with _reading(path), open_text(path) as text:
        names: list[str] = next(_csv_reader(text.stream, path.name), [])
    return [name for name in names if name] if names.count("") > 1 else names


def read_rows(source: Any, progress: Progress = None) -> Iterator[Record]:
    """Yield the rows of CSV or TSV files as records.

    Parameters
    ----------
    source : path or list of paths
        The delimiter is a tab, comma or semicolon, whichever is most frequent in the
        header outside of quotation marks, or that of a line "sep=;" of Excel above it,
        or a vertical bar in a header that has none of these.
    progress : bool, callable or None, default=None

    Yields
    ------
    record : Record
        Values are strings. Several columns without a name, as behind trailing
        delimiters, are left out; they are empty. So are rows without any value, and
        the header where it is repeated, as in files that were joined.

    Raises
    ------
    ValueError
        If a column has the name of another, or one of several without a name holds a
        value; if a row has more or fewer fields than there are columns, or a line
        holds the character NUL; with its number.

    Warns
    -----
    CrowdWarning
        If the header is repeated.
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
    header = _next_line(stream)
    stated = _STATED.fullmatch(header)
    if stated:
        header = _next_line(stream)
    delimiter = stated[1] if stated else _delimiter(header)
    second = _next_line(stream)
    if not stated:
        _check_header(header, second, file)
    return csv.reader(
        chain([header, second] if second else [header], stream),
        delimiter=delimiter,
        skipinitialspace=f"{delimiter} " in header,
        strict=True,
    )


def _check_header(header: str, second: str, file: str) -> None:
    """Raise if a header is a title, above the header, or separated by spaces.

    A table of one column may have any sign in it, so the names of columns decide.
    """
    if _delimiter(header) in header:
        return
    if _n_usual(second.split(_delimiter(second))) > 1:
        raise ValueError(
            f"{file} begins with the line {header.strip()!r}, which is no header; the "
            f"next one, {second.strip()!r}, is. Leave the first line out."
        )
    if _n_usual(header.split()) == len(header.split()) > 2:
        raise ValueError(
            f"{file} has spaces between the names of its columns, "
            f"{header.strip()!r}; separate columns by commas or tabs."
        )


def _n_usual(names: list[str]) -> int:
    """Return how many names are usual ones of columns."""
    return len(_USUAL & set(by_plain_name([name.strip(' "\n\r') for name in names])))


def _next_line(stream: Iterator[str]) -> str:
    """Return the next line that is not blank, or "" where there is none."""
    return next((line for line in stream if line.strip()), "")


def _delimiter(header: str) -> str:
    """Return the delimiter of a header, counted outside of quotation marks."""
    bare = _QUOTED.sub("", header)
    found = max("\t,;", key=bare.count)
    return found if found in bare or "|" not in bare else "|"


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
    unnamed = _unnamed(names)
    n_headers = 0
    for fields in reader:
        if not any(map(str.strip, fields)):
            continue
        if fields == names:
            n_headers += 1
            continue
        number += 1
        where = f"{file}, row {number} (line {reader.line_num})"
        if len(fields) != len(names):
            raise ValueError(
                f"{where} has {len(fields)} fields, but there are {len(names)} "
                "columns; the file is truncated, or a field has an unquoted delimiter."
            )
        data = dict(zip(names, fields, strict=True))
        if unnamed:
            _check_empty(fields, unnamed, where)
            del data[""]
        yield Record(data, where, number, source)
        if not number % 4096:
            show()
    show()
    if n_headers:
        warn(
            f"{file} repeats its header ({n_headers} times), as files that were joined "
            "do; these rows were left out.",
            ("rows", "header"),
        )
    if not number:
        raise ValueError(f"{path.name} has a header, but no row.")


def _unnamed(names: list[str]) -> list[int]:
    """Return the places of columns without a name, if there are several."""
    places = [place for place, name in enumerate(names) if not name]
    return places if len(places) > 1 else []


def _check_empty(fields: list[str], unnamed: list[int], where: str) -> None:
    """Raise if a column holds a value, which would be lost without a name."""
    for place in unnamed:
        if fields[place].strip():
            raise ValueError(
                f"{where} has {fields[place]!r} in column {place + 1}, one of several "
                "without a name; name the column in the first line."
            )


def _check_names(names: list[str], file: str) -> None:
    if not names:
        raise ValueError(f"{file} is empty.")
    named = [name for name in names if name]
    for name in _repeated(named):
        if _is_number(name):
            raise ValueError(
                f"{file} has several columns {name!r}, a number: its first line is no "
                "header; write the names of the columns above it."
            )
    check_distinct(named, file)


def _repeated(names: list[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]


def _is_number(name: str) -> bool:
    try:
        return math.isfinite(decimal_number(name))
    except ValueError:
        return False


def check_distinct(names: list[str], table: str) -> None:
    """Raise if two columns have one name, of which one would be lost.

    Parameters
    ----------
    names : list of str
    table : str
        Whose columns they are, for the error message.
    """
    twice = _repeated(names)
    if twice:
        raise ValueError(
            f"{table} has several columns {min(twice)!r}; names of columns must differ."
        )
