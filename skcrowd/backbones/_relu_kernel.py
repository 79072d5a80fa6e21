"""Features whose inner products are the kernel of a wide network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import eigh

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["relu_kernel_features"]

RANK = 1e-10  # eigenvalues below this share of the largest one count as zero


def relu_kernel_features(X: FloatArray) -> FloatArray:
    """Return features such that ridge regression on them is that of a wide network.

    Their inner products are the neural tangent kernel of a network with one hidden
    layer of infinitely many ReLU units and biases, so ridge regression on them shows
    what a network can learn from the inputs, effects of several together included.

    Parameters
    ----------
    X : float64 ndarray of shape (n_items, n_inputs)

    Returns
    -------
    features : ndarray of shape (n_items, n_kept)
        At most as many as items.

    References
    ----------
    Y. Cho, L. K. Saul. Kernel methods for deep learning. NIPS 2009. A. Jacot,
    F. Gabriel, C. Hongler. Neural tangent kernel: convergence and generalization in
    neural networks. NeurIPS 2018, arXiv:1806.07572.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.backbones._relu_kernel import relu_kernel_features
    >>> features = relu_kernel_features(np.array([[0.0], [2.0]]))
    >>> (features @ features.T).diagonal().round(6)
    array([1., 5.])
    """
    X = np.column_stack([X, np.ones(len(X))])
    product = X @ X.T
    length = np.sqrt(product.diagonal())
    size = np.outer(length, length)
    cosine = np.clip(product / size, -1, 1)
    angle = np.arccos(cosine)
    # derivatives by the weights of the last layer, and by those of the first
    kernel = size * (np.sin(angle) + (np.pi - angle) * cosine)
    kernel += product * (np.pi - angle)
    eigenvalues, vectors = eigh(kernel / (2 * np.pi))
    is_kept = eigenvalues > RANK * eigenvalues.max()
    features: FloatArray = vectors[:, is_kept] * np.sqrt(eigenvalues[is_kept])
    return features
