"""Read ``gold``: one true value a sample, of which most may be missing."""

from collections.abc import Mapping

import numpy as np

from ._lookup import object_array, preview
from ._missing import GOLD, GOLD_RATINGS, find_missing
from ._tables import is_frame, plain, row_labels
from ._value_types import missing_mask

__all__ = ["gold_by_row", "is_sequence", "known_values"]

SOURCES = {"labels": GOLD, "numbers": GOLD_RATINGS}


def gold_by_row(gold, n_samples, *tables, name="gold"):
    """Read a mapping from row to true value as one value for each row.

    Parameters
    ----------
    gold : mapping, or object
        Anything but a mapping stays as it is.
    n_samples : int
        Rows of X.
    *tables : object
        X and y: the keys are the labels of their rows, where the first of them that
        has labels (`row_labels`), else row numbers.
    name : str, default="gold"
        The argument, for error messages.

    Returns
    -------
    gold : object, or object ndarray of shape (n_samples,)
        None for rows that are no key.

    Raises
    ------
    ValueError
        If a key is no row, or the label of several.
    """
    if not isinstance(gold, Mapping):
        return gold
    labels = row_labels(*tables)
    labels = list(range(n_samples)) if labels is None else labels
    row_of = {label: row for row, label in enumerate(labels)}
    unknown = [key for key in gold if isinstance(key, bool) or key not in row_of]
    if unknown:
        raise ValueError(
            f"{name} has {preview(object_array(unknown))} among its keys "
            f"({len(unknown)} in all), which are no rows of X; the keys must be "
            f"{_described(labels)}. In a search or cross-validation pass a list or "
            "array with a value for each row, which is split with X."
        )
    if len(row_of) < len(labels) and not _are_unique(gold, labels):
        raise ValueError(
            f"{name} is a dict, but several rows of X have the same label; pass a list "
            "or array with a value for each row."
        )
    values = np.full(n_samples, None, dtype=object)
    for key, value in gold.items():
        values[row_of[key]] = value
    return values


def _described(labels):
    if labels == list(range(len(labels))):
        return f"row numbers from 0 to {len(labels) - 1}"
    return f"labels of the rows, such as {preview(object_array(labels), 3)}"


def _are_unique(keys, labels):
    return len([label for label in labels if label in keys]) == len(keys)


def known_values(gold, n_samples, known=None, *, kind="labels", name="gold"):
    """Find the samples whose truth is known.

    Parameters
    ----------
    gold : array-like of shape (n_samples,), or mapping of row number to value
        True labels, numbers or tag sequences. NaN, None, NA, the empty string, masked
        entries and sequences of nothing else are missing; so is -1 among labels,
        unless it is a class.
    n_samples : int
        Rows of X.
    known : ndarray, default=None
        Classes, or ratings, of the answers; -1 is missing unless it is a class.
    kind : {"labels", "numbers"}, default="labels"
        Among numbers -1 is one.
    name : str, default="gold"
        The argument, for error messages.

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
    gold = gold_by_row(gold, n_samples, name=name)
    values, masked = _one_dimensional(gold, name)
    if values.shape != (n_samples,):
        raise ValueError(
            f"{name} has shape {values.shape}, but X has {n_samples} samples; pass one "
            "true value for each row of X, and None or NaN where it is not known, or a "
            "dict from row to true value."
        )
    sequence = np.zeros(values.shape, dtype=bool)
    if values.dtype == object:
        sequence[:] = [is_sequence(value) for value in values.tolist()]
    missing, single = masked.copy(), values[~sequence]
    source = SOURCES[kind]._replace(name=name, known=known)
    missing[~sequence] |= find_missing(single, source)
    blank = [_is_blank(value) for value in values[sequence]]
    missing[sequence] |= np.array(blank, dtype=bool)
    rows = np.flatnonzero(~missing)
    return rows, values[rows]


def _one_dimensional(gold, name):
    """Return an array, tag sequences as objects, and what is masked of it."""
    gold = plain(gold, name)
    if isinstance(gold, np.ma.MaskedArray):
        return np.ma.getdata(gold), np.ma.getmaskarray(gold)
    if isinstance(gold, (list, tuple)):
        # np.asarray would convert numbers next to strings, and stack equal lengths
        values = object_array(gold)
    elif is_frame(gold) or hasattr(gold, "to_numpy"):
        values = gold.to_numpy()
    else:
        values = np.asarray(gold)
    return values, np.zeros(values.shape, dtype=bool)


def is_sequence(value):
    """Whether a value of `gold` is a tag sequence."""
    return isinstance(value, (list, tuple, np.ndarray))


def _is_blank(sequence):
    return bool(missing_mask(object_array(list(sequence))).all())
