"""Hashes of items by their content, independent of their order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, DTypeLike, Features, IntArray


__all__ = [
    "content_hashes",
    "distinct_rows",
    "hash_uint64",
    "position_hashes",
    "rounded_hashes",
    "sum_hashes",
    "sum_token_hashes",
]

SMALLEST = np.finfo(np.float32).tiny  # with all digits
NUMBERS_AT_ONCE = 2**18  # values hashed at once: they stay in the cache


def hash_uint64(keys: Array) -> Array:
    """Hash 64-bit keys, so that sums of hashes of different keys differ.

    Parameters
    ----------
    keys : uint64 ndarray

    Returns
    -------
    hashes : uint64 ndarray of the same shape

    References
    ----------
    The finaliser of SplitMix64: G. L. Steele Jr., D. Lea, C. H. Flood. Fast splittable
    pseudorandom number generators. OOPSLA 2014. doi:10.1145/2660193.2660195
    """
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def content_hashes(X: Features, dtype: DTypeLike | None = None) -> Array:
    """Return a hash of the content of every row.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, ...), or Items
        Of floats or integers.
    dtype : numpy dtype, default=None
        What numbers are converted to before, block by block; that of `X` by default.
        The hashes of Items but ArrayRows are the same in any precision.

    Returns
    -------
    keys : uint64 ndarray of shape (n_rows,)
        Equal for equal rows, dense or sparse; different rows share one with a
        probability of 2**-64.
    """
    if hasattr(X, "array_hashes"):
        of_rows: Array = X.array_hashes(dtype)
        return of_rows
    if hasattr(X, "content_hashes"):
        hashes: Array = X.content_hashes()
        return hashes
    if sparse.issparse(X):
        columns = hash_uint64(X.indices.astype(np.uint64))
        return sum_hashes(_value_keys(_converted(X.data, dtype), columns), X.indptr)
    X = X.reshape(len(X), math.prod(X.shape[1:]))
    columns = hash_uint64(np.arange(X.shape[1], dtype=np.uint64))
    keys = np.empty(len(X), dtype=np.uint64)
    step = max(1, NUMBERS_AT_ONCE // max(X.shape[1], 1))
    for start in range(0, len(X), step):
        part = slice(start, start + step)
        values = _value_keys(_converted(X[part], dtype), columns)
        keys[part] = values.sum(axis=1, dtype=np.uint64)
    return keys


def rounded_hashes(X: Features) -> Array:
    """Return a hash of every row in float32: the same in both precisions.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, ...), or Items
        Of floats; integers, such as codes, are hashed as they are.

    Returns
    -------
    keys : uint64 ndarray of shape (n_rows,)
    """
    return content_hashes(X, np.float32 if X.dtype == np.float64 else None)


def _converted(values: Any, dtype: DTypeLike | None) -> Any:
    """Return values in some precision; those that are too large become infinite.

    Those of float64 that float32 has only as zero or with few digits keep its 24 bits.
    """
    if dtype is None:
        return values
    with np.errstate(over="ignore", under="ignore"):
        converted = values.astype(dtype, copy=False)
    if values.dtype != np.float64 or converted.dtype != np.float32:
        return converted
    is_tiny = (np.abs(converted) < SMALLEST) & (values != 0)
    if not is_tiny.any():
        return converted
    fraction, exponent = np.frexp(values[is_tiny])
    converted = converted.astype(np.float64)
    converted[is_tiny] = np.ldexp(fraction.astype(np.float32).astype(float), exponent)
    return converted


def _value_keys(values: Any, columns: Array) -> Array:
    """Return keys of values and their columns; 0 for zeros, which CSR may omit.

    So the key of a row, the sum over its values modulo 2**64, is that of the same row
    without its zeros.
    """
    return np.where(values == 0, np.uint64(0), hash_uint64(_bits(values) ^ columns))


def sum_hashes(keys: Array, indptr: IntArray) -> Array:
    """Sum the keys of each row; their order has no effect.

    Parameters
    ----------
    keys : uint64 ndarray of shape (n,)
    indptr : ndarray of shape (n_rows + 1,)
        Row i has the keys ``keys[indptr[i] : indptr[i + 1]]``.

    Returns
    -------
    summed : uint64 ndarray of shape (n_rows,)
    """
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(keys)])
    return total[indptr[1:]] - total[indptr[:-1]]


def position_hashes(offsets: IntArray) -> Array:
    """Return a hash of the position of each token in its sequence.

    Parameters
    ----------
    offsets : int64 ndarray of shape (n_sequences + 1,)
        Sequence i has the tokens from ``offsets[i]`` to ``offsets[i + 1]``.

    Returns
    -------
    hashes : uint64 ndarray of shape (n_tokens,)
    """
    position = np.arange(offsets[-1]) - np.repeat(offsets[:-1], np.diff(offsets))
    return hash_uint64(position.astype(np.uint64))


def sum_token_hashes(token_hashes: Array, offsets: IntArray) -> Array:
    """Return a hash of each sequence: the sum over its tokens and their positions.

    Parameters
    ----------
    token_hashes : uint64 ndarray of shape (n_tokens,)
    offsets : int64 ndarray of shape (n_sequences + 1,)

    Returns
    -------
    hashes : uint64 ndarray of shape (n_sequences,)
    """
    return sum_hashes(hash_uint64(token_hashes + position_hashes(offsets)), offsets)


def distinct_rows(*keys: Any) -> tuple[IntArray, IntArray]:
    """Find the rows that differ in any key, in an order that the keys determine.

    Parameters
    ----------
    *keys : ndarray of shape (n_rows,)
        Sort keys, the primary one first.

    Returns
    -------
    first : ndarray of shape (n_distinct,)
        One row of each group of equal rows.
    group : ndarray of shape (n_rows,)
        Index into `first` of every row.
    """
    order = np.lexsort(keys[::-1])
    is_new = np.zeros(len(order), dtype=bool)
    is_new[:1] = True
    for key in keys:
        is_new[1:] |= _differs_from_last(key[order])
    number, group = np.cumsum(is_new), np.empty(len(order), dtype=np.int64)
    number -= 1
    group[order] = number
    return order[is_new], group


def _differs_from_last(values: Array) -> BoolArray:
    """Whether each value but the first differs from the one before."""
    differs: BoolArray = values[1:] != values[:-1]
    return differs


def _bits(values: Any) -> Array:
    """Return numbers as 64-bit integers."""
    if values.dtype.kind == "f":
        return values.astype(np.float64).view(np.uint64)
    return values.astype(np.int64).view(np.uint64)
