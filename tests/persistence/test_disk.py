"""Files on the disk: kept, replaced, refused, and not left lying about."""

import errno
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from _data import small
from _persistence import again

import skcrowd
from skcrowd.persistence import _disk
from skcrowd.persistence._disk import replacing

# The module alone, which needs nothing of skcrowd: an import of torch takes seconds.
KILLED_WHILE_WRITING = """
import os, pathlib, runpy, signal, sys
module, path, how = sys.argv[1:]
if how == "named" and hasattr(os, "O_TMPFILE"):
    del os.O_TMPFILE
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
with runpy.run_path(module)["replacing"](pathlib.Path(path)) as file:
    file.write(b"half of it")
"""


@pytest.fixture
def path(tmp_path):
    return skcrowd.save(small(max_epochs=3), tmp_path / "model.skcrowd")


@pytest.fixture(params=["unnamed", "named"])
def way(request, monkeypatch):
    """Both ways to write: with O_TMPFILE, and without."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    return request.param


def mode_of(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def names_in(folder):
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
def test_the_mode_is_kept(path, way, mode):
    os.chmod(path, mode)
    skcrowd.save(small(), path)
    assert mode_of(path) == mode
    assert names_in(path.parent) == ["model.skcrowd"]


@pytest.mark.parametrize("mask", [0o022, 0o027, 0o077])
def test_a_new_file_has_the_mode_of_the_umask(tmp_path, way, mask):
    before = os.umask(mask)
    try:
        path = skcrowd.save(small(), tmp_path / "new")
    finally:
        os.umask(before)
    assert mode_of(path) == 0o666 & ~mask


def test_a_group_that_cannot_be_kept_gets_no_rights(path, monkeypatch):
    os.chmod(path, 0o664)

    def refuse(*_):
        raise PermissionError(errno.EPERM, "not allowed")

    monkeypatch.setattr(os, "fchown", refuse)
    skcrowd.save(small(), path)
    assert mode_of(path) == 0o604


def test_the_owner_is_kept(path, monkeypatch):
    calls = []
    monkeypatch.setattr(os, "fchown", lambda _, *ids: calls.append(ids))
    skcrowd.save(small(), path)
    before = os.stat(path)
    assert calls == [(before.st_uid, -1), (-1, before.st_gid)]


def test_links_stay_links(path, tmp_path, way):
    (tmp_path / "folder").mkdir()
    first, second = tmp_path / "folder" / "first", tmp_path / "second"
    first.symlink_to("../model.skcrowd")
    second.symlink_to(first)
    assert skcrowd.save(small(max_epochs=5), second) == second
    assert first.is_symlink()
    assert second.is_symlink()
    assert skcrowd.load(path).max_epochs == skcrowd.load(second).max_epochs == 5
    (tmp_path / "to_be").symlink_to("new.skcrowd")
    skcrowd.save(small(), tmp_path / "to_be")
    assert (tmp_path / "new.skcrowd").is_file()


@pytest.mark.parametrize(
    "name",
    [
        "no_suffix",
        ".hidden",
        "two  blanks and\ttab",
        "Zoë.模型",
        "a.tar.gz",
        "-rf",
        "'\"$(true)`*?",
        "line\nbreak",
        "x" * 255,
        "é" * 127,
        b"by\xfftes",
        "model.skcrowd.tmp",
    ],
)
def test_any_legal_name(tmp_path, name, way):
    path = os.path.join(os.fsencode(tmp_path), os.fsencode(name))
    for _ in range(2):
        written = skcrowd.save(small(max_epochs=9), path)
        assert os.fsencode(written) == path
        assert skcrowd.load(path).max_epochs == 9
    assert os.listdir(os.fsencode(tmp_path)) == [os.fsencode(name)]


def test_relative_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert skcrowd.save(small(max_epochs=9), "model") == Path("model")
    assert skcrowd.load("model").max_epochs == 9


@pytest.mark.parametrize("path", [None, 3, 1.5, ["model"], sys.stdout, object()])
def test_what_is_no_path(path):
    for call in (skcrowd.load, lambda path: skcrowd.save(small(), path)):
        with pytest.raises(TypeError, match="path must be a str, bytes or path-like"):
            call(path)


def test_folders_and_nothing(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        skcrowd.load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="nowhere"):
        skcrowd.save(small(), tmp_path / "nowhere" / "model")
    for call in (skcrowd.load, lambda path: skcrowd.save(small(), path)):
        for path in (tmp_path, ""):
            with pytest.raises((IsADirectoryError, FileNotFoundError)):
                call(path)
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(OSError, match="round"):
        skcrowd.load(tmp_path / "round")
    with pytest.raises(NotADirectoryError):
        skcrowd.load(f"{__file__}/model")


@pytest.fixture(params=["pipe", "device", "socket", "link to a pipe"])
def no_file(request, tmp_path):
    path = tmp_path / "x"
    if request.param == "device":
        yield Path("/dev/zero")
    elif request.param == "socket":
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(str(path))
            yield path
    else:
        os.mkfifo(path)
        link = tmp_path / "link"
        link.symlink_to(path)
        yield path if request.param == "pipe" else link


def test_what_may_never_end_is_refused(no_file):
    for call in (skcrowd.load, lambda path: skcrowd.save(small(), path)):
        with pytest.raises(ValueError, match="pipe, device or socket, not a file"):
            call(no_file)
    assert not stat.S_ISREG(os.stat(no_file).st_mode)


def test_a_full_disk_leaves_the_old_file(path, way, tmp_path):
    """A limit on the size of files stands for the disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        for target in (path, tmp_path / "new"):
            with pytest.raises(OSError, match=r"\[Errno"):
                skcrowd.save(small(), target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    assert names_in(tmp_path) == ["model.skcrowd"]
    assert skcrowd.load(path).max_epochs == 3


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError])
def test_an_interrupted_save_leaves_the_old_file(path, way, error, monkeypatch):
    def interrupt(_):
        raise error

    monkeypatch.setattr(_disk.os, "fsync", interrupt)
    with pytest.raises(error):
        skcrowd.save(small(), path)
    assert names_in(path.parent) == ["model.skcrowd"]
    assert skcrowd.load(path).max_epochs == 3


@pytest.mark.parametrize("how", ["unnamed", "named"])
def test_a_killed_save_leaves_no_litter(path, how):
    folder = path.parent
    (folder / ".skcrowd-of-another").touch()
    command = [sys.executable, "-c", KILLED_WHILE_WRITING, _disk.__file__, path, how]
    killed = subprocess.run(command, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert skcrowd.load(path).max_epochs == 3
    left = set(names_in(folder)) - {"model.skcrowd", ".skcrowd-of-another"}
    is_unnamed = how == "unnamed" and hasattr(os, "O_TMPFILE")
    assert len(left) == (0 if is_unnamed else 1)
    assert all(name.startswith(".skcrowd-") for name in left)
    skcrowd.save(small(), folder / "other")
    assert left <= set(names_in(folder))  # another file's is not touched
    skcrowd.save(small(max_epochs=5), path)
    assert names_in(folder) == [".skcrowd-of-another", "model.skcrowd", "other"]
    assert skcrowd.load(path).max_epochs == 5


def test_a_file_that_is_being_written_is_no_litter(path, way, monkeypatch):
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    with replacing(path) as outer:
        outer.write(b"outer")
        skcrowd.save(small(max_epochs=8), path)
        assert skcrowd.load(path).max_epochs == 8
    assert path.read_bytes() == b"outer"
    assert names_in(path.parent) == ["model.skcrowd"]


def test_saved_from_many_threads(path, way):
    def save(max_epochs):
        for _ in range(5):
            skcrowd.save(small(max_epochs=max_epochs), path)

    threads = [threading.Thread(target=save, args=[n]) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert skcrowd.load(path).max_epochs in range(1, 9)
    assert names_in(path.parent) == ["model.skcrowd"]


def test_equal_estimators_make_equal_files(tmp_path, items, answers):
    estimator = small().fit(items[0], answers)
    first = skcrowd.save(estimator, tmp_path / "first").read_bytes()
    assert skcrowd.save(estimator, tmp_path / "second").read_bytes() == first
    again(estimator, tmp_path)
    assert (tmp_path / "model.skcrowd").read_bytes() == first
