"""The kernel of a wide network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["relu_kernel"]


def relu_kernel(X: FloatArray) -> FloatArray:
    """Return the neural tangent kernel of a network of infinitely many ReLU units.

    The network has one hidden layer, and biases. Ridge regression with the kernel shows
    what a network can learn from the inputs, effects of several together included.

    Parameters
    ----------
    X : float64 ndarray of shape (n_items, n_inputs)

    Returns
    -------
    kernel : ndarray of shape (n_items, n_items)

    References
    ----------
    Y. Cho, L. K. Saul. Kernel methods for deep learning. NIPS 2009. A. Jacot,
    F. Gabriel, C. Hongler. Neural tangent kernel: convergence and generalization in
    neural networks. NeurIPS 2018, arXiv:1806.07572.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.backbones._relu_kernel import relu_kernel
    >>> relu_kernel(np.array([[0.0], [2.0]])).diagonal().round(6)
    array([1., 5.])
    """
    X = np.column_stack([X, np.ones(len(X))])
    product = X @ X.T
    length = np.sqrt(product.diagonal())
    size = np.outer(length, length)
    cosine = np.clip(product / size, -1, 1)
    angle = np.arccos(cosine)
    # sin(angle) = sqrt(1 - cosine²); derivatives by the weights of the last layer, and
    # by those of the first
    kernel = size * (np.sqrt(1 - cosine**2) + (np.pi - angle) * cosine)
    kernel += product * (np.pi - angle)
    kernel /= 2 * np.pi
    return kernel
