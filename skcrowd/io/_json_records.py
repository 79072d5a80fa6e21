"""Read JSON Lines and JSON arrays record by record, whatever their size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ._files import open_text, paths_of
from ._progress import Progress

__all__ = ["Record", "parse_json", "read_records"]

CHUNK = 2**18  # characters that are read at a time
# An error this close to the end of what has been read may be due to the cut.
_LONGEST_LITERAL = 12


class _RepeatedKeyError(ValueError):
    """An object of JSON names a field twice, of which Python would keep the last."""


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the fields of an object; raise if two have one name."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _RepeatedKeyError(
            f"an object has the field {twice!r} more than once, and it is not certain "
            "which counts"
        )
    return fields


_DECODER = json.JSONDecoder(object_pairs_hook=_distinct)


def parse_json(text: str) -> Any:
    """Return the value that a text is in JSON, such as a cell of a table.

    Parameters
    ----------
    text : str

    Returns
    -------
    value : object

    Raises
    ------
    json.JSONDecodeError
        If it is none.
    ValueError
        If an object has a field more than once.
    """
    return _DECODER.decode(text)


class Record(NamedTuple):
    """One record of an export.

    Attributes
    ----------
    data : dict
    where : str
        Which record it is, for error messages.
    number : int
        From 1.
    source : str
        Name of the file without its ending, "" if there is none.
    """

    data: dict[str, Any]
    where: str
    number: int
    source: str


def read_records(source: Any, progress: Progress = None) -> Iterator[Record]:
    """Yield the records of files or of an iterable.

    Parameters
    ----------
    source : path, list of paths, or iterable of mappings
        A file is JSON Lines, a JSON array of objects, or one or several JSON objects.
    progress : bool, callable or None, default=None

    Yields
    ------
    record : Record

    Raises
    ------
    ValueError
        If a file is empty, truncated or no JSON, a record is no object, or an object
        has a field more than once; with the number of the record and the line.
    """
    paths = paths_of(source)
    if paths is not None:
        for path in paths:
            yield from _from_file(path, progress)
        return
    if isinstance(source, Mapping) or not isinstance(source, Iterable):
        raise TypeError(
            "an export is a path, a list of paths, or an iterable of records (dicts), "
            f"got {type(source).__name__}."
        )
    for number, data in enumerate(source, start=1):
        where = f"record {number}"
        yield Record(_checked(data, where), where, number, "")


def _from_file(path: Path, progress: Progress) -> Iterator[Record]:
    with open_text(path, progress) as text:
        reader = _Buffer(text.stream, text.show, path.name)
        number, file, source = 0, path.name, path.stem
        for data, line in reader.values():
            number += 1
            where = f"{file}, record {number} (line {line})"
            yield Record(_checked(data, where), where, number, source)
        if not number:
            raise ValueError(f"{path.name} holds no record.")


def _checked(data: Any, where: str) -> dict[str, Any]:
    if not isinstance(data, Mapping):
        raise ValueError(
            f"{where} is a {type(data).__name__} ({str(data)[:40]!r}), expected an "
            "object with named fields."
        )
    return data if isinstance(data, dict) else dict(data)


class _Buffer:
    """A window on a file of JSON values, which are decoded one after another.

    Parameters
    ----------
    stream : TextIOWrapper
    show : callable
        Called after each read.
    name : str
        Of the file.
    """

    def __init__(self, stream: Any, show: Any, name: str) -> None:
        self.stream, self.show, self.name = stream, show, name
        self.text, self.place = "", 0
        self.line, self.counted = 1, 0  # line at the place counted to
        self.is_complete = False
        self.n_values = 0

    def values(self) -> Iterator[tuple[Any, int]]:
        """Yield the values of an array, or side by side, and their first lines."""
        first = self._next_character()
        if first == "[":
            self.place += 1
        elif first is None:
            return
        is_array = first == "["
        while True:
            character = self._next_character()
            if character is None:
                if is_array:
                    self._refuse("the array does not end: the file is truncated")
                return
            if is_array and character == "]":
                self.place += 1
                return self._check_end()
            if is_array and self.n_values:
                if character != ",":
                    self._refuse(f"a comma is missing before {character!r}")
                self.place += 1
                self._next_character()
            yield self._decode()

    def _decode(self) -> tuple[Any, int]:
        """Decode the value at the place; read on until it is whole."""
        size = CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self.text, self.place)
            except json.JSONDecodeError as error:
                if self.is_complete or not self._may_be_cut(error):
                    self._refuse_value(error)
            except RecursionError:
                self._refuse("it is nested too deeply")
            except _RepeatedKeyError as error:
                self._refuse(str(error))
            else:
                if end < len(self.text) or self.is_complete:
                    break  # else a number may go on
            self._read(size)
            size *= 2  # a long record is decoded a few times only
        line = self._line_at(self.place)
        self.place = end
        self.n_values += 1
        return value, line

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        is_near_end = error.pos >= len(self.text) - _LONGEST_LITERAL
        return is_near_end or error.msg.startswith("Unterminated string")

    def _next_character(self) -> str | None:
        """Skip white space; return the character there, None at the end of the file."""
        while True:
            while self.place < len(self.text):
                if not self.text[self.place].isspace():
                    return self.text[self.place]
                self.place += 1
            if self.is_complete:
                return None
            self._read(CHUNK)

    def _read(self, size: int) -> None:
        """Drop what is decoded, and read on."""
        more = self.stream.read(size)
        self._line_at(self.place)
        self.text = self.text[self.place :] + more
        self.place = self.counted = 0
        self.is_complete = not more
        self.show()

    def _line_at(self, place: int) -> int:
        """Return the line of a place that follows those asked for before."""
        self.line += self.text.count("\n", self.counted, place)
        self.counted = place
        return self.line

    def _check_end(self) -> None:
        if self._next_character() is not None:
            self._refuse("something follows the end of the array")

    def _refuse_value(self, error: json.JSONDecodeError) -> None:
        rest = self.text[error.pos :].rstrip()
        is_cut = any(literal.startswith(rest) for literal in ("true", "false", "null"))
        if is_cut or error.msg.startswith("Unterminated string"):
            self._refuse("it does not end: the file is truncated")
        self._refuse(f"it is no JSON: {error.msg}", error.pos)

    def _refuse(self, problem: str, place: int | None = None) -> None:
        place = self.place if place is None else place
        line = self._line_at(place)
        raise ValueError(
            f"{self.name}, record {self.n_values + 1} (line {line}): {problem}. "
            "Export it again."
        )
