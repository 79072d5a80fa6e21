"""Checkpoints of the trainings of a fit, on disk until the fit ends.

A fit is a sequence of trainings. Each has a file with its state after the last stored
epoch. Every fit has a folder of its own::

    folder/fingerprint of the fit/lock        held while the fit runs
                                  fit.json    inputs of the fit
                                  0.training  the first training
                                  1-0/        trainings of the first teacher
                                  1-1/        trainings of the second teacher
                                  2.training
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

import torch
from skorch.callbacks import Callback, PrintLog

from skcrowd.exceptions import CrowdWarning
from skcrowd.training._callbacks import ProgressBar
from skcrowd.training._fingerprint import fingerprint
from skcrowd.training._training_state import restore_training_state, training_state

if TYPE_CHECKING:
    from ._data import CrowdDataset
    from ._net import CrowdNet
    from ._process_group import ProcessGroup


try:
    import fcntl
except ImportError:  # Windows, where running fits are not detected
    fcntl = None  # type: ignore[assignment]

__all__ = [
    "FitCheckpoint",
    "FitRecord",
    "TrainingCheckpoints",
    "seed_of_unfinished_fit",
]

RECORD, LOCK = "fit.json", "lock"
MAGIC = b"skcrowd training 1\n"
DIGEST_SIZE = 32
MAX_DIFFERENCES = 5  # shown in a warning
MOST_TRIES = 5  # to open a folder that equal fits remove
DISPLAYS = ProgressBar, PrintLog  # that `verbose` adds: no part of the state


@dataclass(frozen=True)
class FitRecord:
    """Inputs of a fit, which must be the same to resume it.

    Attributes
    ----------
    parts : dict of str to str
        Data and parameters by name, as written by
        :func:`skcrowd.training._fingerprint.summary`.
    question : str
        Fingerprint of all inputs but the seed.
    seed : int
    """

    parts: dict[str, str]
    question: str
    seed: int

    @property
    def fingerprint(self) -> str:
        """Name of the fit's folder."""
        return fingerprint(self.parts)

    @classmethod
    def read(cls, folder: Path) -> FitRecord | None:
        """Read the record of a folder; None if it is missing or damaged."""
        try:
            return cls(**json.loads((folder / RECORD).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def differences(self, other: FitRecord) -> list[str]:
        """Describe the parts that differ, with their values in both records."""
        names = [
            name
            for name in {**self.parts, **other.parts}
            if self.parts.get(name) != other.parts.get(name)
        ]
        return [_difference(n, self.parts.get(n), other.parts.get(n)) for n in names]


def _difference(name: str, here: Any, there: Any) -> str:
    """Describe a difference; fingerprints of long values are left out."""
    values = [text for text in (here, there) if text and not text.startswith("#")]
    return f"{name} ({here} here, {there} there)" if len(values) == 2 else name


def seed_of_unfinished_fit(root: Path, question: str) -> int | None:
    """Find the seed that an unfinished fit with the same inputs drew.

    Parameters
    ----------
    root : path-like
        Folder given by the user.
    question : str
        Fingerprint of all inputs but the seed.

    Returns
    -------
    seed : int or None
    """
    for _, record in _unfinished_fits(root):
        if record.question == question:
            return record.seed
    return None


def _unfinished_fits(root: Path) -> Any:
    """Yield folder and record of every unfinished fit that is not running."""
    for path in sorted(Path(root).glob(f"*/{RECORD}")):
        record = FitRecord.read(path.parent)
        is_running = record is None or _is_locked(path.parent / LOCK)
        # A fit that ends removes the record first, then the lock.
        if record is not None and not is_running and path.exists():
            yield path.parent, record


class FitCheckpoint:
    """Context manager of the folder of one fit.

    Parameters
    ----------
    root : path-like
        Folder given by the user, for any number of fits.
    every : int
        Epochs from one checkpoint to the next.
    record : FitRecord
        Inputs of the fit.
    group : ProcessGroup, default=None
        Processes that fit together. Only the first of them opens the folder.

    Raises
    ------
    ValueError
        If the folder is not writable, or contains another fit with the same
        fingerprint.

    Warns
    -----
    CrowdWarning
        If the folder contains unfinished fits, but not this one.
    """

    def __init__(
        self,
        root: Path,
        every: int,
        record: FitRecord,
        group: ProcessGroup | None = None,
    ) -> None:
        self.root = Path(root)
        self.record = record
        self.folder = self.root / record.fingerprint
        self.trainings = TrainingCheckpoints(
            self.folder, record.fingerprint, every, group
        )
        self._lock = None

    def __enter__(self) -> Self:
        """Create the folder, or open that of the unfinished fit."""
        if not (self.folder / RECORD).exists():
            self._warn_of_others()
        try:
            for last in (False,) * MOST_TRIES + (True,):
                if self._has_opened(last):
                    break
        except BaseException as error:
            self._unlock()
            if not isinstance(error, OSError):
                raise
            raise ValueError(
                f"checkpoint={os.fspath(self.root)!r} cannot be written to ({error}); "
                "give a folder that can, or None."
            ) from error
        return self

    def _has_opened(self, is_last: bool) -> bool:
        """Lock the folder and write the record.

        False if the same fit has ended elsewhere meanwhile and removed them, so that
        others would take this fit for an unfinished one.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock = _lock(self.folder / LOCK)
            self._record()
        except FileNotFoundError:
            if is_last:
                raise
        else:
            if is_last or _is_there(self._lock, self.folder / LOCK):
                return True
        self._unlock()
        return False

    def _record(self) -> None:
        """Write the inputs of the fit, or compare them with the stored ones."""
        if FitRecord.read(self.folder) is None:
            content = json.dumps(asdict(self.record), indent=1)
            _write_whole(self.folder / RECORD, [content.encode()])
        if FitRecord.read(self.folder) != self.record:
            raise ValueError(
                f"checkpoint: {os.fspath(self.folder)!r} holds the record of another "
                "fit; delete it, or give another folder."
            )

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        """Remove the folder if the fit ended without an error."""
        if kind is None:
            with suppress(OSError):  # first: no fit resumes a half-removed one
                (self.folder / RECORD).unlink()
            shutil.rmtree(self.folder, ignore_errors=True)
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _warn_of_others(self) -> None:
        others = [
            (self.record.differences(record), folder)
            for folder, record in _unfinished_fits(self.root)
        ]
        if not others:
            return
        names, folder = min(others, key=lambda other: len(other[0]))
        n_more = len(names) - MAX_DIFFERENCES
        more = f" and {n_more} more" if n_more > 0 else ""
        warnings.warn(
            f"checkpoint={os.fspath(self.root)!r} holds {len(others)} unfinished "
            "fit(s), but not this one, which starts anew. The most similar differs in "
            f"{', '.join(names[:MAX_DIFFERENCES])}{more}. To resume a fit, pass the "
            "same inputs; delete the folder of one that is not needed any more: "
            f"{os.fspath(folder)!r}.",
            CrowdWarning,
            stacklevel=5,
        )


class TrainingCheckpoints:
    """Checkpoint files of consecutive trainings.

    Parameters
    ----------
    folder : pathlib.Path
    fit : str
        Fingerprint of the fit.
    every : int
        Epochs from one checkpoint to the next.
    group : ProcessGroup, default=None
        Processes that train together: the first one reads and writes for all.
    """

    def __init__(
        self, folder: Path, fit: str, every: int, group: ProcessGroup | None = None
    ) -> None:
        self.folder = folder
        self.fit = fit
        self.every = every
        self.group = group
        self.n_begun = 0

    def _next(self) -> int:
        number, self.n_begun = self.n_begun, self.n_begun + 1
        return number

    def branches(self, n_branches: int) -> list[TrainingCheckpoints]:
        """Return the checkpoints of independent trainings, such as those of teachers.

        Parameters
        ----------
        n_branches : int

        Returns
        -------
        branches : list of TrainingCheckpoints
        """
        number = self._next()
        names = (f"{number}-{k}" for k in range(n_branches))
        return [
            TrainingCheckpoints(self.folder / name, self.fit, self.every, self.group)
            for name in names
        ]

    def train(self, net: CrowdNet, dataset: CrowdDataset) -> None:
        """Train a net by ``net.partial_fit``, from the last checkpoint if there is one.

        Parameters
        ----------
        net : CrowdNet
            Not trained yet.
        dataset : CrowdDataset

        Raises
        ------
        ValueError
            If the checkpoint is of another fit, or of another network.
        """
        _Training(self.folder / f"{self._next()}.training", self, net).run(dataset)


class _Training:
    """One training, and the file of its last checkpoint."""

    def __init__(
        self, path: Any, checkpoints: TrainingCheckpoints, net: CrowdNet
    ) -> None:
        self.path = path
        self.fit = checkpoints.fit
        self.every = checkpoints.every
        self.group = checkpoints.group
        self.net = net
        self.callbacks = net.callbacks_
        # `verbose` may change from one piece of a fit to the next
        self.bars = [c for _, c in self.callbacks if isinstance(c, ProgressBar)]
        self.stateful = [
            (name, c) for name, c in self.callbacks if type(c) not in DISPLAYS
        ]
        self.found = self._read()
        self.n_epochs = 0
        self.end: list[bytes] | None = None

    def _read(self) -> Any:
        """Read the last checkpoint; None if there is none."""
        if self.group is None:
            return _read_training(self.path, self.fit)
        return self.group.first(lambda: _read_training(self.path, self.fit))

    def run(self, dataset: CrowdDataset) -> None:
        """Train the remaining epochs; store the end."""
        n_left = self.net.max_epochs
        if self.found is not None:
            done = self.found["n_epochs"]
            n_left = 0 if self.found["has_ended"] else n_left - done
        with self._attached():
            self.net.partial_fit(dataset, epochs=n_left)
        if self.end is not None and not self.net.was_cut:
            self._write(self.end)

    @contextmanager
    def _attached(self) -> Iterator[None]:
        """Add callbacks: after all others for epochs, before all others for the end."""
        self.net.callbacks_ = [
            ("checkpoint_end", _AtTrainEnd(self.keep_end)),
            *self.callbacks,
            ("checkpoint", _AfterEpochs(self.resume, self.keep_epoch)),
        ]
        try:
            yield
        finally:
            self.net.callbacks_ = self.callbacks

    def resume(self) -> None:
        """Restore the net, after ``on_train_begin`` of all callbacks."""
        if self.found is None:
            return
        try:
            restore_training_state(self.net, self.stateful, self.found["state"])
        except (KeyError, ValueError, RuntimeError, AttributeError) as error:
            raise ValueError(
                f"checkpoint {os.fspath(self.path)!r} does not fit the network, the "
                "optimizer or the callbacks, whose code has changed since; delete "
                f"{os.fspath(self.path.parent)!r} to start anew. {_one_line(error)}"
            ) from error
        self.n_epochs = self.found["n_epochs"]
        self.found["state"] = None
        for bar in self.bars:
            bar.show(self.n_epochs)

    def keep_epoch(self) -> None:
        """Store a complete epoch, if it is due or the last one."""
        self.n_epochs += 1
        is_last = self.n_epochs == self.net.max_epochs
        if is_last or self.n_epochs % self.every == 0:
            self._write(self._packed(has_ended=is_last))

    def keep_end(self) -> None:
        """Keep the state at the end of a training that stopped early.

        Callbacks may change it afterwards; it is written once training has ended.
        """
        has_ended = self.n_epochs >= self.net.max_epochs
        if not has_ended and not (self.found and self.found["has_ended"]):
            self.end = self._packed(has_ended=True)

    def _packed(self, *, has_ended: bool) -> list[bytes]:
        """Return the content of the file: magic bytes, digest, and torch's archive."""
        content = io.BytesIO()
        state = {
            "fit": self.fit,
            "n_epochs": self.n_epochs,
            "has_ended": has_ended,
            "state": training_state(self.net, self.stateful),
        }
        torch.save(state, content)
        packed = content.getvalue()
        return [MAGIC, _digest(packed), packed]

    def _write(self, content: list[bytes]) -> None:
        """Write a checkpoint; a failure is a warning, so that training continues."""
        if self.group is not None and not self.group.is_first:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _write_whole(self.path, content, keeps_previous=True)
        except OSError as error:
            warnings.warn(
                f"the checkpoint of epoch {self.n_epochs} could not be written to "
                f"{os.fspath(self.path)!r} ({error}); training continues, but a fit "
                "that resumes it starts from an earlier epoch.",
                CrowdWarning,
                stacklevel=2,
            )


class _AtTrainEnd(Callback):
    """The first callback, which stores the state at the end of training."""

    def __init__(self, keep_end: Callable[..., Any]) -> None:
        self.keep_end = keep_end

    def on_train_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Keep the state before other callbacks change it."""
        self.keep_end()


class _AfterEpochs(Callback):
    """The last callback, which stores the state after the others."""

    def __init__(
        self, resume: Callable[..., Any], keep_epoch: Callable[..., Any]
    ) -> None:
        self.resume = resume
        self.keep_epoch = keep_epoch

    def on_train_begin(self, net: CrowdNet, **kwargs: Any) -> None:
        """Resume from a checkpoint."""
        self.resume()

    def on_epoch_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Store a checkpoint."""
        self.keep_epoch()


def _read_training(path: Any, fit: str) -> Any:
    """Read the last undamaged checkpoint of a training; None if there is none."""
    for place in (path, _previous(path)):
        if not place.exists():
            continue
        state = _unpacked(place)
        if state is None:
            warnings.warn(
                f"the checkpoint {os.fspath(place)!r} is damaged and is not used; the "
                "fit resumes from an earlier epoch.",
                CrowdWarning,
                stacklevel=2,
            )
        elif state["fit"] != fit:
            raise ValueError(
                f"checkpoint: {os.fspath(place)!r} belongs to another fit; delete it, "
                "or give another folder."
            )
        else:
            return state
    return None


def _unpacked(path: Any) -> Any:
    """Return the state in a file; None if it is damaged."""
    content = path.read_bytes()
    start = len(MAGIC) + DIGEST_SIZE
    packed = memoryview(content)[start:]
    if content[:start] != MAGIC + _digest(packed):
        return None
    return torch.load(io.BytesIO(packed), weights_only=True)


def _digest(packed: Any) -> bytes:
    return hashlib.blake2b(packed, digest_size=DIGEST_SIZE).digest()


def _write_whole(
    path: Any, content: list[bytes], *, keeps_previous: bool = False
) -> None:
    """Write a file atomically.

    Parameters
    ----------
    path : pathlib.Path
    content : list of bytes-like
    keeps_previous : bool, default=False
        Whether to keep the previous file under another name.
    """
    unfinished = path.with_name(f".{path.name}.{uuid4().hex}")
    try:
        with open(unfinished, "xb") as file:
            for part in content:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        if keeps_previous and path.exists():
            os.replace(path, _previous(path))
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _previous(path: Any) -> Path:
    """Return the path of the checkpoint before the last one."""
    return path.with_name(f"{path.name}.previous")


def _lock(path: Any) -> Any:
    """Lock a file until it is closed or the process ends.

    Returns
    -------
    file : file object or None
        Not locked if the same fit runs elsewhere; both write the same states.
    """
    if fcntl is None:
        return None
    file = open(path, "ab")  # noqa: SIM115 - closed when the fit ends
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return file


def _is_there(file: Any, path: Any) -> bool:
    """Whether an open file is still the one at a path; True without locks."""
    if file is None:
        return True
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def _is_locked(path: Any) -> bool:
    """Whether a running fit has locked the file."""
    if fcntl is None or not path.exists():
        return False
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())
