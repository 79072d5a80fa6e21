"""Probabilities of preferences and ties, and scores that make them most likely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_softmax

from skcrowd.aggregation.comparisons._comparison_container import TIE, Comparisons

__all__ = ["Preferences", "fit_preferences", "log_proba_of"]

EFFECT_STD = 3.0  # of the normal priors of the effects of position and tie
MAX_ITER, TOLERANCE = 500, 1e-9  # of L-BFGS: change of the objective, relative


@dataclass(eq=False)
class Preferences:
    """Scores of items and effects of all comparisons.

    Parameters
    ----------
    score : ndarray of shape (n_items,)
        Logarithms of the strengths.
    position : float
        Log odds by which being shown first raises a preference.
    tie : float
        Logarithm of the weight of ties; -inf where there are none.
    """

    score: NDArray[np.float64]
    position: float
    tie: float


def log_proba_of(
    preferences: Preferences, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return log-probabilities of first, second and tie, (n_comparisons, 3).

    With strengths π = exp(score), γ the factor of the first place and ν the weight of
    ties: ``P(first) ∝ γ π_1``, ``P(second) ∝ π_2``, ``P(tie) ∝ ν (γ π_1 π_2)^½``
    (Davidson, 1970; Davidson and Beaver, 1977).
    """
    a = preferences.score[first] + preferences.position
    b = preferences.score[second]
    logits = np.stack([a, b, preferences.tie + (a + b) / 2], axis=1)
    return np.asarray(log_softmax(logits, axis=1))


def fit_preferences(
    comparisons: Comparisons,
    target: NDArray[np.float64],
    *,
    score_std: float,
    has_position: bool,
    start: Preferences | None = None,
    known: NDArray[np.float64] | None = None,
) -> Preferences:
    """Maximise the posterior of scores and effects; it is concave.

    Parameters
    ----------
    comparisons : Comparisons
    target : ndarray of shape (n_comparisons, 3)
        Probability, or weight, of every outcome.
    score_std : float
        Standard deviation of the normal prior of the scores, mean 0.
    has_position : bool
        Whether the first place has an effect.
    start : Preferences, default=None
    known : ndarray of shape (n_items,), default=None
        Scores that are known, which stay as they are; NaN for the others. Their mean
        is then that of the prior.

    Returns
    -------
    preferences : Preferences
        Scores of mean 0, unless some are known.
    """
    first, second = comparisons.first, comparisons.second
    n_items = comparisons.n_items
    has_ties = bool((comparisons.outcome == TIE).any())
    weight = target.sum(axis=1)
    fixed = np.full(n_items, np.nan) if known is None else known
    is_free = np.isnan(fixed)
    center = 0.0 if is_free.all() else float(fixed[~is_free].mean())

    def unpacked(parameters: NDArray[np.float64]) -> Preferences:
        tie = parameters[-1] if has_ties else -np.inf
        position = parameters[-2] if has_position else 0.0
        score = fixed - center
        score[is_free] = parameters[:-2]
        return Preferences(score, float(position), float(tie))

    def negative_log_posterior(parameters: Any) -> Any:
        log_proba = log_proba_of(unpacked(parameters), first, second)
        used = log_proba if has_ties else log_proba[:, :2]
        value = -np.vdot(target[:, : used.shape[1]], used)
        value += 0.5 * np.sum((parameters[:-2] / score_std) ** 2)
        value += 0.5 * np.sum((parameters[-2:] / EFFECT_STD) ** 2)
        # Derivatives by the three logits are expected less observed outcomes.
        d_first, d_second, d_tie = (weight[:, None] * np.exp(log_proba) - target).T
        of_first, of_second = d_first + d_tie / 2, d_second + d_tie / 2
        gradient = np.empty_like(parameters)
        of_items = np.bincount(first, of_first, n_items)
        of_items += np.bincount(second, of_second, n_items)
        gradient[:-2] = of_items[is_free]
        gradient[:-2] += parameters[:-2] / score_std**2
        gradient[-2] = of_first.sum() if has_position else 0.0
        gradient[-1] = d_tie.sum() if has_ties else 0.0
        gradient[-2:] += parameters[-2:] / EFFECT_STD**2
        return value, gradient

    x0 = np.zeros(np.count_nonzero(is_free) + 2)
    if start is not None:
        x0[:-2], x0[-2] = start.score[is_free] - center, start.position
        x0[-1] = start.tie if has_ties else 0.0
    found = minimize(
        negative_log_posterior,
        x0,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MAX_ITER, "ftol": TOLERANCE, "gtol": 1e-7 * max(weight)},
    )
    preferences = unpacked(found.x)
    shift = -preferences.score.mean() if is_free.all() else center
    preferences.score = np.where(is_free, preferences.score + shift, fixed)
    return preferences
