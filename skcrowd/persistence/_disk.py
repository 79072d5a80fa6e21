"""Reading of regular files, and their atomic replacement.

A new file is written without a name where the system can (``O_TMPFILE`` of Linux), so
that a killed process leaves nothing behind. Elsewhere it has a name that begins with
``.skcrowd-``, and is locked: an unlocked file of this name was left over by a killed
process, and the next `replacing` of the same file removes it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

try:
    import fcntl
except ImportError:  # Windows, where open files cannot be removed
    fcntl = None  # type: ignore[assignment]

__all__ = ["as_path", "open_file", "replacing"]

BINARY = getattr(os, "O_BINARY", 0)
NOT_WAITING = getattr(os, "O_NONBLOCK", 0)


def as_path(path: Any) -> Path:
    """Return a path given as str, bytes or path-like.

    Raises
    ------
    TypeError
        If it is anything else, such as an open file.
    """
    try:
        return Path(os.fsdecode(path))
    except TypeError as error:
        raise TypeError(
            f"path must be a str, bytes or path-like, got {type(path).__name__}."
        ) from error


def open_file(path: Any) -> Any:
    """Open a regular file to read from.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    OSError
        FileNotFoundError, PermissionError or IsADirectoryError, as ``open`` raises.
    ValueError
        If it is a pipe, a device or a socket, where reading may never end.
    """
    _check_is_file(path, os.stat(path))
    return open(os.open(path, os.O_RDONLY | NOT_WAITING | BINARY), "rb")


@contextmanager
def replacing(path: Any) -> Iterator[Any]:
    """Yield a new file that replaces the old one at the end, if nothing is raised.

    It has the mode and, if permitted, the owner of the file that it replaces; a file at
    a new path has the mode of the umask. A symbolic link is followed.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    OSError
        If the file cannot be written; an old file is then unchanged.
    ValueError
        If the path is a pipe, a device or a socket.
    """
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    old_status = _status(target)
    prefix = f".skcrowd-{sha256(os.fsencode(name)).hexdigest()[:12]}-"
    _remove_leftovers(folder, prefix)
    unfinished = os.path.join(folder, prefix + uuid4().hex[:12])
    try:
        descriptor, is_named = _create(
            folder, unfinished, 0o600 if old_status else 0o666
        )
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with open(descriptor, "w+b") as file:
            yield file
            file.flush()
            if old_status is not None:
                _copy_owner(descriptor, old_status)
            os.fsync(descriptor)
            if not is_named:
                _give_name(descriptor, folder, unfinished)
            if fcntl is None:
                file.close()
            os.replace(unfinished, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def _status(target: str) -> Any:
    """Return the status of the file to replace; None if there is none."""
    try:
        status = os.stat(target)
    except FileNotFoundError:
        return None
    _check_is_file(target, status)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
    return status


def _check_is_file(path: Any, status: Any) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(
            f"{os.fspath(path)!r} is a pipe, device or socket, not a file."
        )


def _create(folder: Path, unfinished: str, mode: int) -> tuple[int, bool]:
    """Create a locked file; return its descriptor, and whether it has a name."""
    flags = os.O_RDWR | BINARY
    if hasattr(os, "O_TMPFILE"):
        with suppress(OSError):  # not every file system supports it
            descriptor = os.open(folder, flags | os.O_TMPFILE, mode)
            if os.path.exists(f"/proc/self/fd/{descriptor}"):
                _lock(descriptor)
                return descriptor, False
            os.close(descriptor)
    while True:
        descriptor = os.open(unfinished, flags | os.O_CREAT | os.O_EXCL, mode)
        _lock(descriptor)
        if os.fstat(descriptor).st_nlink:
            return descriptor, True
        os.close(descriptor)  # removed as a leftover before it was locked


def _lock(descriptor: int, *, waits: bool = True) -> None:
    if fcntl is not None:
        operation = fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB
        fcntl.flock(descriptor, operation)


def _give_name(descriptor: int, folder: Path, name: str) -> None:
    """Give a nameless file a name in a folder.

    ``os.link`` follows the link in ``/proc`` only if a directory descriptor is passed.
    """
    directory = os.open(folder, os.O_RDONLY)
    try:
        source = f"/proc/self/fd/{descriptor}"
        os.link(source, name, dst_dir_fd=directory, follow_symlinks=True)
    finally:
        os.close(directory)


def _copy_owner(descriptor: int, old_status: Any) -> None:
    """Copy mode and owner from the status of the old file.

    If the group cannot be set, the new file gives no permissions to its group.
    """
    if fcntl is None:
        return
    mode = stat.S_IMODE(old_status.st_mode)
    with suppress(PermissionError):
        os.fchown(descriptor, old_status.st_uid, -1)
    try:
        os.fchown(descriptor, -1, old_status.st_gid)
    except PermissionError:
        mode &= ~stat.S_IRWXG
    os.fchmod(descriptor, mode)


def _remove_leftovers(folder: Path, prefix: str) -> None:
    """Remove the unlocked temporary files of killed processes."""
    with suppress(OSError):
        names = [entry.path for entry in os.scandir(folder)]
        for name in names:
            if os.path.basename(name).startswith(prefix):
                _remove_if_unlocked(name)


def _remove_if_unlocked(name: str) -> None:
    with suppress(OSError):
        if fcntl is None:
            os.unlink(name)
            return
        descriptor = os.open(name, os.O_RDWR | os.O_NOFOLLOW | NOT_WAITING)
        try:
            _lock(descriptor, waits=False)
            os.unlink(name)
        finally:
            os.close(descriptor)
