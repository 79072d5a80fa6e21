"""The true labels a simulated crowd looks at."""

import numpy as np
from sklearn.utils.validation import column_or_1d

from skcrowd.annotations._encoding import encode
from skcrowd.annotations._values import missing_mask


def read_truth(y_true, classes):
    """Check the true labels and encode them.

    Parameters
    ----------
    y_true : array-like of shape (n_items,)
    classes : array-like of shape (n_classes,) or None

    Returns
    -------
    truth : ndarray of shape (n_items,)
        Codes into `classes`.
    classes : ndarray of shape (n_classes,)
    """
    y_true = column_or_1d(y_true)
    if not len(y_true):
        raise ValueError("y_true is empty; give the true label of at least one item.")
    _check_no_missing(y_true)
    _check_no_continuous(y_true)
    return encode(y_true, "labels", classes, lambda row: f"row {row} of y_true")


def _check_no_missing(y_true):
    missing = missing_mask(y_true)
    if missing.any():
        row = int(np.argmax(missing))
        raise ValueError(
            f"y_true holds a missing value ({y_true[row]!r}) at row {row}, one of "
            f"{int(missing.sum())}; a crowd needs a true label to look at, so drop "
            "these items."
        )


def _check_no_continuous(y_true):
    if y_true.dtype.kind != "f":
        return
    broken = np.flatnonzero(y_true != np.floor(y_true))
    if broken.size:
        row = int(broken[0])
        raise ValueError(
            f"y_true is continuous: it holds {float(y_true[row])!r} at row {row}, "
            "which is no class label; pass integers, strings or booleans."
        )
