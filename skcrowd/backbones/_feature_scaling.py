"""Scaling of features that limits the influence of nearly constant ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.utils.sparsefuncs import mean_variance_axis

from skcrowd.annotations._memory import row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, Features, FloatArray


__all__ = ["feature_scaling"]

MAX_RATIO = 3.0  # of a standard deviation to the median one, after scaling
IN_BLOCKS = 2**28  # numbers from which on there are no arrays of the size of X


def feature_scaling(
    X: Features, sample_weight: Any = None
) -> tuple[FloatArray, FloatArray]:
    """Return center and scale of every feature.

    Features whose standard deviation lies within a factor of three of the median one
    keep their size relative to each other; larger and smaller ones are brought to
    that range. So units have little effect, and a nearly constant feature has less
    influence than after full standardisation (compared in ``benchmarks/defaults.py``).

    Sparse features, such as words, have a common unit and are mostly rare: they are
    not centred, and divided by one number, the root of their mean variance.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_items, ...)
    sample_weight : ndarray of shape (n_items,), default=None

    Returns
    -------
    center, scale : ndarray of shape (n_features,)
        float64; `scale` is positive.

    Raises
    ------
    ValueError
        If the range of a feature overflows the precision of `X`.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.backbones._feature_scaling import feature_scaling
    >>> center, scale = feature_scaling(np.array([[0.0, 0.0], [2.0, 2000.0]]))
    >>> center
    array([   1., 1000.])
    """
    if sparse.issparse(X):
        return _sparse_scaling(X, sample_weight)
    with np.errstate(over="ignore", invalid="ignore"):
        center, deviation, constant = _moments(X, sample_weight)
    _check_finite(X, center, deviation)
    if constant.all():
        return center, np.ones_like(deviation)
    middle = np.median(deviation[~constant])
    deviation[constant] = middle
    return center, deviation / np.clip(deviation / middle, 1 / MAX_RATIO, MAX_RATIO)


def _check_finite(X: Features, center: FloatArray, deviation: FloatArray) -> None:
    """Raise if the mean or deviation of a feature overflows."""
    wrong = ~(np.isfinite(center) & np.isfinite(deviation))
    if wrong.any():
        feature = X.reshape(len(X), -1)[:, wrong.argmax()]
        raise ValueError(
            f"X cannot be scaled: feature {wrong.argmax()} ranges from "
            f"{feature.min():.4g} to {feature.max():.4g}, which overflows {X.dtype}; "
            "divide it by a large number before."
        )


def _moments(
    X: Features, sample_weight: Any
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return mean and standard deviation of every feature, and which are constant."""
    X = X.reshape(len(X), -1)
    if X.size > IN_BLOCKS:
        return _moments_by_blocks(X, sample_weight)
    center = _mean(X, sample_weight)
    residual = X - center.astype(X.dtype)
    largest = np.abs(residual).max(axis=0)
    constant = largest <= 10 * np.finfo(X.dtype).eps * np.abs(center)
    largest[constant] = 1
    # std = m * sqrt(mean((residual / m)²)) with m = max |residual|: the square of a
    # large residual would overflow
    residual /= largest
    square = np.average(residual**2, axis=0, weights=sample_weight)
    return center, largest * np.sqrt(square.astype(np.float64)), constant


def _moments_by_blocks(
    X: Features, sample_weight: Any
) -> tuple[FloatArray, FloatArray, BoolArray]:
    """Return the same as `_moments` without an array of the size of X.

    Sums have the precision of float64.
    """
    weight = np.ones(len(X)) if sample_weight is None else sample_weight
    blocks, total = list(row_blocks(*X.shape)), weight.sum()
    center = sum(weight[rows] @ X[rows].astype(np.float64) for rows in blocks) / total
    largest = np.zeros(X.shape[1], dtype=X.dtype)
    for rows in blocks:
        residual = np.abs(X[rows] - center.astype(X.dtype))
        np.maximum(largest, residual.max(axis=0), out=largest)
    constant = largest <= 10 * np.finfo(X.dtype).eps * np.abs(center)
    largest[constant] = 1
    square = np.zeros(X.shape[1])
    for rows in blocks:
        residual = (X[rows] - center.astype(X.dtype)) / largest
        square += weight[rows] @ residual.astype(np.float64) ** 2
    return center, largest * np.sqrt(square / total), constant


def _mean(X: Features, sample_weight: Any) -> FloatArray:
    if sample_weight is None:
        return X.mean(axis=0, dtype=np.float64)
    return np.average(X, axis=0, weights=sample_weight)


def _sparse_scaling(X: Features, sample_weight: Any) -> tuple[FloatArray, FloatArray]:
    largest = abs(X).max() if X.nnz else 0.0
    if not largest:
        return np.zeros(X.shape[1]), np.ones(X.shape[1])
    # sqrt(mean var(X)) = m * sqrt(mean var(X / m)) with m = max |X|: the square of a
    # large value would overflow
    X = X / largest
    if sample_weight is not None:
        sample_weight = sample_weight.astype(X.dtype)
    variance = mean_variance_axis(X, axis=0, weights=sample_weight)[1]
    scale = float(largest) * (np.sqrt(variance.astype(np.float64).mean()) or 1.0)
    return np.zeros(X.shape[1]), np.full(X.shape[1], scale)
