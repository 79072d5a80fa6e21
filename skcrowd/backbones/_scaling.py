"""Bring features to a common scale, without blowing up those that hardly vary."""

import numpy as np

__all__ = ["feature_scaling"]

SPREAD = 3.0


def feature_scaling(X, sample_weight=None):
    """Centre and scale of every feature.

    Features whose standard deviation lies within a factor of three of the median one
    keep their size relative to each other; larger and smaller ones are brought to
    that range. So neither units matter much, nor does a feature that is nearly
    constant weigh as much as one that tells something (our choice: between no scaling
    and full standardisation, see ``benchmarks/defaults.py``).

    Parameters
    ----------
    X : ndarray of shape (n_items, ...)
    sample_weight : ndarray of shape (n_items,), default=None

    Returns
    -------
    center, scale : ndarray of shape (n_features,)
        float64; `scale` is positive.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.backbones import feature_scaling
    >>> center, scale = feature_scaling(np.array([[0.0, 0.0], [2.0, 2000.0]]))
    >>> center
    array([   1., 1000.])
    """
    X = X.reshape(len(X), -1)
    center = np.average(X, axis=0, weights=sample_weight).astype(np.float64)
    apart = X - center.astype(X.dtype)
    largest = np.abs(apart).max(axis=0)
    constant = largest <= 10 * np.finfo(X.dtype).eps * np.abs(center)
    largest[constant] = 1
    apart /= largest  # so that no square overflows
    square = np.average(apart**2, axis=0, weights=sample_weight)
    deviation = largest * np.sqrt(square.astype(np.float64))
    if constant.all():
        return center, np.ones_like(deviation)
    middle = np.median(deviation[~constant])
    deviation[constant] = middle
    return center, deviation / np.clip(deviation / middle, 1 / SPREAD, SPREAD)
