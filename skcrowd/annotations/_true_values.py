"""Read a 1-D ``y``: the truth of every item, none missing."""

import numpy as np

from ._missing import TRUTH, TRUTH_RATINGS, find_missing
from ._tables import listed_array, plain, series_array
from ._value_types import missing_mask

__all__ = ["read_truth", "warn_of_truth"]

SOURCES = {"labels": TRUTH, "numbers": TRUTH_RATINGS}


def read_truth(y, kind="labels", name="y"):
    """Read true labels or numbers as an array without loss.

    Parameters
    ----------
    y : array-like of shape (n_items,)
    kind : {"labels", "numbers"}, default="labels"
    name : str, default="y"
        The argument, for error messages.

    Returns
    -------
    values : ndarray of shape (n_items,)
        Of objects only where they are strings, or of several types.

    Raises
    ------
    ValueError
        If a value is missing, or a string where numbers are needed.
    """
    y = plain(y, name)
    masked = np.ma.getmaskarray(y) if np.ma.isMaskedArray(y) else False
    values = _array(y)
    missing = np.flatnonzero(missing_mask(values) | masked)
    if values.ndim == 1 and missing.size:
        more = ", …" if missing.size > 5 else ""
        raise ValueError(
            f"{name} holds a missing value (NaN, None, NA, masked or an empty string) "
            f"at row {', '.join(map(str, missing[:5]))}{more} ({missing.size} in all), "
            "but a 1-D y is the truth itself; leave those rows out, or pass the "
            "answers of annotators as a matrix."
        )
    if kind == "numbers":
        _check_no_text(values, name)
    return values


def _check_no_text(values, name):
    """Raise for strings among objects, of which scikit-learn makes numbers."""
    if values.dtype != object:
        return
    for row, value in enumerate(values.ravel().tolist()):
        if isinstance(value, str):
            raise ValueError(
                f"{name} holds the string {value!r} at row {row}, but numbers are "
                "needed; convert strings (astype(float)), or use CrowdClassifier for "
                "labels."
            )


def _array(y):
    if isinstance(y, (list, tuple)):
        return listed_array(y)
    is_series = hasattr(y, "to_numpy") and getattr(y, "ndim", 0) == 1
    values = series_array(y) if is_series else np.asarray(y)
    if values.dtype != object or values.ndim != 1:
        return values
    listed = listed_array(values.tolist())
    return values if listed.dtype.kind == "U" else listed


def warn_of_truth(values, kind, *, classes=None, known=None):
    """Warn of true values that may mark missing ones.

    Parameters
    ----------
    values : ndarray of shape (n_items,)
    kind : {"labels", "numbers"}
    classes : array-like of shape (n_classes,), default=None
        All labels, if the user lists them.
    known : ndarray of shape (n_classes,), default=None
        Labels that are known to be real.

    Warns
    -----
    CrowdWarning
        If -1 or -100 is among values from 0, or text such as "nan".
    """
    find_missing(values, SOURCES[kind]._replace(known=known), classes=classes)
