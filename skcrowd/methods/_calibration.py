"""How far the truth lies from a network, measured on items it was not trained on."""

import warnings
from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar

from skcrowd.exceptions import CrowdWarning
from skcrowd.training import AnswerSplit, hold_out_items

__all__ = ["calibrated_truth_var"]

SHARE = 0.2  # of the items, left out to judge
FEWEST = 5  # items with an answer
SMALLEST = 1e-8  # variances, in the unit in which answers have variance 1
LARGEST = 1e4


def calibrated_truth_var(problem, method, learned, seed):
    """Measure the variance of the truth about the network's predictions.

    On the items that a network is trained on, its error looks too small, and so does
    the noise of annotators with few answers. With early stopping the held-out items
    judge; else the method learns once more, from four fifths of the items, and the
    others judge.

    Parameters
    ----------
    problem : Problem
    method : Method
    learned : Learned
        What the method learned.
    seed : int
        Which items judge.

    Returns
    -------
    var : float
    """
    judges, earlier = problem.held_out, problem.knowledge.earlier
    if earlier is not None and problem.knowledge.parts_before is not None:
        judges = problem.annotations.answers_per_item > 0
        learned = replace(learned, net=earlier.net)
    elif not judges.any():
        answered = np.flatnonzero(problem.annotations.answers_per_item)
        if len(answered) < FEWEST or learned.net.was_cut:
            return learned.annotators.truth_var().item()
        judges = hold_out_items(np.zeros(len(judges)), answered, SHARE, seed)
        beside = _without(problem, judges, len(learned.net.history))
        try:
            learned = method.learn(beside)
        except KeyboardInterrupt:
            return _uncalibrated(problem, learned)
    return _most_likely_var(problem, learned, judges)


def _uncalibrated(problem, learned):
    """Handle a KeyboardInterrupt: raise it, or keep what was learned before."""
    if problem.factory.on_interrupt == "raise":
        raise
    warnings.warn(
        "calibration was cut by a KeyboardInterrupt; truth_std_ is the one seen in "
        "training, which is too small.",
        CrowdWarning,
        stacklevel=2,
    )
    return learned.annotators.truth_var().item()


def _without(problem, judges, max_epochs):
    """Return the problem without what the judges know, and without side effects."""
    split = AnswerSplit(judges)
    factory = problem.factory.fresh().quiet(
        max_epochs=max_epochs, train_split=split, on_interrupt="raise"
    )
    knowledge = replace(problem.knowledge, earlier=None)
    return replace(problem, factory=factory, held_out=judges, knowledge=knowledge)


def _most_likely_var(problem, learned, judges):
    """Maximise the density of the judges' answers over the variance of the truth."""
    a = problem.annotations
    scale, bias, noise_var = (v[a.annotator] for v in learned.annotators.raters())
    noise_var = np.maximum(noise_var, SMALLEST)
    apart = a.answer - bias - scale * problem.predict_truth(learned.net)[a.item]
    precision = np.bincount(a.item, scale**2 / noise_var, a.n_items)[judges]
    pull = np.bincount(a.item, scale * apart / noise_var, a.n_items)[judges]
    weight = problem.sample_weight[judges]

    def far(log_var):
        var = np.exp(log_var)
        widened = 1 + var * precision
        return weight @ (np.log(widened) - var * pull**2 / widened)

    found = minimize_scalar(far, bounds=np.log([SMALLEST, LARGEST]), method="bounded")
    return float(np.exp(found.x))
