"""Quantiles of features: ranges without outliers, and bins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["bin_edges", "clipping_range", "feature_quantiles"]

# Distances of two quantiles of a normal variable, in standard deviations.
SPREADS = {(0.25, 0.75): 1.349, (0.1, 0.9): 2.563, (0.02, 0.98): 4.107}
WIDEST = 5.0  # robust standard deviations from the median
ROUNDING = 1e-9


def feature_quantiles(
    X: FloatArray, weight: FloatArray, shares: FloatArray
) -> FloatArray:
    """Return weighted quantiles of every feature.

    The quantile of a share is the smallest value such that the items up to it have at
    least this share of the weight, so weights are equivalent to repetition.

    Parameters
    ----------
    X : ndarray of shape (n_items, n_features)
    weight : ndarray of shape (n_items,)
    shares : ndarray of shape (n_shares,)
        Between 0 and 1.

    Returns
    -------
    quantiles : ndarray of shape (n_shares, n_features)
    """
    order = X.argsort(axis=0)
    reached = weight[order].cumsum(axis=0) / weight.sum() + ROUNDING
    position = [(reached < share).sum(axis=0) for share in shares]
    rows = order[np.minimum(position, len(X) - 1), np.arange(X.shape[1])]
    return X[rows, np.arange(X.shape[1])]


def clipping_range(X: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the range to which features are clipped, to limit outliers.

    It is the median ± 5 standard deviations, estimated by the interquartile range;
    where that is zero, by the distance of quantiles further out. Features whose outer
    quantiles are equal, too, are not clipped.

    Parameters
    ----------
    X : ndarray of shape (n_items, n_features)
    weight : ndarray of shape (n_items,)

    Returns
    -------
    lower, upper : float64 ndarray of shape (n_features,)
    """
    shares = np.array([0.5, *(share for pair in SPREADS for share in pair)])
    quantiles = feature_quantiles(X, weight, shares).astype(np.float64)
    median, spread = quantiles[0], np.full(X.shape[1], np.inf)
    for low, high, size in zip(
        quantiles[1::2], quantiles[2::2], SPREADS.values(), strict=True
    ):
        is_open = np.isinf(spread) & (high > low)
        spread[is_open] = (high - low)[is_open] / size
    return median - WIDEST * spread, median + WIDEST * spread


def bin_edges(X: FloatArray, weight: FloatArray, n_bins: int) -> FloatArray:
    """Return edges of bins with equal weights.

    Parameters
    ----------
    X : ndarray of shape (n_items, n_features)
    weight : ndarray of shape (n_items,)
    n_bins : int

    Returns
    -------
    edges : ndarray of shape (n_features, n_bins + 1)
        Ascending; edges are equal where a feature has few values.
    """
    return feature_quantiles(X, weight, np.linspace(0, 1, n_bins + 1)).T
