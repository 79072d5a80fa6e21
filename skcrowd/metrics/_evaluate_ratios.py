"""Measures that are ratios of means over items or sequences, such as R² and F1."""

from typing import NamedTuple

import numpy as np

from skcrowd.metrics._evaluate_gold import powered_estimate

__all__ = ["Ratio", "powered_ratio"]


class Ratio(NamedTuple):
    """Numerator and denominator of a measure for every item or sequence.

    Attributes
    ----------
    numerator, denominator : ndarray of shape (n_units,)
    sign : float
        1, or -1 for the model that is subtracted, or of which the complement counts.
    """

    numerator: np.ndarray
    denominator: np.ndarray
    sign: float


def powered_ratio(by_gold, by_answers, is_gold):
    """Prediction-powered estimate of a signed sum of ratios of means.

    Parameters
    ----------
    by_gold : list of Ratio
        For the units with gold labels, in their order.
    by_answers : list of Ratio
        The same as the answers have it, for all units.
    is_gold : bool ndarray of shape (n_units,)

    Returns
    -------
    estimate : PoweredEstimate
    difference : ndarray of shape (n_gold,)
        Influence by gold less that by the answers.

    Notes
    -----
    The influence of a unit on mean(a) / mean(b) = c is (a - c b) / mean(b).
    """
    value = 0.0
    influence, surrogate = np.zeros(is_gold.sum()), np.zeros(is_gold.size)
    for gold, answers in zip(by_gold, by_answers, strict=True):
        scale = gold.denominator.mean()
        ratio = gold.numerator.mean() / scale
        value += gold.sign * ratio
        influence += _influence(gold, ratio, scale)
        surrogate += _influence(answers, ratio, scale)
    estimate = powered_estimate(value, influence, surrogate, is_gold)
    return estimate, influence - surrogate[is_gold]


def _influence(ratio, value, scale):
    return ratio.sign * (ratio.numerator - value * ratio.denominator) / scale
