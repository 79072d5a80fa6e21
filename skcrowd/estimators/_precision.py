"""Bring features to the precision of a network, if it can hold them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from skcrowd.training._finite import place_of
from skcrowd.training._items import Items

if TYPE_CHECKING:
    from skcrowd._typing import DTypeLike, Features, FloatArray, SparseMatrix


__all__ = ["check_magnitude", "in_precision"]

# Beyond these a square overflows float64; a difference, or a weighted sum, float32.
LARGEST = {"d": 1e150, "f": 1e37}


def check_magnitude(X: Features) -> None:
    """Raise if features are so large, or small, that no network can learn from them.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_items, ...)
        Finite, float32 or float64.

    Raises
    ------
    ValueError
    """
    values = X.data if sparse.issparse(X) else X
    limit = LARGEST.get(values.dtype.char)
    if limit is None or not values.size:
        return
    largest = max(values.max(), -values.min())
    if largest > limit:
        raise ValueError(
            f"X holds features of up to {largest:.4g}, too large to compute with in "
            f"{values.dtype}; bring X to a common scale, or at least below {limit:g}."
        )
    smallest = np.finfo(values.dtype).tiny
    if 0 < largest < smallest:
        raise ValueError(
            f"X holds no feature larger than {largest:.4g}, too small for "
            f"{values.dtype}, which has all its digits from {smallest:.4g} on; bring X "
            "to a common scale."
        )


def in_precision(
    X: Features, dtype: DTypeLike, lengths: Any = None
) -> FloatArray | SparseMatrix:
    """Convert checked features; refuse those that the precision cannot hold.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_items, ...), or Items
        Finite. Integers, which are kept for networks that look them up, and Items stay
        as they are.
    dtype : numpy dtype
    lengths : ndarray of shape (n_sequences,), default=None
        Tokens of every sequence, if items are tokens.

    Returns
    -------
    X : ndarray or CSR matrix
        Itself, if it is of that type.

    Raises
    ------
    ValueError
        If a feature becomes infinite.
    """
    if X.dtype == dtype or isinstance(X, Items) or X.dtype.kind in "iu":
        return X
    with np.errstate(over="ignore"):
        converted = X.astype(dtype)
    values = converted.data if sparse.issparse(converted) else converted
    if np.isfinite(values).all():
        return converted
    limit = np.finfo(dtype).max
    too_large = abs(X) > limit
    if sparse.issparse(too_large):
        wrong = too_large.sum(axis=1) > 0
    else:
        wrong = too_large.reshape(len(X), -1).any(axis=1)
    raise ValueError(
        f"X holds features of up to {abs(X).max():.4g} at "
        f"{place_of(np.asarray(wrong).ravel(), lengths)}, too large for "
        f"{np.dtype(dtype)}, in which the network was fitted (at most {limit:.3g}); "
        "bring X to the scale that it had in fit, or fit with an X of float64."
    )
