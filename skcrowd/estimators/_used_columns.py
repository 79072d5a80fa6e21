"""Columns of a sparse X that the default network has weights for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from skcrowd.annotations._warn import warn

if TYPE_CHECKING:
    from skcrowd._typing import IntArray

__all__ = ["used_columns", "warn_of_left_out"]


def used_columns(X: Any) -> IntArray:
    """Return the columns of a CSR matrix that are not zero everywhere."""
    columns: IntArray = np.unique(X.indices[X.data != 0]).astype(np.int64)
    return columns


def warn_of_left_out(network: Any, checked: Any) -> None:
    """Warn if a network to resume leaves out columns of a sparse X that are not zero.

    Parameters
    ----------
    network : torch.nn.Module or None
    checked : CheckedInput

    Warns
    -----
    CrowdWarning
    """
    columns = getattr(network, "columns", None)
    if columns is None or not sparse.issparse(checked.X):
        return
    used = used_columns(checked.X[np.flatnonzero(checked.training_weight)])
    n_more = len(np.setdiff1d(used, columns.numpy(force=True)))
    if n_more:
        warn(
            f"{n_more} columns of X are not zero now, but were in all items that the "
            "network was trained on before. It has no weights for them, so that "
            "nothing is learned of them. Call partial_fit from the first part on, or "
            "set warm_start=True before the first fit: the network then has all "
            "columns.",
            "columns without weights",
        )
