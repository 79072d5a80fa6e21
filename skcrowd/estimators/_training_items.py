"""Which samples a fitted estimator has learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.annotations._hashing import (
    content_hashes,
    rounded_hashes,
    sum_token_hashes,
)
from skcrowd.training import SequenceRows
from skcrowd.training._items import Items

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, Features


__all__ = ["is_training_item", "item_hashes"]


def item_hashes(X: Features) -> Array:
    """Return a hash of the features of each sample, the same in every precision.

    Parameters
    ----------
    X : ndarray, CSR matrix, Items or SequenceRows of n_samples

    Returns
    -------
    hashes : uint64 ndarray of shape (n_samples,)
    """
    if isinstance(X, SequenceRows):
        return sum_token_hashes(rounded_hashes(X.tokens), X.offsets)
    is_integer = not isinstance(X, Items) and X.dtype.kind in "iu"
    return content_hashes(X, np.float32) if is_integer else rounded_hashes(X)


def is_training_item(X: Features, training_items: Array | None) -> BoolArray:
    """Return which samples were learned from.

    Parameters
    ----------
    X : ndarray, CSR matrix or SequenceRows of n_samples
    training_items : uint64 ndarray or None
        Hashes of the samples of a fit. None where a file of an earlier version does not
        hold them; then every sample may be one. So may those of a PyTorch data set,
        which may return something else whenever it is read.

    Returns
    -------
    is_training : bool ndarray of shape (n_samples,)
    """
    if training_items is None or not getattr(X, "has_content", True):
        return np.ones(X.shape[0], dtype=bool)
    return np.isin(item_hashes(X), training_items)
