"""How much each annotator's head counts in the average of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, FloatArray


__all__ = ["most_likely_weights"]

SMALLEST = 1e-300  # lower bound of what logarithms are taken of


def most_likely_weights(
    answers: Array, may_vote: BoolArray, target: Array, weight: Array, shrinkage: float
) -> FloatArray:
    """Maximise the likelihood of soft labels over the weights of an average.

    The loss is the cross-entropy of the labels to the average of those heads that may
    vote on an item, their weights scaled to sum to 1, minus the log-density of a
    Gaussian prior of the logarithms of the weights.

    Parameters
    ----------
    answers : ndarray of shape (n_heads, n_classes, n_items)
        Probabilities.
    may_vote : bool ndarray of shape (n_heads, n_items)
        Whether a head may vote on an item. Items without a vote are ignored.
    target : ndarray of shape (n_items, n_classes)
    weight : ndarray of shape (n_items,)
    shrinkage : float
        Inverse variance of the prior.

    Returns
    -------
    weights : ndarray of shape (n_heads,)
        Positive, sum to 1.
    """
    n_heads, n_classes, _ = answers.shape
    is_used = may_vote.any(axis=0) & (weight > 0)
    votes = may_vote[:, is_used].astype(float)
    proba = (answers[:, :, is_used] * votes[:, None]).reshape(n_heads, -1)
    weight = weight[is_used]
    target = (target[is_used] * weight[:, None]).T

    # With weights w = softmax(log_weights), mean probabilities w P / w V, P the
    # probabilities and V the votes, the loss is
    #   Σ weight log(w V) - Σ target log(w P) + shrinkage / 2 ‖log_weights‖²,
    # and with g its gradient in w, that in log_weights is w (g - w·g) plus the prior's.

    def loss(log_weights: FloatArray) -> tuple[float, FloatArray]:
        weights = softmax(log_weights)
        average = np.maximum((weights @ proba).reshape(n_classes, -1), SMALLEST)
        total = np.maximum(weights @ votes, SMALLEST)
        value = weight @ np.log(total) - (target * np.log(average)).sum()
        gradient = votes @ (weight / total) - proba @ (target / average).ravel()
        gradient = weights * (gradient - weights @ gradient) + shrinkage * log_weights
        return value + shrinkage / 2 * log_weights @ log_weights, gradient

    optimum = minimize(loss, np.zeros(n_heads), jac=True, method="L-BFGS-B")
    return softmax(optimum.x)
