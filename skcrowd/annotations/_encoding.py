"""Turn answers into integer codes of classes, or into numbers."""

from __future__ import annotations

from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np

from ._lookup import factorize, first_duplicate, object_array, positions, preview
from ._tables import plain
from ._value_types import missing_mask, tighten

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray


# Beyond this, neighbouring integers are the same float64.
_MAX_INTEGRAL_FLOAT = 2.0**53
SMALLEST_SPREAD = 1e-140  # of numbers whose variances are to be computed


def check_kind(kind: Any) -> None:
    """Raise unless `kind` is supported by `encode`."""
    if kind not in _ENCODERS:
        known = " or ".join(repr(name) for name in _ENCODERS)
        raise ValueError(f"kind must be {known}, got {kind!r}.")


def encode(
    values: Any, kind: Any, classes: Any, where: Any, name: str = "y"
) -> tuple[Array, Array | None]:
    """Encode answers as codes of classes or as numbers.

    Parameters
    ----------
    values : ndarray of shape (n_answers,)
        The answers as given, none missing.
    kind : {"labels", "numbers"}
    classes : array-like of shape (n_classes,) or None
        The possible labels in order; None for the observed ones, sorted.
    where : callable
        ``where(k)`` describes the position of answer k, for error messages.
    name : str, default="y"
        The argument that holds the answers, for error messages.

    Returns
    -------
    answer : ndarray of shape (n_answers,)
        int64 codes into `classes`, or float64 numbers.
    classes : ndarray of shape (n_classes,) or None
    """
    if kind == "numbers":
        values = _as_floats(values, name)
    return _ENCODERS[kind](tighten(values, name), classes, where, name)


def _as_floats(values: Any, name: str) -> Array:
    """Read objects that are real numbers, also those numpy has no type for."""
    types = set(map(type, values.tolist())) if values.dtype == object else set()
    if not types or any(t is bool or not issubclass(t, (Real, Decimal)) for t in types):
        return values
    try:
        return values.astype(np.float64)
    except OverflowError as error:
        raise ValueError(
            f"{name} holds an integer that is too large for a float; choose another "
            "unit."
        ) from error


def _encode_labels(
    values: Any, classes: Any, where: Any, name: str
) -> tuple[IntArray, Array]:
    labels = _integral(values, where, name)
    if classes is None:
        codes, distinct = factorize(labels)
        return codes, _as_classes(distinct)
    classes = check_classes(classes)
    codes = positions(labels, classes)
    check_known(codes, labels, classes, where)
    return codes, classes


def _encode_numbers(
    values: Any, classes: Any, where: Any, name: str
) -> tuple[FloatArray, None]:
    if classes is not None:
        raise ValueError(
            f"classes={classes!r} was given with kind='numbers'; numbers have no "
            "classes, so leave it out or use kind='labels'."
        )
    if values.dtype == object:
        raise ValueError(
            f"{name} holds the string {values[0]!r} at {where(0)}, but numbers are "
            "needed; "
            "convert strings (astype(float)), or use kind='labels' (CrowdClassifier) "
            "for labels."
        )
    numbers = values.astype(np.float64)
    _check_finite(numbers, where, name)
    return numbers, None


_ENCODERS = {"labels": _encode_labels, "numbers": _encode_numbers}


def check_known(codes: IntArray, labels: Array, classes: Any, where: Any) -> None:
    """Raise for the first label that is not among the classes (code -1)."""
    unknown = np.flatnonzero(codes < 0)
    if not unknown.size:
        return
    first = int(unknown[0])
    label = labels[first : first + 1].tolist()[0]
    raise ValueError(
        f"the label {label!r} at {where(first)} is not among "
        f"classes={preview(classes)} ({unknown.size} such answers); add it to classes, "
        "or mark it as missing (NaN, None, or missing_label=)."
    )


def check_classes(classes: Any) -> Array:
    """Read the user's `classes`: distinct labels of one type, in order.

    Parameters
    ----------
    classes : array-like of shape (n_classes,)

    Returns
    -------
    classes : int64, bool or str ndarray of shape (n_classes,)
    """
    if isinstance(classes, str) or not np.iterable(classes):
        raise TypeError(f"classes must be a 1-D array or list, got {classes!r}.")
    values = object_array(np.asarray(plain(classes, "classes"), dtype=object).tolist())
    if not values.size:
        raise ValueError("classes is empty; name at least one class, or pass None.")
    if missing_mask(values).any():
        raise ValueError(
            f"classes={preview(values)} holds a missing value (NaN, None or an empty "
            "string), which marks missing answers and cannot be a class; leave it out."
        )
    tight = tighten(values, "classes")
    labels = _integral(tight, lambda k: f"position {k} of classes", "classes")
    twice = first_duplicate(labels)
    if twice is not None:
        raise ValueError(f"classes={preview(values)} holds {twice!r} more than once.")
    return _as_classes(labels)


def _as_classes(labels: Array) -> Array:
    return labels.astype(str) if labels.dtype == object else labels


def _integral(values: Any, where: Any, name: str) -> Array:
    """Read float labels such as 1.0 as integers; refuse 1.5."""
    if values.dtype.kind != "f":
        return values
    _check_finite(values, where, name)
    broken = np.flatnonzero(values != np.floor(values))
    if broken.size:
        k = int(broken[0])
        raise ValueError(
            f"Unknown label type: continuous. {name} holds {float(values[k])!r} at "
            f"{where(k)}, which is no class label; numbers are "
            "kind='numbers' (CrowdRegressor)."
        )
    large = np.flatnonzero(np.abs(values) > _MAX_INTEGRAL_FLOAT)
    if large.size:
        k = int(large[0])
        raise ValueError(
            f"{name} holds the label {float(values[k])!r} at {where(k)}, which is too "
            "large for an exact integer; pass integers or strings."
        )
    return values.astype(np.int64)


def _check_finite(values: Any, where: Any, name: str) -> None:
    infinite = np.flatnonzero(np.isinf(values))
    if infinite.size:
        raise ValueError(
            f"Input {name} contains infinity, first at {where(int(infinite[0]))}; use "
            "a finite number, or NaN for a missing answer."
        )


def check_squares(numbers: FloatArray, where: Any, name: str = "y") -> None:
    """Raise for numbers so large, or so alike, that sums of squares are none.

    Parameters
    ----------
    numbers : float64 ndarray of shape (n,)
    where : callable
        As for `encode`.
    name : str, default="y"
        The argument that holds the numbers, for error messages.
    """
    largest = np.sqrt(np.finfo(np.float64).max / max(numbers.size, 1)) / 10
    large = np.flatnonzero(np.abs(numbers) > largest)
    if large.size:
        k = int(large[0])
        raise ValueError(
            f"{name} holds {float(numbers[k])!r} at {where(k)}, and the squares of "
            f"numbers beyond {largest:.0e} are too large to compute with "
            f"({large.size} such numbers); choose another unit."
        )
    spread = float(np.ptp(numbers)) if numbers.size else 0.0
    if 0 < spread < SMALLEST_SPREAD:
        raise ValueError(
            f"the numbers in {name} differ by {spread:.2g} at most, and the squares of "
            "such differences are too small to compute with; choose another unit."
        )
