"""Columns of a table that hold the probability of each label."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

from ._decimal_numbers import decimal_number
from ._name_types import is_missing

__all__ = ["Probabilities", "find_probabilities", "read_probabilities"]

Probabilities: TypeAlias = str | Mapping[Any, str] | None


def find_probabilities(
    names: list[str], probabilities: str | Mapping[Any, str], *, are_sets: bool
) -> dict[Any, str]:
    """Return the column of each label.

    Parameters
    ----------
    names : list of str
        All columns.
    probabilities : str or Mapping
        The beginning of the names of the columns, which the label follows, or a column
        for each label.
    are_sets : bool
        Whether each label applies or not, so that there may be one only.

    Returns
    -------
    columns : dict from label to str

    Raises
    ------
    ValueError
        If a column is not found, there are too few, or one is that of two labels.
    """
    if isinstance(probabilities, str):
        found: dict[Any, str] = {
            name.removeprefix(probabilities): name
            for name in names
            if name.startswith(probabilities) and name != probabilities
        }
    else:
        found = dict(probabilities)
    absent = [name for name in found.values() if name not in names]
    if absent:
        raise ValueError(f"probabilities names {absent}, but the columns are {names}.")
    too_few = len(found) < (1 if are_sets else 2)
    if too_few or len(set(found.values())) < len(found):
        raise ValueError(
            f"probabilities={probabilities!r} finds the columns {list(found.values())} "
            f"among {names}; give a column for each label: the beginning of their "
            "names, such as 'probability_', or a dict from label to column."
        )
    return found


def read_probabilities(
    row: Mapping[str, Any], columns: Mapping[Any, str]
) -> tuple[float, ...] | None:
    """Return the probabilities in a row, NaN where one is missing.

    Parameters
    ----------
    row : Mapping
    columns : Mapping from label to str

    Returns
    -------
    probabilities : tuple of float, or None
        None if all are missing.

    Raises
    ------
    ValueError
        If one is no number.
    """
    values = tuple(_number(row[name], label) for label, name in columns.items())
    return None if all(map(math.isnan, values)) else values


def _number(value: Any, label: Any) -> float:
    if is_missing(value):
        return math.nan
    try:
        return decimal_number(value)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"the probability of {label!r} is {value!r}, which is no number."
        ) from error
