"""One thread where more would only wait for each other."""

from contextlib import contextmanager

import torch
from torch import nn

__all__ = ["threads_for"]

# Multiplications of a forward step up to which a second thread gains nothing.
SMALL_STEP = 5_000_000


@contextmanager
def threads_for(module, batch_size):
    """Let torch use a single thread while a small dense network trains.

    The steps of such a network take well under a millisecond. Spread over threads they
    gain nothing, and on a machine that is busy otherwise the threads wait for each
    other most of the time. torch's setting is restored afterwards.

    Parameters
    ----------
    module : torch.nn.Module
    batch_size : int
    """
    n_threads = torch.get_num_threads()
    if not _is_small(module, batch_size):
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(n_threads)


def _is_small(module, batch_size):
    own = [(m, list(m.parameters(recurse=False))) for m in module.modules()]
    dense = all(isinstance(m, nn.Linear) for m, weights in own if weights)
    n_weights = sum(p.numel() for p in module.parameters())
    return dense and n_weights * batch_size <= SMALL_STEP
