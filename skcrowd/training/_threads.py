"""Number of threads that torch computes with."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import torch
from torch import nn

__all__ = ["n_threads", "threads_for"]

# Number of multiplications of a forward step below which threads gain nothing.
SMALL_STEP = 5_000_000
# The same for one time step of a recurrent network, a chain of short steps after each
# of which all threads synchronize.
SMALL_RECURRENT_STEP = 200_000_000

RECURRENT = (nn.RNNBase, nn.RNNCellBase)
DENSE = (nn.Linear, nn.Embedding, nn.LayerNorm, nn.modules.batchnorm._BatchNorm)

_changing = threading.Lock()


@contextmanager
def threads_for(module: Any, batch_size: int) -> Iterator[None]:
    """Let torch use a single thread while a small network computes.

    The steps of a small dense network take well under a millisecond, and so do those
    of a recurrent one. Several threads do not make them faster, and on a busy machine
    the threads wait for each other most of the time. torch's setting is
    restored afterwards.

    Parameters
    ----------
    module : torch.nn.Module
    batch_size : int
        Items, or sequences.
    """
    if _n_now() == 1 or not _is_small(module, batch_size):
        yield
        return
    with n_threads(1):
        yield


@contextmanager
def n_threads(n: int) -> Iterator[None]:
    """Set the number of torch's threads for the calling Python thread.

    Parameters
    ----------
    n : int

    Notes
    -----
    torch stores a number for every Python thread; a new Python thread gets the number
    that was set last, by any thread. So a helper thread sets the previous number again:
    threads that start meanwhile get that one.
    """
    before = _n_now()
    if n == before:
        yield
        return
    try:
        with _changing:
            torch.set_num_threads(n)
            other = threading.Thread(target=torch.set_num_threads, args=(before,))
            other.start()
            other.join()
        yield
    finally:
        with _changing:
            torch.set_num_threads(before)


def _n_now() -> int:
    """Return the number of threads, which another thread may not change meanwhile."""
    with _changing:
        return torch.get_num_threads()


def _is_small(module: Any, batch_size: int) -> bool:
    layers = [m for m in module.modules() if any(True for _ in _own_weights(m))]
    if not all(isinstance(m, DENSE + RECURRENT) for m in layers):
        return False
    recurrent = [m for m in layers if isinstance(m, RECURRENT)]
    if recurrent:
        n_weights = sum(p.numel() for m in recurrent for p in _own_weights(m))
        return n_weights * batch_size <= SMALL_RECURRENT_STEP
    tensors = chain(module.parameters(), module.buffers())
    return sum(t.numel() for t in tensors) * batch_size <= SMALL_STEP


def _own_weights(module: Any) -> Any:
    return module.parameters(recurse=False)


def _renew_lock() -> None:
    """Replace the lock in a forked process, where its holder may not exist."""
    global _changing
    _changing = threading.Lock()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(after_in_child=_renew_lock)
