"""How far the truth lies from a network, measured on items it was not trained on."""

from dataclasses import replace

import numpy as np

from skcrowd.aggregation import rating_posterior
from skcrowd.annotators import FixedRaters
from skcrowd.training import AnswerSplit, hold_out_items

__all__ = ["calibrated_truth_var"]

SHARE = 0.2  # of the items, left out to judge
FEWEST = 5  # items with an answer
ROUNDS = 50
SMALLEST_NOISE = 1e-12


def calibrated_truth_var(problem, learned, seed):
    """Measure the variance of the truth about the network's predictions.

    On the items that a network is trained on, its error looks too small. With early
    stopping the held-out items judge; else a second network learns the inferred truth
    of four fifths of the items, and the others judge.

    Parameters
    ----------
    problem : Problem
    learned : Learned
    seed : int
        Which items judge.

    Returns
    -------
    var : float
    """
    raters = learned.annotators.raters()
    spread = learned.annotators.truth_var().item()
    if problem.held_out.any():
        judges, prediction = problem.held_out, problem.predict_truth(learned.net)
    else:
        answered = np.flatnonzero(problem.annotations.answers_per_item)
        if len(answered) < FEWEST:
            return spread
        judges = hold_out_items(np.zeros(len(problem.held_out)), answered, SHARE, seed)
        prediction = _second_network(problem, learned, judges)
    return _spread(problem, raters, prediction, judges, spread)


def _second_network(problem, learned, judges):
    """Predict with a network that learned the same truth, but not of the judges."""
    factory = problem.factory
    factory = replace(
        factory,
        max_epochs=len(learned.net.history),
        train_split=AnswerSplit(judges),
        callbacks=[],
        verbose=0,
        routed={k: v for k, v in factory.routed.items() if "callbacks__" not in k},
    )
    problem = replace(problem, factory=factory, held_out=judges)
    annotators = FixedRaters(learned.annotators.raters(), 0.0)
    net = problem.train(annotators, train_on="targets", targets=learned.posterior)
    return problem.predict_truth(net)


def _spread(problem, raters, prediction, judges, spread):
    """Most likely variance, the annotators as they are."""
    raters = *raters[:2], np.maximum(raters[2], SMALLEST_NOISE)
    weight = problem.sample_weight * judges
    for _ in range(ROUNDS):
        mean, var = rating_posterior(problem.annotations, raters, prediction, spread)
        spread = np.average((mean - prediction) ** 2 + var, weights=weight)
    return float(spread)
