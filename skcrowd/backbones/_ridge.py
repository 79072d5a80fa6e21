"""Ridge regression whose penalty is chosen by leaving each item out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["RidgeFit", "fit_ridge"]

PENALTIES = np.logspace(-4, 2, 19)
NEAR = 0.01  # of the explained variance: what a stronger penalty may cost
RANK = 1e-10  # eigenvalues below this share of the largest one count as zero
TINY = 1e-6


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
    """Fit a ridge regression, with a penalty chosen by leaving each item out.

    With more features than items, errors hardly depend on weak penalties; then the
    penalty is the strongest one that explains at least .99 as much of the variance of
    items left out as the best one.

    Parameters
    ----------
    X : float64 ndarray or CSR matrix of shape (n_items, n_features)
        Rows must be distinct: of equal ones, those left in would predict the others.
    targets : ndarray of shape (n_items, n_targets)
    weight : ndarray of shape (n_items,)
        Positive.

    Returns
    -------
    fit : RidgeFit

    References
    ----------
    D. M. Allen. The relationship between variable selection and data augmentation and a
    method for prediction. Technometrics 16(1), 1974.
    doi:10.1080/00401706.1974.10489157
    """
    n = weight.sum()
    root = np.sqrt(weight)[:, None]
    targets = targets - np.average(targets, axis=0, weights=weight)
    largest = np.abs(targets).max(initial=0)
    targets = root * (targets / (largest or 1))  # whose squares do not overflow
    problem = _Problem.of(X, root, targets)
    variance = (targets**2).sum() or 1.0
    errors = np.array([problem.error_left_out(n * p) for p in PENALTIES]) / variance
    least = errors.min()
    near = least if problem.is_primal else least + NEAR * max(1 - least, 0)
    best = int(np.flatnonzero(errors <= near)[-1])
    coefficients = problem.coefficients(n * PENALTIES[best])
    effect = problem.deviation * np.sqrt((coefficients**2).sum(axis=1))
    size = np.sqrt((effect**2).mean())
    importance = effect / size if size else effect + 1
    return RidgeFit(PENALTIES[best], float(errors[best]), importance)


class _Problem(NamedTuple):
    """A ridge regression in the eigenvectors of its smaller Gram matrix."""

    X: Any
    share: FloatArray  # of each item in the weight, (n_items, 1)
    root: FloatArray  # of the weights, (n_items, 1)
    is_primal: bool
    eigenvalues: FloatArray
    vectors: FloatArray
    left: FloatArray  # left singular vectors of X, (n_items, n_vectors)
    targets: FloatArray

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
        is_kept = eigenvalues > RANK * eigenvalues.max(initial=0)
        eigenvalues, vectors = eigenvalues[is_kept], vectors[:, is_kept]
        left = X @ vectors / np.sqrt(eigenvalues) if is_primal else vectors
        return cls(X, share, root, is_primal, eigenvalues, vectors, left, targets)

    def error_left_out(self, penalty: float) -> float:
        """Return the sum of squared errors of items left out of the fit."""
        kept = self.eigenvalues / (self.eigenvalues + penalty)
        fitted = self.left @ (kept[:, None] * (self.left.T @ self.targets))
        # e / (1 - h): the error of an item left out, with leverage h; the intercept
        # adds the item's share of the weight.
        leverage = self.left**2 @ kept + self.share[:, 0]
        left_out = (self.targets - fitted) / np.maximum(1 - leverage, TINY)[:, None]
        return float((left_out**2).sum())

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
        projected = self.left.T @ self.targets
        if self.is_primal:
            projected *= np.sqrt(self.eigenvalues)[:, None]
        solved = self.vectors @ (projected / (self.eigenvalues + penalty)[:, None])
        if self.is_primal:
            return solved
        if not sparse.issparse(self.X):
            return self.X.T @ solved
        solved = self.root * solved
        return self.X.T @ (solved - self.share * solved.sum(axis=0))
