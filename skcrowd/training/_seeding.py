"""Seeding of torch that restores the caller's generators, in any thread."""

from __future__ import annotations

import os
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import torch

__all__ = ["isolated_rng", "own_draws", "released_rng"]


class _Holder(threading.local):
    """Per thread: state of torch's generators when it took the lock; None without."""

    outside: _Generators | None = None


# torch draws dropout, initial weights and orders from one generator for all threads, so
# only one of them may have it seeded at a time.
_lock = threading.Lock()
_holder = _Holder()


@contextmanager
def isolated_rng(seed: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Seed torch within the block and restore its generators afterwards.

    Other threads wait before such a block until this one has left it. Blocks of one
    thread may be nested.

    Parameters
    ----------
    seed : int
    device : str or torch.device, default="cpu"
        Where training runs; a CUDA device's generator is restored too.
    """
    is_outermost, before = _holder.outside is None, None
    try:
        if is_outermost:
            _acquire(device)
        before = _Generators(device)
        before.seed(seed)
        yield
    finally:
        if is_outermost:
            _release()
        elif before is not None and _holder.outside is not None:
            before.restore()


@contextmanager
def released_rng() -> Iterator[None]:
    """Let other threads seed torch while this one waits for them.

    To be used within a block of :func:`isolated_rng`, around a wait for threads or
    processes that train networks themselves: threads of the same process would
    otherwise deadlock. Afterwards torch's generators are as they were before.
    If the block raises, this thread does not wait for the lock again, and must leave
    the blocks around it.
    """
    if _holder.outside is None:
        yield
        return
    device = _holder.outside.device
    inside = _Generators(device)
    _release()
    yield
    _acquire(device)
    inside.restore()


@contextmanager
def own_draws(number: int, device: torch.device | str = "cpu") -> Iterator[None]:
    """Draw random numbers of a process's own within the block.

    Processes whose generators have the same state before the block draw different
    numbers in it, and any number of them; afterwards the states are equal again: as
    before the block where nothing was drawn in it, else a step further.

    Parameters
    ----------
    number : int
        Number of the process.
    device : str or torch.device, default="cpu"
        See :func:`isolated_rng`.
    """
    before = _Generators(device)
    before.seed(zlib.crc32(before.cpu.numpy().data) + number)
    seeded = _Generators(device)
    yield
    has_drawn = not _Generators(device).equals(seeded)
    before.restore()
    if has_drawn:
        before.step()


class _Generators:
    """State of torch's generators: of the CPU, and of a CUDA device.

    Parameters
    ----------
    device : str or torch.device
    """

    def __init__(self, device: torch.device | str) -> None:
        self.device = torch.device(device)
        self.cpu = torch.get_rng_state()
        self.cuda = None
        if self.device.type == "cuda":
            self.cuda = torch.cuda.get_rng_state(self.device)

    def seed(self, seed: int) -> None:
        """Seed the generators."""
        torch.default_generator.manual_seed(seed)
        if self.cuda is not None:
            with torch.cuda.device(self.device):
                torch.cuda.manual_seed(seed)

    def equals(self, other: _Generators) -> bool:
        """Whether both states are the same."""
        same = torch.equal(self.cpu, other.cpu)
        if self.cuda is None or other.cuda is None:
            return same
        return same and torch.equal(self.cuda, other.cuda)

    def step(self) -> None:
        """Draw one number from each generator."""
        torch.rand(())
        if self.cuda is not None:
            torch.rand((), device=self.device)

    def restore(self) -> None:
        """Restore this state."""
        torch.set_rng_state(self.cpu)
        if self.cuda is not None:
            torch.cuda.set_rng_state(self.cuda, self.device)


def _acquire(device: torch.device | str) -> None:
    _lock.acquire()
    try:
        _holder.outside = _Generators(device)
    except BaseException:
        _lock.release()
        raise


def _release() -> None:
    """Restore the outer state and release the lock, if this thread holds it."""
    outside, _holder.outside = _holder.outside, None
    if outside is not None:
        try:
            outside.restore()
        finally:
            _lock.release()


def _renew_lock() -> None:
    """Replace the lock in a forked process, where its holder may not exist."""
    global _lock
    _lock = threading.Lock()
    if _holder.outside is not None:
        _lock.acquire()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_renew_lock)
