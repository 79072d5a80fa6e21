"""How much each annotator's head counts in the average of all."""

import numpy as np
from scipy.optimize import minimize
from scipy.special import softmax

__all__ = ["most_likely_weights"]

SMALLEST = 1e-300


def most_likely_weights(answers, may_vote, target, weight, shrinkage):
    """Maximise the likelihood of soft labels over the weights of an average.

    The loss is the cross-entropy of the labels to the average of those heads that may
    vote on an item, their weights scaled to sum to 1; and a Gaussian prior holds the
    logarithms of the weights together (our choice).

    Parameters
    ----------
    answers : ndarray of shape (n_heads, n_classes, n_items)
        Probabilities.
    may_vote : bool ndarray of shape (n_heads, n_items)
        Items on which no head may vote count for nothing.
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
    shown = may_vote.any(axis=0) & (weight > 0)
    votes = may_vote[:, shown].astype(float)
    given = (answers[:, :, shown] * votes[:, None]).reshape(n_heads, -1)
    weight = weight[shown]
    wanted = (target[shown] * weight[:, None]).T

    def loss(log_weights):
        weights = softmax(log_weights)
        average = np.maximum((weights @ given).reshape(n_classes, -1), SMALLEST)
        total = np.maximum(weights @ votes, SMALLEST)
        value = weight @ np.log(total) - (wanted * np.log(average)).sum()
        pull = votes @ (weight / total) - given @ (wanted / average).ravel()
        slope = weights * (pull - weights @ pull) + shrinkage * log_weights
        return value + shrinkage / 2 * log_weights @ log_weights, slope

    found = minimize(loss, np.zeros(n_heads), jac=True, method="L-BFGS-B")
    return softmax(found.x)
