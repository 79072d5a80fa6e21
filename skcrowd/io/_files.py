"""Open text files: encoding, byte order mark, progress."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any, NamedTuple

from ._progress import Progress, showing

__all__ = [
    "OpenText",
    "check_no_pipe",
    "encoding_of",
    "ending_of",
    "files_of_users",
    "first_with_record",
    "is_path",
    "open_text",
    "paths_of",
    "start_of",
]

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class OpenText(NamedTuple):
    """A text file that is being read.

    Attributes
    ----------
    stream : TextIOWrapper
        Line ends are those of the file.
    show : callable
        To be called now and then: reports how much has been read.
    """

    stream: TextIOWrapper
    show: Callable[[], None]


GZIP = b"\x1f\x8b"


def check_no_pipe(path: Path) -> None:
    """Raise if a file can be read only once: its format is found by its beginning.

    Parameters
    ----------
    path : Path

    Raises
    ------
    ValueError
        If it is a pipe or a device, or "-", which stands for one.
    """
    is_special = path.exists() and not path.is_file() and not path.is_dir()
    if is_special or (str(path) == "-" and not path.exists()):
        raise ValueError(
            f"{path} is a pipe or a device, which can be read only once; write what "
            "comes from it into a file first, and name that."
        )


def ending_of(path: Path) -> str:
    """Return the ending of a file's name in lower case, without that of gzip."""
    is_packed = path.suffix.lower() == ".gz"
    return (Path(path.stem) if is_packed else path).suffix.lower()


def _check_file(path: Path) -> None:
    """Raise if a path is no file that can be read again."""
    check_no_pipe(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file in it.")


def start_of(path: Path, n_bytes: int) -> bytes:
    """Return the first bytes of a file, unpacked if it is packed by gzip."""
    _check_file(path)
    with path.open("rb") as binary:
        start = binary.read(n_bytes)
        if not start.startswith(GZIP):
            return start
        binary.seek(0)
        try:
            with gzip.GzipFile(fileobj=binary) as unpacked:
                return unpacked.read1(n_bytes)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(_damaged(path, error)) from error


def files_of_users(users: Mapping[Any, Any]) -> dict[Any, Any]:
    """Return the files that hold a record: users without an answer have an empty one.

    Parameters
    ----------
    users : Mapping from user to path, or to anything else

    Returns
    -------
    users : dict
        All, if none holds a record.
    """
    found = {
        user: file
        for user, file in users.items()
        if not (is_path(file) and _has_no_record(Path(file)))
    }
    return found or dict(users)


def first_with_record(files: Sequence[Path]) -> Path:
    """Return the first file that holds a record; the first one, if none does.

    Parameters
    ----------
    files : sequence of Path
        At least one.
    """
    return next(iter(files_of_users({path: path for path in files})))


def _has_no_record(path: Path) -> bool:
    """Whether a file is empty, an empty list, or a table of which only the header."""
    if not path.is_file():
        return False
    start = start_of(path, 2**16)
    lines = start.decode(encoding_of(start), errors="replace").strip("\ufeff \r\n\t")
    is_table = ending_of(path) in (".csv", ".tsv")
    return lines in ("", "[]") or (is_table and len(lines.splitlines()) == 1)


def encoding_of(start: bytes) -> str:
    """Return the encoding that a byte order mark says; UTF-8 without one."""
    return next(
        (name for mark, name in _MARKS.items() if start.startswith(mark)), "utf-8"
    )


def _damaged(path: Path, error: Exception) -> str:
    return f"{path.name} is packed by gzip and damaged or truncated: {error}."


def is_path(source: Any) -> bool:
    """Return whether `source` names a file."""
    return isinstance(source, (str, Path)) or hasattr(source, "__fspath__")


def paths_of(source: Any) -> list[Path] | None:
    """Return the files that `source` names, one or a list; None for anything else."""
    if is_path(source):
        return [Path(source)]
    if isinstance(source, (list, tuple)) and source and all(map(is_path, source)):
        return [Path(path) for path in source]
    return None


@contextmanager
def open_text(path: Path, progress: Progress = None) -> Iterator[OpenText]:
    """Open a file that is UTF-8, or has a byte order mark; also packed by gzip.

    Parameters
    ----------
    path : Path
    progress : bool, callable or None, default=None

    Yields
    ------
    text : OpenText

    Raises
    ------
    ValueError
        If the file is a pipe; if it is not UTF-8, while it is read.
    """
    _check_file(path)
    size = path.stat().st_size
    with path.open("rb") as binary, showing(progress, size, path.name) as show:
        is_packed = binary.peek(2)[:2] == GZIP
        content: Any = gzip.GzipFile(fileobj=binary) if is_packed else binary
        encoding = encoding_of(start_of(path, 4))
        stream = TextIOWrapper(content, encoding=encoding, newline="")
        try:
            yield OpenText(stream, lambda: show(binary.tell()))
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{path.name} is not {encoding}: {error.reason}, byte "
                f"0x{error.object[error.start]:02x}; save it as UTF-8."
            ) from error
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ValueError(_damaged(path, error)) from error
        finally:
            stream.detach()
