"""The joint posterior of truth, confusions and a model's accuracy, by sampling."""

from typing import NamedTuple

import numpy as np
from scipy.special import softmax

from skcrowd.aggregation import dawid_skene
from skcrowd.metrics._evaluate_confusions import ConfusionSampler
from skcrowd.metrics._evaluate_predictions import PredictionSampler
from skcrowd.metrics._evaluate_shares import draw_categories

__all__ = ["SampledTruth", "sample_truth"]

BURN_IN = 0.25  # extra rounds at the start, as a share of the draws
START_ROUNDS = 50  # of EM, to start from


class SampledTruth(NamedTuple):
    """What :func:`sample_truth` draws.

    Attributes
    ----------
    draws : ndarray of shape (n_draws, ...)
        The statistic of every draw of the truth.
    posterior : ndarray of shape (n_items, n_classes)
        Probability of the truth given answers and predictions.
    confused : ndarray of shape (n_classes,)
        Share of the draws in which the crowd answers another class more often than
        the true one.
    """

    draws: np.ndarray
    posterior: np.ndarray
    confused: np.ndarray


def sample_truth(annotations, first, second, statistic, *, n_draws, rng):
    """Draw the truth of all items from its posterior by Gibbs sampling.

    The model is that of Dawid and Skene, with a prior of the truth of each item that
    depends on the predictions (:class:`PredictionSampler`). It assumes that answers and
    predictions are independent given the truth. Unlike the posterior given the answers
    alone, averaged at the predicted class, this is not attenuated: where answers say
    little of an item, a model that is right elsewhere is mostly right there, too.

    Parameters
    ----------
    annotations : Annotations
    first, second : int64 ndarray of shape (n_items,)
        Codes of the predicted classes; of one model, twice the same.
    statistic : callable
        ``statistic(truth, rng)`` of a draw, an array of any shape.
    n_draws : int
    rng : numpy.random.Generator

    Returns
    -------
    sampled : SampledTruth
    """
    n_classes = len(annotations.classes)
    confusions = ConfusionSampler(annotations, rng)
    predictions = PredictionSampler(first, second, n_classes, rng)
    fitted = dawid_skene(annotations, max_iter=START_ROUNDS, tol=0)
    start = np.maximum(fitted.posterior, 1e-6)
    truth = draw_categories(np.log(start), rng)
    n_burn_in = int(BURN_IN * n_draws)
    draws = []
    posterior, confused = np.zeros_like(start), np.zeros(n_classes)
    for k in range(n_burn_in + n_draws):
        log_joint = confusions.log_likelihood(truth) + predictions.log_prior(truth)
        truth = draw_categories(log_joint, rng)
        if k >= n_burn_in:
            draws.append(statistic(truth, rng))
            posterior += softmax(log_joint, axis=1) / n_draws
            confused += _is_confused(annotations, truth) / n_draws
    return SampledTruth(np.array(draws), posterior, confused)


def _is_confused(annotations, truth):
    """Whether the crowd answers another class more often than the true one."""
    n_classes = len(annotations.classes)
    cell = truth[annotations.item] * n_classes + annotations.answer
    counts = np.bincount(cell, minlength=n_classes**2).reshape(n_classes, n_classes)
    return counts.max(axis=1) > counts.diagonal()
