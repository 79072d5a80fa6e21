"""Reading of regular files, and their atomic replacement.

A new file is written without a name where the system can (``O_TMPFILE`` of Linux), so
that a process that is killed leaves nothing behind. Elsewhere it has a name that begins
with ``.skcrowd-``; it is locked, so that the next `replacing` of the same file knows
that one without a lock was left over, and removes it.
"""

import errno
import os
import stat
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

try:
    import fcntl
except ImportError:  # Windows, where no file that is open can be removed
    fcntl = None  # type: ignore[assignment]

__all__ = ["as_path", "open_file", "replacing"]

BINARY = getattr(os, "O_BINARY", 0)
NOT_WAITING = getattr(os, "O_NONBLOCK", 0)


def as_path(path):
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


def open_file(path):
    """Open a regular file to read from.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    OSError
        FileNotFoundError, PermissionError or IsADirectoryError, as of ``open``.
    ValueError
        If it is a pipe, a device or a socket, where reading may never end.
    """
    _check_is_file(path, os.stat(path))
    return open(os.open(path, os.O_RDONLY | NOT_WAITING | BINARY), "rb")


@contextmanager
def replacing(path):
    """Yield a new file that replaces the old one at the end, if nothing is raised.

    It has the mode and, if that is allowed, the owner of the one that it replaces; else
    what the umask says. Of a symbolic link it replaces what the link leads to.

    Parameters
    ----------
    path : pathlib.Path

    Raises
    ------
    OSError
        If the file cannot be written; the one that was there is as it was.
    ValueError
        If a pipe, a device or a socket is there.
    """
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    before = _status(target)
    prefix = f".skcrowd-{sha256(os.fsencode(name)).hexdigest()[:12]}-"
    _remove_leftovers(folder, prefix)
    unfinished = os.path.join(folder, prefix + uuid4().hex[:12])
    try:
        descriptor, is_named = _create(folder, unfinished, 0o600 if before else 0o666)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    try:
        with open(descriptor, "w+b") as file:
            yield file
            file.flush()
            if before is not None:
                _take_over(descriptor, before)
            os.fsync(descriptor)
            if not is_named:
                _give_name(descriptor, folder, unfinished)
            if fcntl is None:
                file.close()
            os.replace(unfinished, target)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(unfinished)


def _status(target):
    """Return the status of the file to replace; None if there is none."""
    try:
        status = os.stat(target)
    except FileNotFoundError:
        return None
    _check_is_file(target, status)
    if not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), target)
    return status


def _check_is_file(path, status):
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(f"{os.fspath(path)!r} is a pipe, device or socket, no file.")


def _create(folder, unfinished, mode):
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


def _lock(descriptor, *, waits=True):
    if fcntl is not None:
        operation = fcntl.LOCK_EX if waits else fcntl.LOCK_EX | fcntl.LOCK_NB
        fcntl.flock(descriptor, operation)


def _give_name(descriptor, folder, name):
    """Link a file that has no name; a directory beside makes Python follow the link."""
    directory = os.open(folder, os.O_RDONLY)
    try:
        source = f"/proc/self/fd/{descriptor}"
        os.link(source, name, dst_dir_fd=directory, follow_symlinks=True)
    finally:
        os.close(directory)


def _take_over(descriptor, before):
    """Give a file mode and owner of another; a group it may not have gets no rights."""
    if fcntl is None:
        return
    mode = stat.S_IMODE(before.st_mode)
    with suppress(PermissionError):
        os.fchown(descriptor, before.st_uid, -1)
    try:
        os.fchown(descriptor, -1, before.st_gid)
    except PermissionError:
        mode &= ~stat.S_IRWXG
    os.fchmod(descriptor, mode)


def _remove_leftovers(folder, prefix):
    """Remove the unlocked temporary files of killed processes."""
    with suppress(OSError):
        names = [entry.path for entry in os.scandir(folder)]
        for name in names:
            if os.path.basename(name).startswith(prefix):
                _remove_if_left(name)


def _remove_if_left(name):
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
