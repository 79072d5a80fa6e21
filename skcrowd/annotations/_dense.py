"""Read an item × annotator matrix: array, nested list, masked array, DataFrame."""

import warnings
from itertools import chain

import numpy as np

from ._alignment import row_names
from ._assemble import assemble, no_answer
from ._encoding import check_classes, check_kind
from ._tables import frame_matrix, is_frame, plain
from ._values import equal_mask, missing_mask


def read_dense(y, missing_label, kind, classes, annotator_names):
    """Read a dense matrix; see `Annotations.from_dense`.

    Returns
    -------
    parts : Parts
    """
    check_kind(kind)
    matrix, missing, names = as_matrix(y)
    _check_shape(matrix)
    missing = missing | missing_mask(matrix)
    for marker in _markers(matrix, missing, missing_label, kind, classes):
        missing |= equal_mask(matrix, marker)
    item, annotator = np.nonzero(~missing)
    if not item.size:
        raise no_answer(matrix.shape, kind)
    return assemble(
        item,
        annotator,
        matrix[item, annotator],
        matrix.shape,
        kind=kind,
        classes=classes,
        names=names if annotator_names is None else annotator_names,
        item_names=row_names(y),
    )


def as_matrix(y):
    """Turn any dense form into an ndarray that lost nothing.

    Returns
    -------
    matrix : ndarray
        Of any number of dimensions and any dtype.
    masked : bool ndarray of the same shape, or False
        The cells that a masked array hides.
    names : list or None
        The column names of a DataFrame.
    """
    y = plain(y, "y")
    if is_frame(y):
        return frame_matrix(y), False, list(y.columns)
    if isinstance(y, np.ma.MaskedArray):
        return np.asarray(y.data), np.ma.getmaskarray(y), None
    if hasattr(y, "tocoo"):
        raise TypeError(
            f"y is a sparse {type(y).__name__}; read it with Annotations.from_sparse."
        )
    return _plain_matrix(y), False, None


def _plain_matrix(y):
    """Read arrays and nested lists; numpy must not turn ``["a", 1]`` to strings."""
    try:
        matrix = np.asarray(y)
        if _is_changed(matrix, y):
            matrix = np.asarray(y, dtype=object)
    except ValueError as error:
        if not isinstance(y, (list, tuple)):
            raise
        raise ValueError(_ragged(y)) from error
    return matrix


def _is_changed(matrix, y):
    """Whether numpy made other values of those in a list, as 1 of True."""
    if not isinstance(y, (list, tuple)) or matrix.dtype.kind not in "biufUSV":
        return False
    if matrix.dtype.kind in "USV":
        return True
    if not all(isinstance(row, (list, tuple)) for row in y):
        kinds = {row.dtype.kind for row in y if isinstance(row, np.ndarray)}
        return "b" in kinds and len(kinds) > 1
    types = set(map(type, chain.from_iterable(y)))
    return (bool in types and len(types) > 1) or (
        matrix.dtype.kind == "f" and types == {int}
    )


def _ragged(rows):
    lengths = [len(row) if hasattr(row, "__len__") else None for row in rows]
    odd = next((i for i, n in enumerate(lengths) if n != lengths[0]), 0)
    return (
        "y is ragged: row 0 and row "
        f"{odd} do not have the same number of answers ({lengths[0]} and "
        f"{lengths[odd]}); fill the gaps with None or NaN, or use "
        "Annotations.from_long."
    )


def _check_shape(matrix):
    shape = matrix.shape
    if matrix.ndim != 2:
        raise ValueError(
            f"y must be a matrix of shape (n_items, n_annotators), got "
            f"{matrix.ndim} dimension(s), shape {shape}; a row for each item, a column "
            "for each annotator, or use Annotations.from_long for a table of answers."
        )
    if 0 in shape:
        raise ValueError(
            f"y of shape {shape} has no {'items' if shape[0] == 0 else 'annotators'}; "
            "give at least one row and one column."
        )


def _markers(matrix, missing, missing_label, kind, classes):
    """List the markers, beside NaN, None, NA and "", that mean "missing"."""
    if isinstance(missing_label, str) and missing_label == "auto":
        if kind == "labels":
            return _automatic_markers(matrix, missing, classes)
        _warn_of_minus_one(matrix)
        return []
    if np.ndim(missing_label) != 0:
        raise TypeError(
            "missing_label must be 'auto', None or one scalar, got "
            f"{missing_label!r}; replace further markers by NaN or None first."
        )
    return [] if missing_label is None else [missing_label]


def _warn_of_minus_one(matrix):
    """Warn where -1 seems to mark missing ratings, such as of 1 to 5 stars."""
    if matrix.dtype.kind != "i" or not (matrix == -1).any():
        return
    others = matrix[matrix != -1]
    if others.size and others.min() > 0 and others.max() > 1:
        warnings.warn(
            f"y is an integer matrix of ratings from {others.min()} to {others.max()}, "
            "and -1, which was read as a rating. If it marks missing ones, replace it "
            "by NaN or pass Annotations.from_dense(y, kind='numbers', "
            "missing_label=-1); if not, missing_label=None says so.",
            UserWarning,
            stacklevel=6,
        )


def _automatic_markers(matrix, missing, classes):
    """Decide what -1 means: missing in an integer matrix, a label elsewhere."""
    if classes is not None:
        if (equal_mask(check_classes(classes), -1)).any():
            return []
        return [-1] if matrix.dtype.kind == "i" else []
    if matrix.dtype.kind == "i":
        _check_unambiguous(matrix[~missing])
        return [-1]
    if not missing.any() and equal_mask(matrix, -1).any():
        warnings.warn(
            f"y is a {matrix.dtype} matrix that holds -1 and no NaN or None; -1 was "
            "read as a label. If it marks missing answers, pass an integer matrix or "
            "Annotations.from_dense(y, missing_label=-1); if it is a label, "
            "Annotations.from_dense(y, missing_label=None) says so.",
            UserWarning,
            stacklevel=5,
        )
    return []


def _check_unambiguous(answers):
    negative = answers == -1
    if negative.any() and not negative.all() and (answers[~negative] == 1).all():
        raise ValueError(
            "y is an integer matrix whose only values are -1 and 1, so -1 could be a "
            "label or mark missing answers; pass "
            "Annotations.from_dense(y, missing_label=None) if -1 is a label, or "
            "Annotations.from_dense(y, missing_label=-1) if it marks missing answers."
        )
