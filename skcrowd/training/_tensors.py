"""Conversion of arrays and CSR matrices to tensors without a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray, SparseMatrix


__all__ = ["SparseRows", "as_tensor", "places_of"]


def as_tensor(array: Any) -> torch.Tensor:
    """Return a tensor that shares the memory of an array, also of a read-only one.

    Parameters
    ----------
    array : ndarray

    Returns
    -------
    tensor : Tensor
    """
    array = np.ascontiguousarray(array)
    if not array.flags.writeable:
        array = np.asarray(_Writable(array))
    return torch.as_tensor(array)


class _Writable:
    """View of a read-only array that torch accepts without a warning.

    Silencing the warning instead would change the filters of all threads.
    """

    def __init__(self, array: Array) -> None:
        self.array = array  # keeps the memory

    @property
    def __array_interface__(self) -> dict[str, Any]:
        interface = self.array.__array_interface__
        return {**interface, "data": (interface["data"][0], False)}


class SparseRows:
    """Rows of a scipy CSR matrix, as sparse tensors.

    Parameters
    ----------
    matrix : CSR matrix of shape (n_rows, n_columns)
    """

    def __init__(self, matrix: SparseMatrix) -> None:
        self.matrix = matrix

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def __getitem__(self, rows: slice | IntArray) -> torch.Tensor:
        """Return some rows as a coalesced COO tensor."""
        part = self.matrix[rows].tocoo()
        return torch.sparse_coo_tensor(
            torch.as_tensor(np.stack([part.row, part.col]).astype(np.int64)),
            as_tensor(part.data),
            part.shape,
            is_coalesced=True,
            check_invariants=False,
        )

    def index_select(self, dim: int, rows: torch.Tensor) -> torch.Tensor:
        """Return the rows at some indices; as of a Tensor."""
        assert dim == 0
        return self[rows.numpy()]


def places_of(offsets: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """Return the positions of the elements of some rows, one row after another.

    Parameters
    ----------
    offsets : int64 Tensor of shape (n_rows + 1,)
        Row i has the positions ``offsets[i]:offsets[i + 1]``.
    rows : int64 Tensor of shape (n_selected,)

    Returns
    -------
    places : int64 Tensor
    """
    # In numpy, which starts each operation in less time than torch: rows are few.
    ends, row = offsets.numpy(), rows.numpy()
    start = ends[row]
    count = ends[row + 1] - start
    places = np.repeat(start - count.cumsum() + count, count)
    places += np.arange(len(places))
    return torch.from_numpy(places)
