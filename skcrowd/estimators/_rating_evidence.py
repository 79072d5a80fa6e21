"""Errors of annotators and network, each measured without its own influence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._own_influence import (
    calibrated_prior,
    rating_mean,
    without_own_influence,
)
from skcrowd.aggregation._rating_regression import in_unit, rating_regressions

if TYPE_CHECKING:
    from skcrowd._typing import Array
    from skcrowd.methods import TrainingContext

    from ._regressor import CrowdRegressor


__all__ = ["RatingEvidence", "add_truth_moments", "weigh_ratings"]

HELD_OUT_SHARE = 0.2  # of the items, that ``calibrate`` measures the variance on
CERTAIN = 1e-6  # variance of a known truth, as a share of that of the residuals


class RatingEvidence(NamedTuple):
    """Errors of annotators and network, in the unit of ``y``.

    Attributes
    ----------
    regressions : ndarray of shape (n_annotators, 9)
        See ``rating_regressions``.
    truth : ndarray of shape (3,)
        Weight of the items, mean and variance of their truth.
    offset_var : float or None
        Squared standard error of the mean of the truth, where gold tells it.
    prediction : ndarray of shape (n_items,)
        The network's.
    residual : ndarray of shape (n_items,)
        The truth by the ratings alone, or gold, less the prediction without their
        influence.
    error_var : ndarray of shape (n_items,)
        Variance of that truth.
    weight : ndarray of shape (n_items,)
        0 for items without rating and gold.
    """

    regressions: np.ndarray
    truth: np.ndarray
    offset_var: float | None
    prediction: np.ndarray
    residual: np.ndarray
    error_var: np.ndarray
    weight: np.ndarray

    def in_unit(self, size: float) -> RatingEvidence:
        """Return what it is for ratings and truth that are multiplied by `size`."""
        offset_var = self.offset_var
        return RatingEvidence(
            in_unit(self.regressions, size),
            self.truth * np.array([1.0, size, size**2]),
            None if offset_var is None else offset_var * size**2,
            self.prediction * size,
            self.residual * size,
            self.error_var * size**2,
            self.weight,
        )


def weigh_ratings(
    fitted: CrowdRegressor, checked: Any, context: TrainingContext, prediction: Array
) -> RatingEvidence:
    """Compare the ratings of a fit with network and other ratings.

    Parameters
    ----------
    fitted : CrowdRegressor
        With scale, bias and noise of the annotators, and ``prediction_std_``.
    checked : CheckedRatings
    context : TrainingContext
    prediction : ndarray of shape (n_items,)
        Of the network, in the unit of ``y``.

    Returns
    -------
    evidence : RatingEvidence
    """
    # Standardised, because powers of large and small numbers overflow.
    size = fitted._scaler.size
    answer, prediction = checked.annotations.answer / size, prediction / size
    annotations = replace(checked.annotations, answer=answer)
    rating_parameters = (
        fitted.annotator_scale_,
        fitted.annotator_bias_ / size,
        (fitted.annotator_noise_std_ / size) ** 2,
    )
    residual_var = (fitted.prediction_std_ / size) ** 2
    of_ratings = mean, precision = rating_mean(annotations, rating_parameters)
    truth = _known_truth(checked)
    if truth is not None:
        truth = truth / size
        known = ~np.isnan(truth)
        mean = np.where(known, truth, mean)
        certain = 1 / max(CERTAIN * residual_var, np.finfo(float).tiny)
        precision = np.where(known, certain, precision)
    of_others = without_own_influence(
        prediction, mean, precision, residual_var, context.training_weight
    )
    prior_mean, prior_var = calibrated_prior(
        of_others, mean, precision, residual_var, context.sample_weight
    )
    n_held_out = int(np.count_nonzero(context.held_out))
    regressions = rating_regressions(
        annotations,
        rating_parameters,
        prior_mean,
        prior_var,
        prior_df=n_held_out or HELD_OUT_SHARE * len(prediction),
        sample_weight=context.sample_weight,
        truth=truth,
    )
    seen = precision > 0
    evidence = RatingEvidence(
        regressions,
        _truth_moments(mean, precision, prior_mean, prior_var, context.sample_weight),
        0.0 if checked.is_truth else _offset_var(truth, *of_ratings, checked.weight),
        prediction,
        np.where(seen, mean - of_others, 0.0),
        1 / np.where(seen, precision, 1.0),
        context.sample_weight * seen,
    )
    return evidence.in_unit(size)


def _truth_moments(
    mean: Any, precision: Any, prior_mean: Any, prior_var: Any, weight: Any
) -> Any:
    """Return weight, mean and variance of the truth of the items."""
    weight = weight * (precision > 0)
    share = precision * prior_var / (1 + precision * prior_var)
    center = np.average(prior_mean + share * (mean - prior_mean), weights=weight)
    return np.array(
        [
            weight.sum(),
            center,
            np.average(
                (prior_mean + share * (mean - prior_mean) - center) ** 2
                + (1 - share) * prior_var,
                weights=weight,
            ),
        ]
    )


def add_truth_moments(first: Any, second: Any) -> Any:
    """Return weight, mean and variance of the truth of two sets of items together."""
    weight = first[0] + second[0]
    share = second[0] / weight
    delta = second[1] - first[1]
    var = first[2] + share * (second[2] - first[2]) + share * (1 - share) * delta**2
    return np.array([weight, first[1] + share * delta, var])


def _known_truth(checked: Any) -> Any:
    """Return the truth of items where it is known, or None."""
    if not checked.is_truth:
        return checked.gold
    truth = np.full(checked.annotations.n_items, np.nan)
    truth[checked.annotations.item] = checked.annotations.answer
    return truth


def _offset_var(truth: Any, mean: Any, precision: Any, weight: Any) -> float | None:
    """Return the squared standard error of the offset that gold determines.

    Parameters
    ----------
    truth : ndarray of shape (n_items,), or None
        NaN where it is not known.
    mean, precision : ndarray of shape (n_items,)
        Of the ratings alone.
    weight : ndarray of shape (n_items,)
    """
    if truth is None:
        return None
    compared = ~np.isnan(truth) & (precision > 0)
    if not compared.any():
        return None
    square = np.average((mean - truth)[compared] ** 2, weights=weight[compared])
    return float(square / (compared.sum() + 1))
