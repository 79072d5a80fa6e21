"""Rows of X of which every label is an item, for training and prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.training._array_rows import take_rows
from skcrowd.training._data import as_rows

if TYPE_CHECKING:
    from skcrowd._typing import Features, IntArray


__all__ = ["LabelRows"]


class LabelRows:
    """Rows of features, each with a number of labels that are the items.

    It stands where sequences stand with their tokens: row i has the items
    ``i * n_labels`` to ``(i + 1) * n_labels``. So methods for labels, and the data set
    of sequences, take it as they are; only the network gets a row of features once.

    Parameters
    ----------
    features : ndarray or CSR matrix of shape (n_rows, ...), or Items
    n_labels : int
    """

    def __init__(self, features: Features, n_labels: int) -> None:
        self.features = features
        self.n_labels = n_labels
        n_rows = features.shape[0]
        self.lengths = np.full(n_rows, n_labels, dtype=np.int64)
        self.offsets = np.arange(n_rows + 1, dtype=np.int64) * n_labels
        self._rows = as_rows(features)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: Any) -> LabelRows:
        """Select rows by a slice, or an array of positions or booleans."""
        rows = np.arange(len(self))[rows]
        return LabelRows(take_rows(self.features, rows), self.n_labels)

    @property
    def shape(self) -> tuple[int]:
        """Shape as of an array of rows."""
        return (len(self),)

    @property
    def dtype(self) -> Any:
        """Type of the features."""
        return self.features.dtype

    @property
    def n_tokens(self) -> int:
        """Labels of all rows."""
        return len(self) * self.n_labels

    def token_rows(self, rows: Any) -> IntArray:
        """Return the items of some rows."""
        first = self.offsets[:-1][rows, None]
        return (first + np.arange(self.n_labels)).ravel()

    def padded(self, rows: torch.Tensor, tokens: torch.Tensor) -> Any:
        """Return what the network gets for some rows.

        Parameters
        ----------
        rows : int64 Tensor of shape (n_batch,)
        tokens : int64 Tensor
            Their items, which the network does not need.
        """
        return self._rows.index_select(0, rows)

    def __reduce__(self) -> tuple[Any, ...]:
        return LabelRows, (self.features, self.n_labels)
