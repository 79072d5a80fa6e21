"""Read ``sample_weight``: one number a sample."""

from decimal import Decimal
from numbers import Real

import numpy as np

from ._lookup import object_array
from ._tables import is_frame, plain
from ._value_types import missing_mask

__all__ = ["read_weight"]

_NAME = "sample_weight"
_SMALLEST, _LARGEST = 1e-100, 1e100  # sums of squares of others overflow, or vanish


def read_weight(sample_weight, n_samples):
    """Check the weights of samples.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
        Real numbers or booleans. None weighs all alike.
    n_samples : int
        Rows of X.

    Returns
    -------
    weight : float64 ndarray of shape (n_samples,)
        Not negative.

    Raises
    ------
    ValueError
        If there is not one number for each sample, or one is negative or not finite.
    TypeError
        If it is no array-like.
    """
    if sample_weight is None:
        return np.ones(n_samples)
    if np.isscalar(sample_weight):
        raise ValueError(
            f"{_NAME} is {sample_weight!r}; pass one number for each of the "
            f"{n_samples} rows of X, or None to weigh them alike."
        )
    weight = _numbers(plain(sample_weight, _NAME))
    if weight.shape != (n_samples,):
        raise ValueError(
            f"{_NAME} has shape {weight.shape}, but must be 1D, one number for each of "
            f"the {n_samples} rows of X."
        )
    in_range = (weight == 0) | ((weight >= _SMALLEST) & (weight <= _LARGEST))
    wrong = np.flatnonzero(~in_range)
    if wrong.size:
        first = weight[wrong[0]]
        raise ValueError(
            f"{_NAME} holds {'NaN' if np.isnan(first) else f'{first:g}'} at row "
            f"{wrong[0]} ({wrong.size} such rows); weights must be finite and not "
            f"negative, from {_SMALLEST:g} to {_LARGEST:g}, and 0 leaves a sample out."
        )
    return weight


def _numbers(values):
    """Return float64, NaN where a weight is masked or missing; refuse text."""
    masked = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else False
    if is_frame(values) or hasattr(values, "to_numpy"):
        values = values.to_numpy()
    array = np.asarray(values)
    if array.dtype.kind not in "biuf" or isinstance(values, (list, tuple)):
        array = np.asarray(values, dtype=object)
        array = np.reshape([*map(_number, array.ravel().tolist())], array.shape)
    return np.where(masked, np.nan, array.astype(np.float64))


def _number(value):
    if isinstance(value, (Real, Decimal, np.bool_)):
        return float(value)
    if not isinstance(value, str) and missing_mask(object_array([value])).all():
        return np.nan
    raise ValueError(
        f"{_NAME} holds {value!r} of type {type(value).__name__}; weights must be "
        "numbers."
    )
