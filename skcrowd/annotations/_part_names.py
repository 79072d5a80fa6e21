"""Names of the parts of answers, for error messages."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import IntArray


__all__ = ["decision_names", "token_names"]


def decision_names(classes: Any, item_names: Any) -> Callable[[int], str]:
    """Return the function that names a decision, a row of item and label.

    Parameters
    ----------
    classes : ndarray of shape (n_labels,)
    item_names : ndarray of shape (n_items,) or None

    Returns
    -------
    described : callable
    """

    def described(decision: int) -> str:
        row, label = divmod(decision, len(classes))
        return f"label {classes.tolist()[label]!r} of item {_name(row, item_names)!r}"

    return described


def token_names(offsets: IntArray, sequence_names: Any) -> Callable[[int], str]:
    """Return the function that names a token of all sequences.

    Parameters
    ----------
    offsets : int64 ndarray of shape (n_sequences + 1,)
    sequence_names : ndarray of shape (n_sequences,) or None

    Returns
    -------
    described : callable
    """

    def described(token: int) -> str:
        row = int(np.searchsorted(offsets, token, side="right")) - 1
        name = _name(row, sequence_names)
        return f"token {token - int(offsets[row])} of sequence {name!r}"

    return described


def _name(row: int, names: Any) -> Any:
    return row if names is None else names.tolist()[row]
