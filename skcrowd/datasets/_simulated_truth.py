"""True labels or numbers, for the simulation of answers."""

import numpy as np
from sklearn.utils.validation import column_or_1d

from skcrowd.annotations._encoding import encode
from skcrowd.annotations._value_types import missing_mask


def read_truth(y_true, kind, classes):
    """Check the truth and encode it.

    Parameters
    ----------
    y_true : array-like of shape (n_items,)
    kind : {"labels", "numbers"}
    classes : array-like of shape (n_classes,) or None

    Returns
    -------
    truth : ndarray of shape (n_items,)
        Codes into `classes`, or float64 numbers.
    classes : ndarray of shape (n_classes,), or None for numbers
    """
    y_true = column_or_1d(y_true)
    if not len(y_true):
        raise ValueError("y_true is empty; give the truth of at least one item.")
    _check_no_missing(y_true)
    _CHECKS[kind](y_true)
    return encode(y_true, kind, classes, lambda row: f"row {row} of y_true")


def _check_no_missing(y_true):
    missing = missing_mask(y_true)
    if missing.any():
        row = int(np.argmax(missing))
        raise ValueError(
            f"y_true holds a missing value ({y_true[row]!r}) at row {row}, one of "
            f"{int(missing.sum())}; a crowd needs a truth to look at, so drop these "
            "items."
        )


def _check_no_continuous(y_true):
    if y_true.dtype.kind != "f":
        return
    broken = np.flatnonzero(y_true != np.floor(y_true))
    if broken.size:
        row = int(broken[0])
        raise ValueError(
            f"y_true is continuous: it holds {float(y_true[row])!r} at row {row}, "
            "which is no class label; pass integers, strings or booleans, or "
            "kind='numbers' for a crowd that rates."
        )


def _check_no_infinite(y_true):
    if y_true.dtype.kind != "f":
        return
    infinite = np.flatnonzero(np.isinf(y_true))
    if infinite.size:
        row = int(infinite[0])
        raise ValueError(
            f"y_true holds {float(y_true[row])!r} at row {row}; a crowd rates finite "
            "numbers, so drop or correct these items."
        )


_CHECKS = {"labels": _check_no_continuous, "numbers": _check_no_infinite}
