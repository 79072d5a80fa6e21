"""Minimum of a smooth function of few variables between bounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray

__all__ = ["minimize_bounded"]

MAX_ITER = 100
LONGEST_STEP = 1.0
SMALLEST_CURVATURE = 1e-3  # of the largest: flatter directions are walked in steps
SUFFICIENT_DECREASE = 1e-4  # of what the gradient promises
SMALLEST_FRACTION = 1e-10  # of a step
TOLERANCE = 1e-9  # of the decrease that the next step promises, relative to the value


def minimize_bounded(
    function: Callable[[FloatArray], tuple[float, FloatArray, FloatArray]],
    start: FloatArray,
    lower: float,
    upper: float | FloatArray,
) -> FloatArray:
    """Return a local minimum, by Newton's method on the variables off their bounds.

    Where the Hessian is not positive definite, its eigenvalues are replaced by their
    absolute values, so that a step always goes downhill. A step that does not decrease
    the function enough is halved. Of two variables it takes a few evaluations, and
    none of the overhead of a general minimiser, which is several times theirs where
    there are few items.

    Parameters
    ----------
    function : callable
        Returns value, gradient of shape (n,) and Hessian of shape (n, n).
    start : ndarray of shape (n,)
        Between the bounds.
    lower : float
        Lower bound of every variable.
    upper : float or ndarray of shape (n,)
        Upper bounds.

    Returns
    -------
    minimum : ndarray of shape (n,)

    References
    ----------
    D. P. Bertsekas. Projected Newton methods for optimization problems with simple
    constraints. SIAM Journal on Control and Optimization 20(2), 1982,
    doi:10.1137/0320018

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation._bounded_newton import minimize_bounded
    >>> def bowl(x):
    ...     past = x - [0.5, 3.0]
    ...     return float(past @ past), 2 * past, 2 * np.eye(2)
    >>> minimize_bounded(bowl, np.zeros(2), -1.0, 1.0)
    array([0.5, 1. ])
    """
    x = _between(start, lower, upper)
    value, gradient, hessian = function(x)
    for _ in range(MAX_ITER):
        is_held = np.where(gradient > 0, x <= lower, x >= upper)
        step = _free_step(gradient, hessian, is_held)
        if -gradient @ step <= TOLERANCE * max(abs(value), 1.0):
            break
        fraction = 1.0
        while fraction > SMALLEST_FRACTION:
            reached = _between(x + fraction * step, lower, upper)
            found = function(reached)
            promised = SUFFICIENT_DECREASE * gradient @ (reached - x)
            if found[0] <= value + promised:
                break
            fraction /= 2
        else:
            break
        x, (value, gradient, hessian) = reached, found
    return x


def _between(x: FloatArray, lower: float, upper: float | FloatArray) -> FloatArray:
    """Clip, without the overhead of ``numpy.clip`` on a few numbers."""
    return np.minimum(np.maximum(x, lower), upper)


def _free_step(
    gradient: FloatArray, hessian: FloatArray, is_held: BoolArray
) -> FloatArray:
    """Return a step of the variables that no bound holds."""
    if not is_held.any():
        return _descent(gradient, hessian)
    step = np.zeros_like(gradient)
    free = np.flatnonzero(~is_held)
    step[free] = _descent(gradient[free], hessian[np.ix_(free, free)])
    return step


def _descent(gradient: FloatArray, hessian: FloatArray) -> FloatArray:
    """Return Newton's step with the absolute curvatures, none longer than 1."""
    curvature, directions = np.linalg.eigh(hessian)
    curvature = np.abs(curvature)
    least = SMALLEST_CURVATURE * max(curvature.max(initial=0.0), 1.0)
    step = -directions @ ((directions.T @ gradient) / np.maximum(curvature, least))
    longest = np.abs(step).max(initial=0.0)
    shortened: FloatArray = step / max(longest / LONGEST_STEP, 1.0)
    return shortened
