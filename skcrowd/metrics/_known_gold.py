"""Read true labels of which most are missing."""

import numpy as np

from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._values import equal_mask, missing_mask, tighten

__all__ = ["known_gold"]

NEEDED = (
    "pass gold=, with one true label for each row of X and None, NaN, '' or, among "
    "integers, -1 where it is not known. In a search or cross-validation it arrives by "
    "metadata routing: sklearn.set_config(enable_metadata_routing=True)."
)


def known_gold(gold, n_samples, classes=None, *, may_be_empty=False):
    """Find the samples whose truth is known.

    Parameters
    ----------
    gold : array-like of shape (n_samples,)
        True labels, numbers or tag sequences; NaN, None, NA, the empty string, masked
        entries and, among labels, -1 are missing, -1 not if it is a class.
    n_samples : int
    classes : ndarray of shape (n_classes,), default=None
        None for numbers.
    may_be_empty : bool, default=False
        Whether no truth need be known.

    Returns
    -------
    rows : int64 ndarray of shape (n_known,)
    values : ndarray of shape (n_known,)
        Of objects where they are tag sequences.

    Raises
    ------
    ValueError
        If `gold` is None or of another shape, or no truth is known.
    """
    if gold is None:
        raise ValueError(f"there are no true labels to score by; {NEEDED}")
    masked = np.ma.getmaskarray(gold) if isinstance(gold, np.ma.MaskedArray) else None
    values = _one_dimensional(gold)
    if values.shape != (n_samples,):
        raise ValueError(
            f"gold has shape {values.shape}, but X has {n_samples} samples; {NEEDED}"
        )
    missing = _missing(values, classes)
    if masked is not None:
        missing |= masked
    rows = np.flatnonzero(~missing)
    if not rows.size:
        if may_be_empty:
            return rows, values[rows]
        raise ValueError(
            f"gold holds no true label at all among {n_samples} samples; leave at "
            "least one in every part that is scored."
        )
    known = values[rows]
    return rows, known if _are_sequences(known) else tighten(known, "gold")


def _one_dimensional(gold):
    """Return an array; tag sequences, also of one length, as objects."""
    values = gold.to_numpy() if hasattr(gold, "to_numpy") else gold
    if isinstance(values, np.ndarray) and values.dtype != object:
        return np.ma.getdata(values)
    return object_array(list(values))  # numpy would make strings of all beside one


def _is_sequence(value):
    return isinstance(value, (list, tuple, np.ndarray))


def _are_sequences(values):
    return values.dtype == object and all(map(_is_sequence, values))


def _missing(values, classes):
    missing = np.zeros(len(values), dtype=bool)
    single = np.array([not _is_sequence(value) for value in values], dtype=bool)
    missing[single] = missing_mask(values[single])
    if classes is not None and -1 not in classes.tolist():
        missing[single] |= equal_mask(values[single], -1)
    return missing
