"""Standard deviation of the truth about predictions, different for each item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize

from skcrowd.annotations._memory import is_large, row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features


__all__ = ["ResidualVarianceModel", "fit_residual_variance"]

FEWEST = 100  # items
MOST_ITEMS = 5_000  # that the model is fitted to
MOST_COLUMNS = 300  # of X, with their squares
PENALTIES = (3.0, 10.0, 30.0, 100.0, 300.0)
FOLDS = 5
SOLVER: Any = {"maxiter": 500, "ftol": 1e-11, "gtol": 1e-6, "maxcor": 20}
MOST_LOG = 20.0  # of a variance, in the mean square of the residuals
FARTHEST = 3.0  # standardised features beyond are set to it
OUTSIDE = 0.05  # share of the items beyond either limit of the log-variance
CERTAIN = 3.0  # standard errors by which the likelihood must improve


@dataclass(frozen=True)
class ResidualVarianceModel:
    """Log-linear model of the variance of the truth about the prediction.

    The logarithm of the variance is linear in prediction and columns of X, and in their
    squares, each standardised and bounded.

    Attributes
    ----------
    center, size : ndarray of shape (n_inputs,)
        Mean and standard deviation of prediction and columns of X.
    square_center, square_size : ndarray of shape (n_inputs,)
        Mean and standard deviation of the squares of what is standardised.
    linear, quadratic : ndarray of shape (n_inputs,)
        Coefficients of what is standardised, and of its squares.
    intercept : float
    low, high : float
        Least and largest log-variance: quantiles of the items that it was fitted to.
    """

    center: np.ndarray
    size: np.ndarray
    square_center: np.ndarray
    square_size: np.ndarray
    linear: np.ndarray
    quadratic: np.ndarray
    intercept: float
    low: float
    high: float

    def std(self, prediction: Any, X: Features) -> Any:
        """Return the standard deviation of the truth of each item, (n_items,)."""
        shape = len(prediction), 2 * len(self.center)
        if not is_large(*shape):
            return self._std(prediction, X)
        blocks = row_blocks(*shape)
        return np.concatenate([self._std(prediction[i], X[i]) for i in blocks])

    def _std(self, prediction: Any, X: Features) -> Any:
        units = self.center, self.size, self.square_center, self.square_size
        features = _standardised(_inputs(prediction, X), *units)
        coefficients = np.concatenate([self.linear, self.quadratic])
        log_var = self.intercept + features @ coefficients
        return np.exp(np.clip(log_var, self.low, self.high) / 2)


class _Residuals(NamedTuple):
    """Squared residuals r², with E r² = var + error_var, and weights of the items."""

    square: np.ndarray
    error_var: np.ndarray
    weight: np.ndarray

    def rows(self, chosen: Any) -> Any:
        return _Residuals(*(values[chosen] for values in self))

    def log_likelihood(self, log_var: Any) -> Any:
        """Of each item, up to a constant."""
        whole = np.exp(np.clip(log_var, -MOST_LOG, MOST_LOG)) + self.error_var
        return -0.5 * (np.log(whole) + self.square / whole)


def fit_residual_variance(
    prediction: Array, X: Features, residual: Array, error_var: Array, weight: Array
) -> ResidualVarianceModel | None:
    """Fit a model of the variance of the truth, or find that none is better.

    Residuals are normal with variance var(features) + error_var, the coefficients have
    a ridge penalty, chosen by cross-validation together with the choice of the model
    over a constant variance. For models of the variance see Harvey (1976),
    doi:10.2307/1913974.

    Parameters
    ----------
    prediction : ndarray of shape (n_items,)
    X : ndarray or sparse matrix of shape (n_items, ...)
    residual : ndarray of shape (n_items,)
        Estimate of the truth less prediction, as of a network not trained on the item.
    error_var : ndarray of shape (n_items,)
        Variance of the estimate.
    weight : ndarray of shape (n_items,)
        Items of weight 0 are left out.

    Returns
    -------
    model : ResidualVarianceModel or None
        None where it does not improve the likelihood of items that it was not fitted
        to by more than three standard errors.
    """
    rows = np.flatnonzero(weight)
    if len(rows) < FEWEST:
        return None
    if len(rows) > MOST_ITEMS:
        rows = rows[:: len(rows) // MOST_ITEMS + 1]
    unit = np.average(residual[rows] ** 2, weights=weight[rows])
    if not unit > 0:
        return None
    data = _Residuals(residual[rows] ** 2 / unit, error_var[rows] / unit, weight[rows])
    inputs = _inputs(prediction[rows], X[rows])
    features, units = _fit_units(inputs, data.weight)
    penalty = _choose_penalty(features, data, _folds(prediction[rows]))
    if penalty is None:
        return None
    intercept, coefficients = _fit(features, data, penalty)
    log_var = intercept + features @ coefficients + np.log(unit)
    low, high = np.quantile(log_var, [OUTSIDE, 1 - OUTSIDE])
    ends = float(intercept + np.log(unit)), float(low), float(high)
    fields: Any = (*units, *np.split(coefficients, 2), *ends)
    return ResidualVarianceModel(*fields)


def _inputs(prediction: Any, X: Features) -> Any:
    """Return prediction and columns of X; of a large or sparse X none."""
    columns = [prediction[:, None]]
    if (
        not sparse.issparse(X)
        and getattr(X, "ndim", 1) == 2
        and X.shape[1] <= MOST_COLUMNS
    ):
        columns.append(X.astype(np.float64))
    return np.hstack(columns)


def _fit_units(inputs: Any, weight: Any) -> Any:
    """Return the features, and the units in which they are standardised."""
    center, size = _moments(inputs, weight)
    linear = _bounded(inputs, center, size)
    square_center, square_size = _moments(linear**2, weight)
    units = center, size, square_center, square_size
    return _standardised(inputs, *units), units


def _standardised(
    inputs: Any, center: Any, size: Any, square_center: Any, square_size: Any
) -> Any:
    linear = _bounded(inputs, center, size)
    return np.hstack([linear, _bounded(linear**2, square_center, square_size)])


def _bounded(values: Any, center: Any, size: Any) -> Any:
    return np.clip((values - center) / size, -FARTHEST, FARTHEST)


def _moments(values: Any, weight: Any) -> Any:
    center = np.average(values, axis=0, weights=weight)
    var = np.average((values - center) ** 2, axis=0, weights=weight)
    return center, np.where(var > 0, np.sqrt(var), 1.0)


def _folds(prediction: Any) -> Any:
    """Deal out items in the order of their predictions, equal ones to one fold."""
    return np.unique(prediction, return_inverse=True)[1] % FOLDS


def _choose_penalty(features: Any, data: Any, folds: Any) -> Any:
    """Return the best penalty, or None where no variance but a constant is better."""
    gains = np.zeros((len(PENALTIES), len(folds)))
    nothing = np.empty((len(folds), 0))
    for fold in range(FOLDS):
        held_out, others = folds == fold, folds != fold
        constant, _ = _fit(nothing[others], data.rows(others), 1.0)
        test = data.rows(held_out)
        plain = test.log_likelihood(np.full(held_out.sum(), constant))
        start = None
        for row, penalty in reversed([*enumerate(PENALTIES)]):
            start = _fit(features[others], data.rows(others), penalty, start)
            log_var = start[0] + features[held_out] @ start[1]
            gains[row, held_out] = test.log_likelihood(log_var) - plain
    means, errors = _mean_and_error(gains, data.weight)
    best = int(means.argmax())
    if means[best] <= CERTAIN * errors[best]:
        return None
    # The largest penalty that is hardly worse than the best (one standard error).
    differences, errors = _mean_and_error(gains[best] - gains, data.weight)
    return max(np.array(PENALTIES)[differences <= errors])


def _mean_and_error(values: Any, weight: Any) -> Any:
    """Return weighted means over the last axis, and their standard errors."""
    share = weight / weight.sum()
    means = values @ share
    return means, np.sqrt((values - means[:, None]) ** 2 @ share**2)


def _fit(
    features: Any, data: Any, penalty: Any, start: Any = None
) -> tuple[float, Array]:
    """Maximise the penalised likelihood.

    Returns
    -------
    intercept : float
    coefficients : ndarray of shape (n_features,)
    """
    design = np.hstack([np.ones((len(features), 1)), features])
    ridge = np.full(design.shape[1], penalty)
    ridge[0] = 0.0
    parameters = np.zeros(design.shape[1])
    if start is not None:
        parameters[0], parameters[1:] = start

    def loss(parameters: Any) -> tuple[float, Array]:
        log_var = np.clip(design @ parameters, -MOST_LOG, MOST_LOG)
        var = np.exp(log_var)
        whole = var + data.error_var
        likelihood = data.weight @ data.log_likelihood(log_var)
        share = var / whole  # d log(whole) / d log(var)
        slope = design.T @ (data.weight * share * (data.square / whole - 1) / 2)
        gradient = (ridge * parameters - slope) / size
        return (ridge @ parameters**2 / 2 - likelihood) / size, gradient

    size = data.weight.sum()
    fitted = minimize(loss, parameters, jac=True, method="L-BFGS-B", options=SOLVER).x
    return fitted[0], fitted[1:]
