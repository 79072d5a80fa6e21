"""Numbers that are written as texts, whose decimal point may be a comma."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

__all__ = ["NumberColumn", "are_decimal", "as_number", "decimal_number"]

_UNCLEAR = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_GROUPED = re.compile(
    r"[+-]?[1-9][0-9]{0,2}([ ,.'\u2019\u00a0\u202f][0-9]{3})+([.,][0-9]+)?"
)
_INFINITE = re.compile(r"[+-]?(inf(inity)?|[0-9]+([.,][0-9]*)?(e\+?[0-9]+)?)", re.I)


def decimal_number(value: Any) -> float:
    """Return a number; a comma in a text is a decimal point.

    Parameters
    ----------
    value : str or number

    Returns
    -------
    number : float

    Raises
    ------
    TypeError, ValueError
        If it is none, or not finite, or a text that Python alone takes for a number,
        such as "1_5".
    """
    is_text = isinstance(value, str)
    try:
        number = float(value.replace(",", ".") if is_text else value)
    except (OverflowError, ValueError):
        number = math.nan
    if not math.isfinite(number) or (is_text and "_" in value):
        raise ValueError(f"{value!r} is no finite number")
    return number


def as_number(value: Any) -> float:
    """Return a number that stands alone.

    Parameters
    ----------
    value : str or number

    Returns
    -------
    number : float

    Raises
    ------
    TypeError, ValueError
        If it is none, or its comma may separate thousands.
    """
    column = NumberColumn()
    number = column.read(value)
    column.check("the file")
    return number


class NumberColumn:
    """Reads the numbers of one column.

    A comma is a decimal point, unless it may separate thousands, as in "1,200": then
    other numbers of the column must show which it is.
    """

    def __init__(self) -> None:
        self._decimal: set[str] = set()  # signs that are certainly decimal points
        self._unclear: dict[str, str] = {}  # a number for each sign that may be none

    def read(self, value: Any) -> float:
        """Return one number.

        Parameters
        ----------
        value : str or number

        Returns
        -------
        number : float

        Raises
        ------
        TypeError, ValueError
            See `decimal_number`.
        """
        number = decimal_number(value)
        if isinstance(value, str):
            for sign in ".,":
                if sign in value:
                    self._note(sign, value)
        return number

    def _note(self, sign: str, text: str) -> None:
        """Note what a sign in a number may be."""
        if not _UNCLEAR.fullmatch(text.strip()):
            self._decimal.add(sign)
        else:
            self._unclear.setdefault(sign, text)

    def check(self, where: str) -> None:
        """Raise if it is not clear what a sign means in the column.

        Parameters
        ----------
        where : str
            What holds the numbers, for the message.

        Raises
        ------
        ValueError
            If a comma or a point may separate thousands.
        """
        points = {*self._decimal, *self._unclear}
        if "," in self._unclear and ("," not in self._decimal or "." in points):
            _refuse_thousands(self._unclear[","], where)
        if "." in self._unclear and "," in self._decimal:
            _refuse_thousands(self._unclear["."], where)


def _refuse_thousands(text: str, where: str) -> None:
    sign = "comma" if "," in text else "point"
    raise ValueError(
        f"{where}: the {sign} of {text!r} may separate thousands, or decimal places; "
        "write all numbers without separators of thousands and with a decimal point."
    )


def are_decimal(values: Iterable[Any]) -> bool:
    """Return whether all answers are numbers, and one has decimal places.

    Parameters
    ----------
    values : iterable
        Strings or numbers.

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        If all are numbers, but one is infinite, or has a sign that may separate
        thousands.
    """
    column = NumberColumn()
    numbers: list[float] = []
    odd: list[Any] = []
    for value in values:
        try:
            numbers.append(column.read(value))
        except (TypeError, ValueError):
            if not _is_odd_number(value):
                return False
            odd.append(value)
    if odd:
        raise ValueError(
            f"the answers are numbers, but one is {odd[0]!r}; write finite numbers "
            "without separators of thousands and with a decimal point, or pass "
            "kind='labels' if they are labels."
        )
    _check_answers(column)
    return not all(map(float.is_integer, numbers))


def _check_answers(column: NumberColumn) -> None:
    try:
        column.check("the answers are numbers")
    except ValueError as error:
        raise ValueError(f"{error} Pass kind='labels' if they are labels.") from error


def _is_odd_number(value: Any) -> bool:
    """Return whether a value is an infinite number, or one with groups of digits."""
    if isinstance(value, str):
        text = value.strip()
        return bool(_INFINITE.fullmatch(text) or _GROUPED.fullmatch(text))
    return isinstance(value, float) and math.isinf(value)
