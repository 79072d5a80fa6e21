"""Ridge regression whose penalty is chosen by generalised cross-validation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["RidgeFit", "fit_ridge"]

PENALTIES = np.logspace(-4, 2, 25)
RANK = 1e-10  # eigenvalues below this share of the largest one count as zero


class RidgeFit(NamedTuple):
    """Result of :func:`fit_ridge`.

    Attributes
    ----------
    penalty : float
        Chosen strength per item: the loss is the mean squared error plus `penalty`
        times the sum of the squared coefficients.
    error : float
        Estimated mean squared error of new items, as a share of the variance of the
        targets.
    importance : ndarray of shape (n_features,)
        Root of the summed squared effects of a feature's standard deviation on the
        targets, divided by its root mean square over the features.
    """

    penalty: float
    error: float
    importance: FloatArray


def fit_ridge(X: FloatArray, targets: FloatArray, weight: FloatArray) -> RidgeFit:
    """Fit a ridge regression, with the penalty of least generalised cross-validation.

    Parameters
    ----------
    X : float64 ndarray or CSR matrix of shape (n_items, n_features)
    targets : ndarray of shape (n_items, n_targets)
    weight : ndarray of shape (n_items,)
        Positive; weights are equivalent to repetition.

    Returns
    -------
    fit : RidgeFit

    References
    ----------
    G. H. Golub, M. Heath, G. Wahba. Generalized cross-validation as a method for
    choosing a good ridge parameter. Technometrics 21(2), 1979.
    doi:10.1080/00401706.1979.10489751
    """
    n = weight.sum()
    root = np.sqrt(weight)[:, None]
    targets = targets - np.average(targets, axis=0, weights=weight)
    largest = np.abs(targets).max(initial=0)
    targets = root * (targets / (largest or 1))  # whose squares do not overflow
    total = (targets**2).sum()
    problem = _Problem.of(X, root, targets)
    kept = n * PENALTIES[:, None] / (problem.eigenvalues + n * PENALTIES[:, None])
    # Components of the targets outside the span of the features are never fitted.
    residual = kept**2 @ problem.energy + max(total - problem.energy.sum(), 0.0)
    share_left = 1 - ((1 - kept).sum(axis=1) + 1) / n
    is_open = (share_left > 0) & (total > 0)
    score = np.full(len(PENALTIES), np.inf)
    score[is_open] = residual[is_open] / total / share_left[is_open] ** 2
    best = int(np.argmin(score)) if is_open.any() else len(PENALTIES) - 1
    error = float(score[best]) if is_open.any() else 1.0
    coefficients = problem.coefficients(n * PENALTIES[best])
    effect = problem.deviation * np.sqrt((coefficients**2).sum(axis=1))
    size = np.sqrt((effect**2).mean())
    return RidgeFit(PENALTIES[best], error, effect / size if size else effect + 1)


class _Problem(NamedTuple):
    """A ridge regression in the eigenvectors of its smaller Gram matrix."""

    X: Any
    share: FloatArray  # of each item in the weight, (n_items, 1)
    root: FloatArray  # of the weights, (n_items, 1)
    is_primal: bool
    eigenvalues: FloatArray
    vectors: FloatArray
    projected: FloatArray  # the targets in the eigenvectors, (n_vectors, n_targets)

    @classmethod
    def of(cls, X: Any, root: FloatArray, targets: FloatArray) -> _Problem:
        """Decompose XᵀX or XXᵀ; both of X centered and times the roots of weights."""
        share = root**2 / (root**2).sum()
        is_primal = not sparse.issparse(X) and X.shape[1] < X.shape[0]
        if not sparse.issparse(X):
            X = root * (X - share.T @ X)
            gram = X.T @ X if is_primal else X @ X.T
        else:
            # centering on both sides: (I - 1 sᵀ) K (I - s 1ᵀ), with the shares s
            gram = (X @ X.T).toarray()
            gram = gram - gram @ share
            gram = gram - share.T @ gram
            gram = root * gram * root.T
        eigenvalues, vectors = eigh(gram)
        projected = vectors.T @ (X.T @ targets if is_primal else targets)
        eigenvalues = np.maximum(eigenvalues, 0)
        return cls(X, share, root, is_primal, eigenvalues, vectors, projected)

    @property
    def energy(self) -> FloatArray:
        """Sum of squares of the targets in each left singular vector of X."""
        square = (self.projected**2).sum(axis=1)
        if not self.is_primal:
            return square
        is_null = self.eigenvalues <= RANK * self.eigenvalues.max(initial=0)
        return np.where(is_null, 0, square / np.where(is_null, 1, self.eigenvalues))

    @property
    def deviation(self) -> FloatArray:
        """Standard deviations of the features, (n_features,)."""
        if not sparse.issparse(self.X):
            return np.sqrt((self.X**2).sum(axis=0) / (self.root**2).sum())
        mean = self.X.T @ self.share
        square = self.X.multiply(self.X).T @ self.share
        return np.sqrt(np.maximum(square - mean**2, 0))[:, 0]

    def coefficients(self, penalty: float) -> FloatArray:
        """Return the coefficients, (n_features, n_targets)."""
        solved = self.vectors @ (
            self.projected / (self.eigenvalues + penalty)[:, None]
        )
        if self.is_primal:
            return solved
        if not sparse.issparse(self.X):
            return self.X.T @ solved
        solved = self.root * solved
        return self.X.T @ (solved - self.share * solved.sum(axis=0))
