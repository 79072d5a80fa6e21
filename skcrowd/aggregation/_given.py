"""Read gold: the known truth of some items."""

import numpy as np

from skcrowd.annotations._assemble import Where
from skcrowd.annotations._encoding import check_squares, encode
from skcrowd.annotations._known import known_values
from skcrowd.annotations._value_types import tighten

__all__ = ["gold_codes", "gold_numbers"]


def gold_codes(gold, n_items, n_classes):
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


def gold_numbers(gold, n_items):
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
