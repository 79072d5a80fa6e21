"""Recognise items by their content, whatever their place and how often they occur."""

import numpy as np
from scipy import sparse

__all__ = ["content_hashes", "distinct_rows", "hash_uint64", "sum_hashes"]

NUMBERS_AT_ONCE = 2**22


def hash_uint64(keys):
    """Scatter 64-bit keys, so that sums of them tell their parts apart.

    Parameters
    ----------
    keys : uint64 ndarray

    Returns
    -------
    hash_uint64 : uint64 ndarray of the same shape

    References
    ----------
    The finaliser of SplitMix64: G. L. Steele Jr., D. Lea, C. H. Flood. Fast splittable
    pseudorandom number generators. OOPSLA 2014. doi:10.1145/2660193.2660195
    """
    keys = keys + np.uint64(0x9E3779B97F4A7C15)
    keys = (keys ^ (keys >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    keys = (keys ^ (keys >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return keys ^ (keys >> np.uint64(31))


def content_hashes(X):
    """Return a number for every row that depends on what the row holds, and on no more.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_rows, ...)
        Of floats or integers.

    Returns
    -------
    keys : uint64 ndarray of shape (n_rows,)
        Equal for equal rows, dense or sparse; different rows share one with a
        probability of 2**-64.
    """
    if sparse.issparse(X):
        columns = hash_uint64(X.indices.astype(np.uint64))
        return sum_hashes(_scattered(X.data, columns), X.indptr)
    X = X.reshape(len(X), -1)
    columns = hash_uint64(np.arange(X.shape[1], dtype=np.uint64))
    keys = np.empty(len(X), dtype=np.uint64)
    step = max(1, NUMBERS_AT_ONCE // max(X.shape[1], 1))
    for start in range(0, len(X), step):
        part = slice(start, start + step)
        keys[part] = _scattered(X[part], columns).sum(axis=1, dtype=np.uint64)
    return keys


def _scattered(values, columns):
    """Keys of single values by their column; zeros, which may not be stored, have 0."""
    return np.where(values == 0, np.uint64(0), hash_uint64(_bits(values) ^ columns))


def sum_hashes(keys, indptr):
    """Sum the keys of what belongs to each row; the order is nothing.

    Parameters
    ----------
    keys : uint64 ndarray of shape (n,)
    indptr : ndarray of shape (n_rows + 1,)
        ``keys[indptr[i] : indptr[i + 1]]`` belong to row i.

    Returns
    -------
    summed : uint64 ndarray of shape (n_rows,)
    """
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(keys)])
    return total[indptr[1:]] - total[indptr[:-1]]


def distinct_rows(*keys):
    """Find the rows that differ in any key, in an order that hangs on the keys alone.

    Parameters
    ----------
    *keys : ndarray of shape (n_rows,)
        The first decides the order, the next among its equals.

    Returns
    -------
    first : ndarray of shape (n_distinct,)
        One row of each group of equal ones.
    group : ndarray of shape (n_rows,)
        Place of every row's group in `first`.
    """
    order = np.lexsort(keys[::-1])
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = np.any([np.diff(k[order]) != 0 for k in keys], axis=0)
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.cumsum(is_new) - 1
    return order[is_new], group


def _bits(values):
    """Return numbers as 64-bit integers."""
    if values.dtype.kind == "f":
        return values.astype(np.float64).view(np.uint64)
    return values.astype(np.int64).view(np.uint64)
