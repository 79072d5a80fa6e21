"""Types of raw values: missing ones, those equal to a marker, a common dtype."""

from __future__ import annotations

import numbers
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, IntArray


_MISSING_TYPES = {"NoneType", "NAType", "NaTType", "MaskedConstant"}
_PLAIN_TYPES = {type(None), bool, int, float, str}
_INT64 = np.iinfo(np.int64)
_SORTS = {"U": "string", "b": "boolean", **dict.fromkeys("iufc", "number")}


def pandas_if_loaded() -> Any:
    """Return pandas if the caller has imported it, else None."""
    return sys.modules.get("pandas")


def missing_mask(values: Any) -> BoolArray:
    """Mark the values that mean "no answer", whatever the user's marker.

    Parameters
    ----------
    values : ndarray of any shape and dtype

    Returns
    -------
    missing : bool ndarray of the same shape
        True at NaN, NaT, None, ``pandas.NA`` and the empty string.
    """
    kind = values.dtype.kind
    if kind in "fc":
        return np.isnan(values)
    if kind in "mM":
        return np.isnat(values)
    if kind == "U":
        return values == ""
    if kind in "OT":
        if set(map(type, values.ravel().tolist())) <= _PLAIN_TYPES:
            return _missing_among_plain(values)
        return _elementwise(_is_missing, values)
    return np.zeros(values.shape, dtype=bool)


def _missing_among_plain(values: Any) -> BoolArray:
    """Compare vectorized, which types such as ``pandas.NA`` do not support."""
    values = values.astype(object, copy=False)
    missing = np.equal(values, "") | np.not_equal(values, values)
    return (missing | np.equal(values, np.array(None))).astype(bool)


def _is_missing(value: Any) -> bool:
    if isinstance(value, str):
        return value == ""
    if isinstance(value, (float, np.floating, np.complexfloating)):
        return bool(value != value)
    if isinstance(value, Decimal):
        return value.is_nan()
    return type(value).__name__ in _MISSING_TYPES


def equal_mask(values: Any, marker: int | None) -> BoolArray:
    """Mark the values that equal `marker`; numbers never equal strings or booleans.

    Parameters
    ----------
    values : ndarray of any shape and dtype
    marker : scalar

    Returns
    -------
    equal : bool ndarray of the same shape
    """
    if values.dtype.kind in "OT":
        return _elementwise(lambda value: _same(value, marker), values)
    sort = _SORTS.get(values.dtype.kind)
    if sort is not None and sort == _sort_of(marker):
        return np.asarray(values == marker, dtype=bool)
    return np.zeros(values.shape, dtype=bool)


def _same(value: Any, marker: Any) -> bool:
    sort = _sort_of(value)
    return sort is not None and sort == _sort_of(marker) and bool(value == marker)


def _sort_of(value: Any) -> str | None:
    """Return "string", "boolean", "number" or None for anything else."""
    if isinstance(value, str):
        return "string"
    if isinstance(value, (bool, np.bool_)):
        return "boolean"
    return "number" if isinstance(value, numbers.Number) else None


def _elementwise(function: Callable[..., Any], values: Any) -> BoolArray:
    # Not np.frompyfunc, whose loop takes what a comparison with NaN leaves behind in
    # the floating point unit for an invalid value of its own (numpy 2.5).
    each = map(function, values.ravel().tolist())
    return np.fromiter(each, dtype=bool, count=values.size).reshape(values.shape)


def tighten(values: Any, what: str = "y") -> Array:
    """Convert observed values to the one dtype that represents them.

    Parameters
    ----------
    values : ndarray of shape (n,)
        No missing value among them.
    what : str, default="y"
        The name of the values in error messages.

    Returns
    -------
    values : ndarray of shape (n,)
        int64, float64 or bool; strings become an object array of `str`.
    """
    kind = values.dtype.kind
    if kind == "c":
        raise ValueError(f"Complex data not supported: {what} is {values.dtype}.")
    if kind == "b" or values.dtype == np.int64:
        return values
    if kind == "f":
        return values.astype(np.float64)
    if kind in "iu":
        return _to_int64(values, what)
    if kind in "OUT":
        return _tighten_objects(values.astype(object), what)
    raise TypeError(_unsupported(values[:1].tolist()[0], what))


def _tighten_objects(values: Any, what: str) -> Array:
    sorts: dict[str | None, object] = {}
    types = _one_of_each_type(values)
    for type_, example in types.items():
        sorts.setdefault(_sort_of(example), example)
        if issubclass(type_, (complex, np.complexfloating)):
            raise ValueError(f"Complex data not supported: {what} holds {example!r}.")
    if None in sorts:
        raise TypeError(_unsupported(sorts[None], what))
    if len(sorts) > 1:
        raise ValueError(_mixed(sorts, what))
    if "number" not in sorts:
        return values if "string" in sorts else values.astype(bool)
    if any(issubclass(type_, (float, np.floating)) for type_ in types):
        return values.astype(np.float64)
    for type_, example in types.items():
        if not issubclass(type_, (int, np.integer)):
            raise TypeError(_unsupported(example, what))
    return _to_int64(values, what)


def _one_of_each_type(values: Any) -> dict[Any, Any]:
    return dict(zip(map(type, values.tolist()), values.tolist(), strict=True))


def _to_int64(values: Any, what: str) -> IntArray:
    if values.size and not _INT64.min <= values.min() <= values.max() <= _INT64.max:
        raise ValueError(
            f"{what} holds integers up to {values.max()}, which do not fit 64 bits; "
            "number the labels from 0, or use strings."
        )
    return values.astype(np.int64)


def _unsupported(example: Any, what: str) -> str:
    if isinstance(example, bytes):
        return (
            f"{what} holds bytes such as {example!r}, which are not supported as "
            "labels; decode them to strings first, e.g. with np.char.decode."
        )
    if isinstance(example, (set, frozenset)):
        return (
            f"{what} holds the set {example!r}; sets of labels are the answers that "
            "CrowdMultilabelClassifier and MultilabelAnnotations take, a single label "
            "is no set."
        )
    return (
        f"{what} holds {example!r} of type {type(example).__name__}; labels must be "
        "integers, strings or booleans, and a missing answer NaN, None or an empty "
        "string."
    )


def _mixed(sorts: Mapping[Any, Any], what: str) -> str:
    listed = " and ".join(f"{sort}s (such as {v!r})" for sort, v in sorts.items())
    return (
        f"{what} mixes {listed}; answers must all be of one type: mark missing ones "
        "with NaN or None, and convert the others."
    )
