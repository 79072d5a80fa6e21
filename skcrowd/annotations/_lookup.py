"""Codes of distinct values, and positions of values in a list."""

from __future__ import annotations

from collections import defaultdict
from itertools import count, repeat
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray


def factorize(values: Any, what: str = "y") -> tuple[IntArray, Array]:
    """Give every distinct value its rank in sorted order.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Integers, floats, booleans, dates, or an object array of sortable,
        hashable values.
    what : str, default="y"
        The name of the values in error messages.

    Returns
    -------
    codes : int64 ndarray of shape (n,)
    distinct : ndarray of shape (n_distinct,)
        ``distinct[codes]`` equals `values`.
    """
    if values.dtype.kind == "O":
        return _factorize_objects(values, what)
    if values.dtype.kind == "i" and values.size:
        low = int(values.min())
        spread = int(values.max()) - low + 1
        if spread <= 4 * values.size + 1024:
            return _factorize_narrow(values, low, spread)
    distinct, codes = np.unique(values, return_inverse=True)
    return codes.reshape(-1).astype(np.int64, copy=False), distinct


def _factorize_objects(values: Any, what: str) -> tuple[IntArray, Any]:
    rank_seen: defaultdict[Any, int] = defaultdict(count().__next__)
    codes = np.fromiter(map(rank_seen.__getitem__, values.tolist()), np.int64)
    try:
        distinct = sorted(rank_seen)
    except TypeError as error:
        types = sorted({type(v).__name__ for v in rank_seen})
        raise TypeError(
            f"{what} holds values of types {', '.join(types)} that cannot be sorted "
            "together; convert them to one type, e.g. strings."
        ) from error
    rank = np.empty(len(distinct), dtype=np.int64)
    rank[[rank_seen[value] for value in distinct]] = np.arange(len(distinct))
    return rank[codes], object_array(distinct)


def _factorize_narrow(values: Any, low: int, spread: int) -> tuple[IntArray, IntArray]:
    """Sort by counting: linear in the number of values."""
    offset = values - low
    seen = np.zeros(spread, dtype=bool)
    seen[offset] = True
    codes = np.cumsum(seen) - 1
    return codes[offset], np.flatnonzero(seen) + low


def positions(values: Any, vocabulary: Array) -> IntArray:
    """Find the position of every value in a list of distinct values.

    Parameters
    ----------
    values : ndarray of shape (n,)
    vocabulary : ndarray of shape (n_words,)
        Distinct values, in any order.

    Returns
    -------
    place : int64 ndarray of shape (n,)
        -1 for a value that is not in `vocabulary`.
    """
    families = {_family(values), _family(vocabulary)}
    if families == {"O", "i"}:  # integers that do not all fit int64
        values, vocabulary = values.astype(object), vocabulary.astype(object)
    elif len(families) > 1 or not vocabulary.size:
        return np.full(values.shape, -1, dtype=np.int64)
    if values.dtype.kind in "OU":
        place = {word: i for i, word in enumerate(vocabulary.tolist())}
        found = map(place.get, values.tolist(), repeat(-1))
        return np.fromiter(found, dtype=np.int64, count=values.size)
    order = np.argsort(vocabulary, kind="stable")
    rank = np.searchsorted(vocabulary, values, sorter=order)
    rank[rank == vocabulary.size] = 0
    candidate = order[rank]
    return np.where(vocabulary[candidate] == values, candidate, -1).astype(np.int64)


def _family(values: Any) -> str:
    """Strings (object or not) are one family, and so are integers and floats."""
    return {"U": "O", "u": "i", "f": "i"}.get(values.dtype.kind, values.dtype.kind)


def fit_int64(values: Any) -> bool:
    """Return whether integers of any dtype all fit int64."""
    bounds = np.iinfo(np.int64)
    if not values.size:
        return True
    return bounds.min <= int(values.min()) and int(values.max()) <= bounds.max


def object_array(values: Any) -> Any:
    """Return a 1-D object array of the values, tuples kept whole."""
    array = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        array[i] = value
    return array


def first_duplicate(values: Any) -> str | None:
    """Return the first value of a 1-D array that occurs again, or None."""
    seen = set()
    for value in values.tolist():
        if value in seen:
            return value
        seen.add(value)
    return None


def preview(values: Any, limit: int = 8) -> str:
    """Write the first few values of a 1-D array, e.g. ``['a', 'b', ...]``."""
    parts = [_shorten(repr(value)) for value in values[:limit].tolist()]
    return f"[{', '.join(parts + ['...'] * (len(values) > limit))}]"


def _shorten(text: str, limit: int = 24) -> str:
    return text if len(text) <= limit else text[: limit - 3] + "..."


def series_as_dict(values: Any, name: str) -> Any:
    """Read a pandas Series as a dict from its index; leave anything else as it is.

    Parameters
    ----------
    values : object
    name : str
        The argument, for error messages.

    Raises
    ------
    ValueError
        If several rows have one label.
    """
    if not hasattr(values, "to_dict"):
        return values
    repeated = values.index[values.index.duplicated()]
    if len(repeated):
        raise ValueError(
            f"{name} has several rows for {repeated.tolist()[0]!r} "
            f"({len(repeated)} rows too many); give one row for each."
        )
    return values.to_dict()
