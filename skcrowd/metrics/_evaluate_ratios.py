"""Measures that are ratios of means over items or sequences, such as R² and F1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.metrics._evaluate_gold import powered_estimate

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray

    from ._evaluate_gold import PoweredEstimate


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


def powered_ratio(
    by_gold: list[Ratio],
    by_answers: list[Ratio],
    is_gold: BoolArray,
    expected: float,
    *,
    pseudo_sum: float = 0.0,
) -> tuple[PoweredEstimate, FloatArray]:
    """Prediction-powered estimate of a signed sum of ratios of means.

    Parameters
    ----------
    by_gold : list of Ratio
        For the units with gold labels, in their order.
    by_answers : list of Ratio
        The same as the answers have it, for all units.
    is_gold : bool ndarray of shape (n_units,)
    expected : float
        Estimate of the sum from the answers alone.
    pseudo_sum : float, default=0.0
        See :func:`powered_estimate`.

    Returns
    -------
    estimate : PoweredEstimate
    difference : ndarray of shape (n_gold,)
        What the units say by gold less what they say by the answers.

    Notes
    -----
    The influence of a unit on mean(a) / mean(b) = c is (a - c b) / mean(b). That of all
    units by the answers says how they differ. Its mean is not the estimate from the
    answers alone: an inferred truth has errors, which count as those of the model. So
    for the difference it is moved to `expected`.
    """
    value = 0.0
    influence, surrogate = np.zeros(is_gold.sum()), np.zeros(is_gold.size)
    for gold, answers in zip(by_gold, by_answers, strict=True):
        scale = gold.denominator.mean()
        ratio = gold.numerator.mean() / scale
        value += gold.sign * ratio
        influence += _influence(gold, ratio, scale)
        surrogate += _influence(answers, ratio, scale)
    estimate = powered_estimate(
        value, influence, surrogate, is_gold, pseudo_sum=pseudo_sum
    )
    of_answers = expected + surrogate - surrogate.mean()
    return estimate, value + influence - of_answers[is_gold]


def _influence(ratio: Ratio, value: Any, scale: float) -> FloatArray:
    return ratio.sign * (ratio.numerator - value * ratio.denominator) / scale
