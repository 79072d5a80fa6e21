"""Rows of features that a network has encoded before training."""

from __future__ import annotations

from typing import NamedTuple

import torch

__all__ = ["EncodedBatch", "EncodedRows"]


class EncodedBatch(NamedTuple):
    """A batch of features that are encoded, as the network is told.

    Attributes
    ----------
    values : Tensor of shape (n_batch, n_inputs)
    """

    values: torch.Tensor


class EncodedRows:
    """Features that are encoded once, not in each batch again.

    Parameters
    ----------
    values : Tensor of shape (n_rows, n_inputs)
    """

    def __init__(self, values: torch.Tensor) -> None:
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def index_select(self, dim: int, rows: torch.Tensor) -> EncodedBatch:
        """Return the rows at some indices; as of a Tensor."""
        return EncodedBatch(self.values.index_select(dim, rows))
