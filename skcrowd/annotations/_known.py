"""Read one true value a sample, of which most may be missing."""

import numpy as np

from ._lookup import object_array
from ._missing import GOLD, GOLD_RATINGS, find_missing
from ._values import missing_mask

__all__ = ["known_values"]


def known_values(gold, n_samples, classes=None, *, kind="labels"):
    """Find the samples whose truth is known.

    Parameters
    ----------
    gold : array-like of shape (n_samples,)
        True labels, numbers or tag sequences. NaN, None, NA, the empty string, masked
        entries and sequences of nothing else are missing; so is -1 among labels,
        unless it is a class.
    n_samples : int
        Rows of X.
    classes : ndarray of shape (n_classes,), default=None
        Whether -1 is among them.
    kind : {"labels", "numbers"}, default="labels"
        Among numbers -1 is one.

    Returns
    -------
    rows : int64 ndarray of shape (n_known,)
    values : ndarray of shape (n_known,)
        Of objects where they are tag sequences.

    Raises
    ------
    ValueError
        If `gold` does not hold one value for each sample.
    """
    values, masked = _one_dimensional(gold)
    if values.shape != (n_samples,):
        raise ValueError(
            f"gold has shape {values.shape}, but X has {n_samples} samples; pass one "
            "true value for each row of X, and None or NaN where it is not known."
        )
    sequence = np.array([is_sequence(value) for value in values], dtype=bool)
    missing, single = masked.copy(), values[~sequence]
    missing[~sequence] |= find_missing(single, DOORS[kind], known=classes)
    blank = [_is_blank(value) for value in values[sequence]]
    missing[sequence] |= np.array(blank, dtype=bool)
    rows = np.flatnonzero(~missing)
    return rows, values[rows]


def _one_dimensional(gold):
    """Return an array, tag sequences as objects, and what is masked of it."""
    if isinstance(gold, np.ma.MaskedArray):
        return np.ma.getdata(gold), np.ma.getmaskarray(gold)
    values = gold.to_numpy() if hasattr(gold, "to_numpy") else gold
    if not isinstance(values, np.ndarray):
        # numpy would make strings of all beside a string, a matrix of equal lengths
        values = object_array(list(values))
    return values, np.zeros(values.shape, dtype=bool)


def is_sequence(value):
    """Whether a value of `gold` is a tag sequence."""
    return isinstance(value, (list, tuple, np.ndarray))


def _is_blank(sequence):
    return bool(missing_mask(object_array(list(sequence))).all())
