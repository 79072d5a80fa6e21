"""Read which comparisons are ties."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_ties"]


def read_ties(ties: NDArray[Any]) -> NDArray[np.bool_]:
    """Read a column of True and False, or of 1 and 0.

    Parameters
    ----------
    ties : ndarray of shape (n_comparisons,)
        Of booleans, numbers or objects.

    Returns
    -------
    is_tie : bool ndarray of shape (n_comparisons,)

    Raises
    ------
    ValueError
        If it holds anything else: text, a missing value, another number.
    """
    if ties.dtype == bool:
        return ties
    values = ties.tolist()
    for row, value in enumerate(values):
        if not _is_flag(value):
            raise ValueError(
                f"ties holds {value!r} at row {row}; give True (or 1) where neither "
                "item was preferred and False (or 0) elsewhere, such as ties == 'yes' "
                "of a column of texts. A comparison without an outcome is left out."
            )
    return np.array([bool(value) for value in values], dtype=bool)


def _is_flag(value: Any) -> bool:
    """Whether a value is a boolean, or the number 0 or 1."""
    is_number = isinstance(value, (numbers.Real, np.bool_))
    return is_number and bool(value == 0 or value == 1)
