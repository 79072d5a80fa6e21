"""The truth given features and answers."""

import torch

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
    joint = torch.as_tensor(log_truth + counts.log_likelihood(confusion))
    return joint.t().contiguous().softmax(dim=0).t().numpy()
