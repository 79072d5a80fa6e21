"""Some rows of a large array, such as a memory map, without a copy of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from skcrowd.annotations._hashing import NUMBERS_AT_ONCE, content_hashes
from skcrowd.annotations._memory import is_large
from skcrowd.training._items import Items
from skcrowd.training._tensors import as_tensor

if TYPE_CHECKING:
    import torch

    from skcrowd._typing import Array, DTypeLike, IntArray


__all__ = ["ArrayRows", "take_rows"]


def take_rows(X: Any, rows: IntArray) -> Any:
    """Return some rows of X; of a large array an ArrayRows, which copies nothing.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, ...), Items or SequenceRows
    rows : int64 ndarray of shape (n_selected,)

    Returns
    -------
    selected : of the kind of X, or ArrayRows
    """
    if isinstance(X, np.ndarray) and is_large(len(rows), *X.shape[1:]):
        return ArrayRows(X, rows)
    return X[rows]


class ArrayRows(Items):
    """Some rows of an array, which are read batch by batch.

    Parameters
    ----------
    array : ndarray of shape (n_rows, ...)
        May be a memory map.
    index : int64 ndarray of shape (n_items,)
        Which rows are the items.
    """

    def __init__(self, array: Array, index: IntArray) -> None:
        self.array = array
        self.index = index
        self.dtype = array.dtype
        self.item_shape = array.shape[1:]

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, rows: Any) -> Self:
        return type(self)(self.array, self.index[rows])

    def batch(self, rows: IntArray) -> torch.Tensor:
        """Read the rows of some items."""
        return as_tensor(self.array[self.index[rows]])

    def content_hashes(self) -> Array:
        """Return a hash of each item, uint64 (n_items,), that of its row."""
        return self.array_hashes(None)

    def array_hashes(self, dtype: DTypeLike | None) -> Array:
        """Return a hash of each item, converted to a dtype if one is given."""
        step = max(1, NUMBERS_AT_ONCE // max(int(np.prod(self.item_shape)), 1))
        starts = range(0, len(self), step)
        parts = (self.array[self.index[i : i + step]] for i in starts)
        return np.concatenate([content_hashes(part, dtype) for part in parts])
