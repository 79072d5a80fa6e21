"""Ridge regression whose penalty is chosen by leaving each item out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.linalg import eigh

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray


__all__ = ["KernelRidgeFit", "RidgeFit", "fit_kernel_ridge", "fit_ridge"]

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


class KernelRidgeFit(NamedTuple):
    """Result of :func:`fit_kernel_ridge`; attributes as in :class:`RidgeFit`."""

    penalty: float
    error: float


def fit_ridge(
    X: FloatArray,
    targets: FloatArray,
    weight: FloatArray,
    groups: Sequence[IntArray] | None = None,
) -> RidgeFit:
    """Fit a ridge regression, with a penalty chosen by leaving each item out.

    With `groups` all items of a group are left out together, in closed form, as when
    single items are, with a matrix of leverages in place of a number.

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
    groups : sequence of int64 ndarray, default=None
        Items of each group; groups may overlap. None leaves single items out.

    Returns
    -------
    fit : RidgeFit

    References
    ----------
    D. M. Allen. The relationship between variable selection and data augmentation and a
    method for prediction. Technometrics 16(1), 1974.
    doi:10.1080/00401706.1974.10489157
    """
    root, targets = _weighted(targets, weight)
    problem = _Problem.of(X, root, targets)
    penalty, error = problem.best_penalty(weight.sum(), groups)
    coefficients = problem.coefficients(weight.sum() * penalty)
    effect = problem.deviation * np.sqrt((coefficients**2).sum(axis=1))
    size = np.sqrt((effect**2).mean())
    importance = effect / size if size else effect + 1
    return RidgeFit(penalty, error, importance)


def fit_kernel_ridge(
    kernel: FloatArray,
    targets: FloatArray,
    weight: FloatArray,
    groups: Sequence[IntArray] | None = None,
) -> KernelRidgeFit:
    """Fit a kernel ridge regression, with a penalty chosen as in :func:`fit_ridge`.

    Parameters
    ----------
    kernel : float64 ndarray of shape (n_items, n_items)
        Inner products of the items' features; of distinct items.
    targets : ndarray of shape (n_items, n_targets)
    weight : ndarray of shape (n_items,)
        Positive.
    groups : sequence of int64 ndarray, default=None
        As in :func:`fit_ridge`.

    Returns
    -------
    fit : KernelRidgeFit
    """
    root, targets = _weighted(targets, weight)
    gram = _centered_gram(kernel, root)
    eigenvalues, vectors = _eigenvectors(gram)
    problem = _Problem(
        kernel, _share(root), root, False, eigenvalues, vectors, vectors, targets
    )
    return KernelRidgeFit(*problem.best_penalty(weight.sum(), groups))


def _weighted(targets: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the roots of the weights, and centered targets times them."""
    root = np.sqrt(weight)[:, None]
    targets = targets - np.average(targets, axis=0, weights=weight)
    largest = np.abs(targets).max(initial=0)
    return root, root * (targets / (largest or 1))  # whose squares do not overflow


def _share(root: FloatArray) -> FloatArray:
    share: FloatArray = root**2 / (root**2).sum()
    return share


def _centered_gram(gram: FloatArray, root: FloatArray) -> FloatArray:
    """Center inner products on both sides, and multiply by the roots of weights.

    With the shares s of the items in the weight: (I - 1 sᵀ) K (I - s 1ᵀ).
    """
    share = _share(root)
    gram = gram - gram @ share
    gram -= share.T @ gram
    gram *= root
    gram *= root.T
    return gram


def _eigenvectors(gram: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return the eigenvalues that do not count as zero, and their vectors."""
    eigenvalues, vectors = eigh(gram, driver="evd", overwrite_a=True)
    is_kept = eigenvalues > RANK * eigenvalues.max(initial=0)
    return eigenvalues[is_kept], vectors[:, is_kept]


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
        share = _share(root)
        is_primal = not sparse.issparse(X) and X.shape[1] < X.shape[0]
        if not sparse.issparse(X):
            X = root * (X - share.T @ X)
            gram = X.T @ X if is_primal else X @ X.T
        else:
            gram = _centered_gram((X @ X.T).toarray(), root)
        eigenvalues, vectors = _eigenvectors(gram)
        left = X @ vectors / np.sqrt(eigenvalues) if is_primal else vectors
        return cls(X, share, root, is_primal, eigenvalues, vectors, left, targets)

    def best_penalty(
        self, total: float, groups: Sequence[IntArray] | None = None
    ) -> tuple[float, float]:
        """Return the best penalty per unit of weight, and its relative error."""
        penalties = total * PENALTIES
        variance = (self.targets**2).sum() or 1.0
        if groups is None:
            errors = self.errors_left_out(penalties) / variance
        else:
            errors = self.errors_of_groups(penalties, groups) / variance
        least = errors.min()
        near = least if self.is_primal else least + NEAR * max(1 - least, 0)
        best = int(np.flatnonzero(errors <= near)[-1])
        # positive, so that others divide by it
        return float(PENALTIES[best]), max(float(errors[best]), TINY)

    def errors_left_out(self, penalties: FloatArray) -> FloatArray:
        """Return the sum of squared errors of items left out of the fit, by penalty."""
        kept = self.eigenvalues[:, None] / (self.eigenvalues[:, None] + penalties)
        # e / (1 - h): the error of an item left out, with leverage h; the intercept
        # adds the item's share of the weight.
        leverage = self.left**2 @ kept + self.share
        remainder = np.maximum(1 - leverage, TINY)
        projected = self.left.T @ self.targets
        errors = np.empty(len(penalties))
        for k in range(len(penalties)):
            fitted = self.left @ (kept[:, k, None] * projected)
            left_out = (self.targets - fitted) / remainder[:, k, None]
            errors[k] = (left_out**2).sum()
        return errors

    def errors_of_groups(
        self, penalties: FloatArray, groups: Sequence[IntArray]
    ) -> FloatArray:
        """Return errors as above, of groups that are left out as a whole.

        The sums over the groups are scaled to the weight of all items.
        """
        kept = self.eigenvalues[:, None] / (self.eigenvalues[:, None] + penalties)
        projected = self.left.T @ self.targets
        root_of_share = np.sqrt(self.share)
        errors = np.zeros(len(penalties))
        for k in range(len(penalties)):
            residual = self.targets - self.left @ (kept[:, [k]] * projected)
            for group in groups:
                left, root = self.left[group], root_of_share[group]
                remainder = np.eye(len(group)) - (left * kept[:, k]) @ left.T
                remainder -= root @ root.T
                left_out = np.linalg.solve(remainder, residual[group])
                errors[k] += (left_out**2).sum()
        weight = sum(self.share[group].sum() for group in groups)
        return errors / weight

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
