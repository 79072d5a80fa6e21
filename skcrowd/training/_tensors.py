"""Arrays to tensors without a copy."""

import warnings

import numpy as np
import torch

__all__ = ["as_tensor"]


def as_tensor(array):
    """Share the memory of an array, also of a read-only one: nothing writes to it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*not writable.*")
        return torch.as_tensor(np.ascontiguousarray(array))
