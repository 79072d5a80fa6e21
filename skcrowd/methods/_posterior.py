"""The truth given features and answers."""

import torch

from skcrowd.aggregation import rating_posterior

__all__ = ["answer_posterior", "number_posterior"]


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


def number_posterior(problem, net, annotators):
    """Mean of the truth of the training items, given network and ratings.

    Parameters
    ----------
    problem : Problem
    net : CrowdNet
    annotators : FixedRaters or GaussianRaters

    Returns
    -------
    mean : ndarray of shape (n_items,)
    """
    prediction, spread = problem.predict_truth(net), annotators.truth_var().item()
    return rating_posterior(
        problem.annotations, annotators.raters(), prediction, spread
    )[0]
