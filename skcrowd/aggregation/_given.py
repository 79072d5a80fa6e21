"""Read gold, the known truth of some items, and given predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._assemble import Where
from skcrowd.annotations._encoding import check_squares, encode
from skcrowd.annotations._known import known_values
from skcrowd.annotations._tables import plain
from skcrowd.annotations._value_types import tighten

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray


__all__ = ["given_array", "given_proba", "gold_codes", "gold_numbers", "named_columns"]


def gold_codes(gold: Any, n_items: int, n_classes: int) -> IntArray | None:
    """Read codes of the classes of some items.

    Parameters
    ----------
    gold : array-like of shape (n_items,), mapping of item to code, or None
        -1, None or NaN where the truth is not known.
    n_items, n_classes : int

    Returns
    -------
    gold : int64 ndarray of shape (n_items,) or None
        -1 where the truth is not known.

    Raises
    ------
    ValueError
        If the number of values is not `n_items`, or a value is no code of a class.
    """
    if gold is None:
        return None
    rows, values = known_values(gold, n_items, np.arange(n_classes))
    codes = np.full(n_items, -1, dtype=np.int64)
    if not rows.size:
        return codes
    values = tighten(values, "gold")
    is_code = np.zeros(rows.size, dtype=bool)
    if values.dtype.kind in "if":
        is_code = (values >= 0) & (values < n_classes) & (values == np.floor(values))
    if not is_code.all():
        wrong = values[~is_code].tolist()[0]
        raise ValueError(
            f"gold holds {wrong!r}, but must hold codes of the {n_classes} classes, "
            f"from 0 to {n_classes - 1}, and -1 where the truth is not known."
        )
    codes[rows] = values
    return codes


def gold_numbers(gold: Any, n_items: int) -> FloatArray:
    """Read the known numbers of some items, NaN for the others, (n_items,).

    Parameters
    ----------
    gold : array-like of shape (n_items,), mapping of item to number, or None
    n_items : int
    """
    numbers = np.full(n_items, np.nan)
    if gold is None:
        return numbers
    rows, values = known_values(gold, n_items, kind="numbers")
    if rows.size:
        where = Where(rows, None, None, None)
        known, _ = encode(values, "numbers", None, where, "gold")
        check_squares(known, where, "gold")
        numbers[rows] = known
    return numbers


def given_proba(
    pred_proba: Any,
    n_items: int,
    n_classes: int,
    classes: Any = None,
    name: str = "pred_proba",
) -> FloatArray:
    """Read probabilities of the classes that the user gave.

    Parameters
    ----------
    pred_proba : array-like of shape (n_items, n_classes)
    n_items, n_classes : int
    classes : ndarray of shape (n_classes,), default=None
        By which the columns of a table are found, in any order, unless they are
        numbered from 0. None reads them by position.
    name : str, default="pred_proba"
        For error messages.

    Returns
    -------
    proba : float64 ndarray of shape (n_items, n_classes)

    Raises
    ------
    ValueError
        If they are of another shape, or no probabilities, or columns have other names.
    """
    table = plain(pred_proba, name)
    proba = given_array(table, name)
    if proba.shape != (n_items, n_classes):
        raise ValueError(
            f"{name} has shape {proba.shape}, expected {(n_items, n_classes)}: a "
            "row for each item, a column for each of classes_."
        )
    if classes is not None and hasattr(table, "columns"):
        proba = proba[:, named_columns(list(table.columns), classes, name)]
    wrong = ~((proba >= 0).all(axis=1) & (np.abs(proba.sum(axis=1) - 1) < 1e-3))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"row {row} of {name} is {proba[row].tolist()}; give probabilities, "
            "which are not negative and sum to 1."
        )
    return proba


def named_columns(columns: list[Any], classes: Any, name: str) -> list[int]:
    """Return where the column of each class is in a table.

    Parameters
    ----------
    columns : list of n_classes names
        Numbers from 0 are positions, unless they are the classes.
    classes : ndarray of shape (n_classes,)
    name : str
        Of the table, for error messages.

    Returns
    -------
    places : list of int

    Raises
    ------
    ValueError
        If they are not the names of the classes.
    """
    labels = np.asarray(classes).tolist()
    for key in (_typed_name, str):
        names = list(map(key, columns))
        wanted = list(map(key, labels))
        if set(names) == set(wanted):
            return [names.index(label) for label in wanted]
        if names == [("number", place) for place in range(len(names))]:
            return list(range(len(names)))
    raise ValueError(
        f"{name} has the columns {columns[:5]}, but the labels are {labels[:5]}; "
        "name each column as its label, or pass an array with a column for each, "
        "in this order."
    )


def _typed_name(name: Any) -> tuple[str, Any]:
    """Return a name with its kind, because True equals 1, and 1.0 too."""
    if isinstance(name, (bool, np.bool_)):
        return "bool", bool(name)
    if isinstance(name, (int, np.integer)) or (
        isinstance(name, (float, np.floating)) and float(name).is_integer()
    ):
        return "number", int(name)
    return type(name).__name__, name


def given_array(values: Any, name: str) -> FloatArray:
    """Read an array of any library; refuse what holds anything but numbers."""
    values = plain(values, name)
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers only: {error}.") from error
