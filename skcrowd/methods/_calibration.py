"""How far the truth lies from a network, measured on items it was not trained on."""

import warnings
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar

from skcrowd.exceptions import CrowdWarning
from skcrowd.training._split import AnswerSplit, hold_out_items

__all__ = ["calibrated_residual_var"]

SHARE = 0.2  # of the items, left out to judge
FEWEST = 5  # items with an answer
SMALLEST = 1e-8  # variances, in the unit in which answers have variance 1
LARGEST = 1e4


def calibrated_residual_var(context, method, result, seed):
    """Measure the variance of the truth about the network's predictions.

    On the items that a network is trained on, its error looks too small, and so does
    the noise of annotators with few answers. With early stopping the held-out items
    judge; else the method learns once more, from four fifths of the items, and the
    others judge.

    Parameters
    ----------
    context : TrainingContext
    method : Method
    result : MethodResult
        What the method learned.
    seed : int
        Which items judge.

    Returns
    -------
    var : float
    """
    judges, previous_fit = context.held_out, context.side_information.previous_fit
    if (
        previous_fit is not None
        and context.side_information.n_previous_parts is not None
    ):
        judges = context.annotations.answers_per_item > 0
        result = replace(result, net=previous_fit.net)
    elif not judges.any():
        answered = np.flatnonzero(context.annotations.answers_per_item)
        if len(answered) < FEWEST or result.net.was_cut:
            return result.annotators.residual_var().item()
        judges = hold_out_items(np.zeros(len(judges)), answered, SHARE, seed)
        beside = _without(context, judges, len(result.net.history))
        try:
            result = method.learn(beside)
        except KeyboardInterrupt:
            return _uncalibrated(context, result)
    return _most_likely_var(context, result, judges)


def _uncalibrated(context, result):
    """Handle a KeyboardInterrupt: raise it, or keep what was learned before."""
    if context.factory.on_interrupt == "raise":
        raise
    warnings.warn(
        "calibration was cut by a KeyboardInterrupt; prediction_std_ is the one seen "
        "in training, which is too small.",
        CrowdWarning,
        stacklevel=2,
    )
    return result.annotators.residual_var().item()


def _without(context, judges, max_epochs):
    """Return the problem without what the judges know, and without side effects."""
    split = AnswerSplit(judges)
    factory = context.factory.fresh().quiet(
        max_epochs=max_epochs, train_split=split, on_interrupt="raise"
    )
    side_information = replace(context.side_information, previous_fit=None)
    return replace(
        context, factory=factory, held_out=judges, side_information=side_information
    )


def _most_likely_var(context, result, judges):
    """Maximise the density of the judges' answers over the variance of the truth."""
    a = context.annotations
    scale, bias, noise_var = (
        v[a.annotator] for v in result.annotators.rating_parameters()
    )
    noise_var = np.maximum(noise_var, SMALLEST)
    apart = a.answer - bias - scale * context.predict_truth(result.net)[a.item]
    precision = np.bincount(a.item, scale**2 / noise_var, a.n_items)[judges]
    pull = np.bincount(a.item, scale * apart / noise_var, a.n_items)[judges]
    weight = context.sample_weight[judges]

    def negative_log_likelihood(log_var):
        var = np.exp(log_var)
        widened = 1 + var * precision
        return weight @ (np.log(widened) - var * pull**2 / widened)

    found = minimize_scalar(
        negative_log_likelihood, bounds=np.log([SMALLEST, LARGEST]), method="bounded"
    )
    return float(np.exp(found.x))
