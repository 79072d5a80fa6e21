"""What readers say of a labelling tool."""

from __future__ import annotations

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, NamedTuple

from ._annotations_export import Export

__all__ = ["Format", "Head", "Tool"]


class Tool(NamedTuple):
    """A labelling tool, for messages.

    Attributes
    ----------
    title : str
    identity : str
        What to do so that an export names the annotators.
    empty_is_answer : bool, default=False
        Whether a submitted record without an answer to a question means that nothing
        was found: no span, no label ticked.
    is_text : bool, default=False
        Whether files have no types, such as CSV.
    """

    title: str
    identity: str
    empty_is_answer: bool = False
    is_text: bool = False


class Head(NamedTuple):
    """The beginning of a file, by which its format is recognised.

    Attributes
    ----------
    path : Path
    start : str
        The first characters, "" of a folder or a file that is no text.
    record : dict or None
        The first record of JSON.
    columns : list of str
        The columns of a CSV, TSV or Parquet file; empty for others.
    options : collection of str, default=()
        The options of the reader that the user has given.
    """

    path: Path
    start: str
    record: dict[str, Any] | None
    columns: list[str]
    options: Collection[str] = ()


class Format(NamedTuple):
    """A format that `read_answers` knows.

    Attributes
    ----------
    title : str
        Name of the tool.
    read : callable
        Maps a path, and options of its own, to an Export.
    recognises : callable
        Maps a Head to whether the file is of this format.
    write : callable or None
        Writes tasks: maps a path, an Export, and options of its own, to the path.
    """

    title: str
    read: Callable[..., Export]
    recognises: Callable[[Head], bool]
    write: Callable[..., Path] | None = None
