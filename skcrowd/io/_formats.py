"""All formats, and how they are told apart."""

from __future__ import annotations

from inspect import signature
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._annotations_export import Export
from ._argilla import ARGILLA
from ._contents import JSON, PARQUET, content_of
from ._csv_rows import read_columns
from ._doccano import DOCCANO, is_file_of_user
from ._files import encoding_of, first_with_record, start_of
from ._folders import PARTS, parts_in
from ._json_records import read_records
from ._label_studio import LABEL_STUDIO
from ._mturk import MTURK
from ._parquet import parquet_columns
from ._potato import POTATO
from ._prodigy import PRODIGY
from ._refused import APPEN_JSON, CVAT, GROUND_TRUTH, ZIP
from ._table import TABLE
from ._toloka import TOLOKA
from ._tool import Format, Head

if TYPE_CHECKING:
    from skcrowd._typing import PathLike

__all__ = ["FORMATS", "read_answers"]

# Those that recognise more files come later.
FORMATS: dict[str, Format] = {
    "cvat": CVAT,
    "zip": ZIP,
    "appen_json": APPEN_JSON,
    "label_studio": LABEL_STUDIO,
    "prodigy": PRODIGY,
    "argilla": ARGILLA,
    "mturk": MTURK,
    "toloka": TOLOKA,
    "potato": POTATO,
    "doccano": DOCCANO,
    "ground_truth": GROUND_TRUTH,
    "table": TABLE,
}
"""The formats that `read_answers` knows, by name."""

_IN_FOLDERS = ("label_studio", "prodigy", "argilla")
"""Formats of which a folder may hold several files, not one for each annotator."""

_BINARY = {".xlsx", ".xls", ".ods", ".zip"}
_PACKED = b"PK\x03\x04"  # a zip archive
_START = 2**12


def read_answers(path: PathLike, format: str | None = None, **options: Any) -> Export:
    r"""Read the answers of a file, whatever labelling tool has written it.

    Parameters
    ----------
    path : path
        A file, or a folder: with a file for each annotator, with files of a long table,
        which name item, annotator and answer in each row, or with several files of
        Label Studio (such as a storage), Prodigy or Argilla.
    format : str, default=None
        One of `FORMATS`. None recognises it by the first record; JSON that no tool
        has written is a table where an option names its columns.
    **options
        Those of the reader of the format, such as ``data=True`` or ``question=``.

    Returns
    -------
    export : Export

    Raises
    ------
    TypeError
        If the reader of the format has no such option.
    ValueError
        If the format is not recognised, or the file is malformed.

    Warns
    -----
    CrowdWarning
        If a folder is read as doccano's, with a file for each annotator, and a field of
        its records may name the annotators, as in a table.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.io import read_answers
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "answers.csv"
    ...     _ = path.write_text("task,worker,label\n1,ann,yes\n1,bob,no\n")
    ...     export = read_answers(path)
    >>> export.annotations[0]
    {'ann': 'yes', 'bob': 'no'}
    """
    path = Path(path)
    parts = _parts(path, format, options)
    if format is None:
        format = "table" if parts else _recognised(path, _given(options))
    elif format not in FORMATS:
        raise ValueError(f"format must be one of {list(FORMATS)}, got {format!r}.")
    read = FORMATS[format].read
    known = signature(read).parameters
    takes_all = any(each.kind is each.VAR_KEYWORD for each in known.values())
    unknown = [name for name in options if name not in known]
    if unknown and not takes_all:
        raise TypeError(
            f"{FORMATS[format].title} is read without the option {unknown[0]!r}; there "
            f"are {list(known)[1:]}."
        )
    if format in _IN_FOLDERS and path.is_dir():
        parts = _files_in(path)
    return read(parts or path, **options)


def _given(options: dict[str, Any]) -> list[str]:
    return [name for name, value in options.items() if value is not None]


def _parts(path: Path, format: str | None, options: dict[str, Any]) -> list[Path]:
    """Return the files of a folder that has parts of one table, else none.

    Where no format is given, they are none of another format, nor of users of doccano.
    """
    if format not in (None, "table") or not path.is_dir():
        return []
    files = parts_in(path, options, read_head)
    if not files or format == "table":
        return files
    head = read_head(first_with_record(files))._replace(options=_given(options))
    is_of_user = not set(PARTS) & set(head.options) and is_file_of_user(head)
    return [] if is_of_user or _format_of(head) != "table" else files


def _format_of(head: Head) -> str | None:
    """Return the first format that recognises a file, None if none does."""
    return next((n for n, known in FORMATS.items() if known.recognises(head)), None)


def _recognised(path: Path, given: list[str]) -> str:
    """Return the name of the first format that recognises a file, by given options."""
    head = read_head(path)._replace(options=given)
    name = _of_folder(path) if path.is_dir() else None
    if name is None:
        name = _format_of(head)
    if name is None:
        begins = list(head.record) if head.record else head.start[:60]
        if path.is_dir():
            begins = sorted(each.name for each in path.iterdir())[:5]
        raise ValueError(
            f"{path.name} is of no format that is recognised; it begins with "
            f"{begins!r}. Pass format=, one of {list(FORMATS)}, or, of a table, item=, "
            "annotator=, answer=, the names of its columns."
        )
    return name


def _files_in(folder: Path) -> list[Path]:
    """Return the files in a folder that are not hidden, in order."""
    files = (path for path in folder.iterdir() if path.is_file())
    return sorted(path for path in files if not path.name.startswith("."))


def _of_folder(folder: Path) -> str | None:
    """Return the format of the first file in a folder, if it is one of several."""
    files = _files_in(folder)
    if not files or content_of(first_with_record(files)) not in (JSON, PARQUET):
        return None
    head = read_head(first_with_record(files))
    return next((n for n in _IN_FOLDERS if FORMATS[n].recognises(head)), None)


def read_head(path: Path) -> Head:
    """Read the beginning of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    head : Head
    """
    if path.is_dir() or path.suffix.lower() in _BINARY:
        return Head(path, "", None, [])
    content = content_of(path)
    if content == PARQUET:
        return Head(path, "", None, parquet_columns(path))
    begin = start_of(path, _START)
    if begin.startswith(_PACKED):
        return Head(Path(f"{path}.zip"), "", None, [])
    text = begin.decode(encoding_of(begin), errors="replace")
    start = text.removeprefix("\ufeff").lstrip()
    if not start:
        raise ValueError(f"{path.name} is empty.")
    if content == JSON and start.startswith(("{", "[")):
        first = next(islice(read_records(path), 1), None)
        return Head(path, start, first.data if first else None, [])
    if "\0" in start or start.startswith("<"):
        return Head(path, start, None, [])
    return Head(path, start, None, read_columns(path))
