"""R², which stays finite where the true numbers do not vary."""

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array, check_consistent_length

from skcrowd._sklearn_compat import _check_sample_weight

__all__ = ["r2_of_numbers", "weighted_r2"]

ROUNDING = 100 * np.finfo(np.float64).eps  # as a share of the largest number
LIMIT = 1e150  # of predictions, times the largest number; squares do not overflow


def r2_of_numbers(y_true, y_pred, sample_weight=None):
    """Check true numbers and weights; see :func:`weighted_r2`.

    Parameters
    ----------
    y_true : array-like of shape (n_samples,)
    y_pred : ndarray of shape (n_samples,)
    sample_weight : array-like of shape (n_samples,), default=None

    Returns
    -------
    r2 : float

    Raises
    ------
    ValueError
        If a true number is missing or no number, lengths differ, or no weight is
        positive.
    """
    options = {"ensure_2d": False, "dtype": np.float64}
    y_true = check_array(y_true, input_name="y", **options)
    check_consistent_length(y_true, y_pred)
    weight = _check_sample_weight(
        sample_weight, y_true, dtype=np.float64, ensure_non_negative=True
    )
    if not weight.any():
        raise ValueError(
            "sample_weight is zero for every sample; there is nothing to score."
        )
    return weighted_r2(y_true, y_pred, weight)


def weighted_r2(y_true, y_pred, weight):
    """Share of the variance of true numbers that predictions explain.

    As :func:`sklearn.metrics.r2_score`, it is 1 where true numbers that do not vary are
    predicted exactly, and 0 where they are not; but here both may be off by rounding
    errors, which that one takes for variance.

    Parameters
    ----------
    y_true, y_pred : ndarray of shape (n_samples,)
    weight : ndarray of shape (n_samples,)
        Not all zero.

    Returns
    -------
    r2 : float
        At most 1, and finite.
    """
    counts = weight > 0
    exponent = np.frexp(np.abs(y_true).max())[1]
    with np.errstate(over="ignore", under="ignore"):
        # A power of two costs no bit, and nothing near 1 has a square that overflows.
        y_true, y_pred = np.ldexp(y_true, -exponent), np.ldexp(y_pred, -exponent)
        tolerance = ROUNDING * np.abs(y_true[counts]).max()
        center = np.average(y_true, weights=weight)
        if np.abs(y_true - center)[counts].max() <= tolerance:
            return float(np.abs(y_true - y_pred)[counts].max() <= tolerance)
        r2 = r2_score(
            y_true,
            np.clip(y_pred, -LIMIT, LIMIT),
            sample_weight=weight,
        )
    return float(max(r2, np.finfo(np.float64).min))
