"""The truth given features and answers."""

import numpy as np
from scipy.special import logsumexp

__all__ = ["answer_posterior"]


def answer_posterior(log_truth, counts, confusion):
    """Combine the network's opinion with the answers by Bayes' rule.

    Parameters
    ----------
    log_truth : ndarray of shape (n_items, n_classes)
    counts : AnswerCounts
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
    """
    joint = log_truth + counts.log_likelihood(confusion)
    return np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
