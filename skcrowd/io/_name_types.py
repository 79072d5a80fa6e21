"""One type for names and labels, which files give as they like."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._lookup import fit_int64, object_array

if TYPE_CHECKING:
    from skcrowd._typing import Array

__all__ = [
    "as_array",
    "check_not_rounded",
    "is_missing",
    "is_number",
    "of_one_type",
    "place_in_text",
    "sort_names",
    "span_label",
    "without_decimals",
]

_DIGITS = re.compile("[0-9]+")
_INTEGER = re.compile(r"0|-?[1-9]\d{0,17}")
_WHOLE = re.compile(r"(0|-?[1-9]\d{0,17})([.,]00?)?")
_EXACT = r"-?[1-9]e\+(0[0-9]|10)"  # as R writes 100000; spreadsheets: from e+11 on
_ROUNDED = re.compile(rf"(?!{_EXACT}$)-?[1-9]([.,][0-9]+)?e\+[0-9]{{2,3}}", re.I)
_INEXACT = 2.0**53


def is_missing(value: Any) -> bool:
    """Return whether a cell is empty: None, NaN or the empty string."""
    return value is None or value == "" or value != value


def is_number(value: Any) -> bool:
    """Return whether a value of JSON is a number: no boolean, and not NaN."""
    is_numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_numeric and value == value


def of_one_type(
    values: Iterable[Any], *, are_texts: bool = False, has_gaps: bool = False
) -> list[Any]:
    """Return values that are all integers, all booleans or all strings.

    Parameters
    ----------
    values : iterable
        Strings, integers, whole floats or booleans.
    are_texts : bool, default=False
        Whether the file has no types, such as CSV: strings that are all integers become
        integers, unless one has a leading zero.
    has_gaps : bool, default=False
        Whether the column of such a file may have gaps: then "1.0" is an integer, too.

    Returns
    -------
    values : list
        Booleans if all are, else integers if all are, else strings.

    Raises
    ------
    ValueError
        If a float is so large that it may stand for several integers.

    Examples
    --------
    >>> from skcrowd.io._name_types import of_one_type
    >>> of_one_type(["1", "20"], are_texts=True)
    [1, 20]
    >>> of_one_type(["1", "02"], are_texts=True)
    ['1', '02']
    >>> of_one_type([1, 2.0]), of_one_type([1, "a"]), of_one_type(["1", "20"])
    ([1, 2], ['1', 'a'], ['1', '20'])
    """
    listed = [
        value.item() if isinstance(value, np.generic) else value for value in values
    ]
    if all(isinstance(value, bool) for value in listed):
        return listed
    whole = [_whole(value) for value in listed]
    if all(isinstance(value, int) and not isinstance(value, bool) for value in whole):
        return whole
    texts = [str(value) for value in whole]
    if are_texts and has_gaps:
        texts = without_decimals(texts)
    if are_texts and all(map(_INTEGER.fullmatch, texts)):
        return [int(text) for text in texts]
    return texts


def _whole(value: Any) -> Any:
    """Return a whole float as an integer: tables with gaps have floats only."""
    if not isinstance(value, float) or not value.is_integer():
        return value
    if abs(value) >= _INEXACT:
        raise ValueError(
            f"the number {value!r} is a float, and from {_INEXACT:.0f} on different "
            "integers are the same float; read the column as integers or strings."
        )
    return int(value)


def without_decimals(values: list[Any]) -> list[Any]:
    """Return texts as integers are written, if all are whole numbers.

    A column of integers that has gaps is written with decimals by pandas, "1.0" for
    "1", and one without gaps, of the same names, is not.

    Parameters
    ----------
    values : list
        Names or labels of a file without types; some may be missing.

    Returns
    -------
    values : list
        The same, if one of them is something else.

    Examples
    --------
    >>> from skcrowd.io._name_types import without_decimals
    >>> without_decimals(["0", "1.0", None]), without_decimals(["1.0", "1.5"])
    (['0', '1', None], ['1.0', '1.5'])
    """
    known = [value for value in values if not is_missing(value)]
    if not all(isinstance(value, str) and _WHOLE.fullmatch(value) for value in known):
        return values
    return [
        value if is_missing(value) else re.split("[.,]", value)[0] for value in values
    ]


def check_not_rounded(what: str, names: Iterable[Any]) -> None:
    """Raise if a name is a number that a spreadsheet has rounded, "1.23457E+17".

    Parameters
    ----------
    what : str
        What the names are of, for the message.
    names : iterable

    Raises
    ------
    ValueError
    """
    texts = (name for name in names if isinstance(name, str))
    rounded = next((name for name in texts if _ROUNDED.fullmatch(name)), None)
    if rounded is not None:
        raise ValueError(
            f"one of the {what} is named {rounded!r}, as spreadsheets write long "
            "numbers that they round, so different ones may have this name; export the "
            "column again as text."
        )


def place_in_text(value: Any) -> int:
    """Return where a span begins or ends, which may be written "3" or 3.0.

    Parameters
    ----------
    value : object

    Returns
    -------
    place : int

    Raises
    ------
    ValueError
        If it is no whole number.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return int(value)
    is_whole = is_number(value) and float(value).is_integer()
    if not is_whole:
        raise ValueError(
            f"a span begins or ends at {value!r}, which is no whole number of "
            "characters; export it again, or drop the span."
        )
    return int(value)


def span_label(value: Any) -> str:
    """Return the label of a span as a text; "" where it has none."""
    return "" if is_missing(value) else str(value)


def sort_names(names: list[Any]) -> list[Any]:
    """Return the distinct names of one type in order."""
    return sorted(set(names))


def as_array(values: list[Any]) -> Array:
    """Return an array of integers, booleans, numbers or strings.

    Integers that do not fit int64 stay what they are, in an array of objects.
    """
    if not values:
        return np.array([], dtype=str)
    integers = object_array(values) if set(map(type, values)) == {int} else None
    if integers is not None and not fit_int64(integers):
        return integers
    return np.array(values)
