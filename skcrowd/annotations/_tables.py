"""DataFrames and columns, without importing pandas."""

import numpy as np

from ._values import pandas_if_loaded


def is_frame(y):
    """Say whether `y` is a DataFrame (pandas or alike)."""
    return hasattr(y, "columns") and hasattr(y, "to_numpy")


def frame_matrix(frame):
    """Read a DataFrame as a matrix, integers kept as integers.

    Parameters
    ----------
    frame : DataFrame of shape (n_items, n_annotators)

    Returns
    -------
    matrix : ndarray of shape (n_items, n_annotators)
        A numeric dtype if all columns share its kind, else objects.
    """
    pandas = pandas_if_loaded()
    if pandas is None or not isinstance(frame, pandas.DataFrame):
        return np.asarray(frame.to_numpy())
    kinds = {dtype.kind for dtype in frame.dtypes}
    if kinds <= set("iu") and not frame.isna().to_numpy().any():
        matrix = frame.to_numpy()
        return matrix.astype(np.int64) if matrix.dtype == object else matrix
    if kinds == {"b"} and not frame.isna().to_numpy().any():
        return frame.to_numpy().astype(bool)
    if all(isinstance(dtype, np.dtype) for dtype in frame.dtypes):
        return frame.to_numpy()
    return frame.astype(object).to_numpy()


def column(values, name):
    """Read one column of a long table.

    Parameters
    ----------
    values : array-like of shape (n_rows,)
        List, array or Series, nullable and categorical ones too.
    name : str
        What the column is, for error messages.

    Returns
    -------
    column : ndarray of shape (n_rows,)
        A numeric dtype, or objects.
    """
    masked = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else None
    array = np.asarray(values)
    if array.dtype.kind in "UST":
        array = np.asarray(values, dtype=object)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be a 1-D array, one entry per answer, got shape "
            f"{array.shape}; to read a matrix use Annotations.from_dense."
        )
    if masked is not None and masked.any():
        array = array.astype(object)
        array[masked] = None
    return array
