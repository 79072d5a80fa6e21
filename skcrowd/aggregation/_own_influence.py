"""Predictions of training items without the influence of their own ratings.

They make the prior of the truth with which an annotator's ratings are compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._rating_posterior import rating_sums

if TYPE_CHECKING:
    from skcrowd._typing import Array
    from skcrowd.annotations import Annotations


__all__ = ["calibrated_prior", "rating_mean", "without_own_influence"]

_TINY = np.finfo(np.float64).tiny
LEAST_NOISE = 1e-3  # as a share of the deviation of the ratings
LEAST_VAR = 0.01  # of a calibrated prior, as a share of that before
MOST_INFLUENCE = 20.0  # of h / (1 - h): a network that repeats its targets


def rating_mean(
    annotations: Annotations, rating_parameters: Any
) -> tuple[Array, Array]:
    """Return the truth of each item as its ratings alone show it.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers".
    rating_parameters : tuple of ndarray of shape (n_annotators,)
        Scale, bias and variance of the noise.

    Returns
    -------
    mean : ndarray of shape (n_items,)
        0 where the precision is 0.
    precision : ndarray of shape (n_items,)
        1 / variance of `mean`.
    """
    least = LEAST_NOISE * (np.std(annotations.answer) or 1.0)
    scale, bias, noise_var = (v[annotations.annotator] for v in rating_parameters)
    precision, scaled_sum = rating_sums(
        annotations, annotations.answer - bias, scale, np.maximum(noise_var, least**2)
    )
    return scaled_sum / np.where(precision > 0, precision, 1.0), precision


def without_own_influence(
    prediction: Array, mean: Array, precision: Array, residual_var: float, weight: Array
) -> Array:
    """Take off predictions of training items what their own ratings did to them.

    A network draws the prediction p of an item towards its target T. With the leverage
    h, the same for all items, p = (1 - h) p' + h T, where p' is the prediction of a
    network that was not trained on the item, and so

        p' = p - k (T - p),  T - p = g (z - p),  k = h / (1 - h),

    with z the mean of the item's ratings, P its precision, v the variance of the truth
    about p', and T the posterior mean, g = P / (P + 1 / v). The leverage is that for
    which z - p' has the variance v + 1 / P that items show which the network was not
    trained on.

    Parameters
    ----------
    prediction : ndarray of shape (n_items,)
    mean, precision : ndarray of shape (n_items,)
        z and P; see :func:`rating_mean`.
    residual_var : float
        v, measured on items that the network was not trained on.
    weight : ndarray of shape (n_items,)
        0 for items that the network was not trained on.

    Returns
    -------
    prediction : ndarray of shape (n_items,)
    """
    seen = (precision > 0) & (weight > 0)
    if not seen.any() or residual_var <= 0:
        return prediction
    # In the unit of v, because v² may overflow.
    residual = ((mean - prediction) / np.sqrt(residual_var))[seen]
    error_var = 1 / (precision[seen] * residual_var)
    g, expected = 1 / (1 + error_var), 1 + error_var
    share = weight[seen] / expected**2  # a square of variance u has the variance 2 u²
    # Σ w (1 + k g)² (z - p)² = Σ w (v + 1 / P), a quadratic equation in k.
    squares = [share @ (g**power * residual**2) for power in range(3)]
    missing = share @ expected - squares[0]
    if missing <= 0 or squares[2] <= 0:
        return prediction
    root = np.sqrt(squares[1] ** 2 + squares[2] * missing)
    k = min((root - squares[1]) / squares[2], MOST_INFLUENCE)
    prediction = prediction.copy()
    prediction[seen] -= k * g * (mean - prediction)[seen]
    return prediction


def calibrated_prior(
    prediction: Array, mean: Array, precision: Array, residual_var: float, weight: Array
) -> tuple[Array, float]:
    """Return mean and variance of the truth given the prediction of a network.

    Predictions of a network that overfits spread too widely: the truth has the mean
    a + c p, c < 1, where the prediction is p. Weighted least squares of the ratings'
    mean z on p gives a and c; var is the weighted mean of (z - a - c p)² - 1 / P.

    Parameters
    ----------
    prediction : ndarray of shape (n_items,)
        Without the influence of the items' own ratings.
    mean, precision : ndarray of shape (n_items,)
        z and P; see :func:`rating_mean`.
    residual_var : float
        Variance of the truth about the predictions.
    weight : ndarray of shape (n_items,)

    Returns
    -------
    prior_mean : ndarray of shape (n_items,)
    prior_var : float
        No more than `residual_var`.
    """
    seen = (precision > 0) & (weight > 0)
    if not seen.any():
        return prediction, residual_var
    error_var = 1 / precision[seen]
    # Twice: the weights are 1 / (var + 1 / P), with var as it was before.
    prior_mean, prior_var = prediction, residual_var
    for _ in range(2):
        share = weight[seen] / np.maximum(prior_var + error_var, _TINY)
        share = share / share.sum()
        centers = share @ prediction[seen], share @ mean[seen]
        centered, centered_mean = prediction - centers[0], mean[seen] - centers[1]
        square = share @ centered[seen] ** 2
        slope = share @ (centered[seen] * centered_mean) / square if square > 0 else 0.0
        prior_mean = centers[1] + np.clip(slope, 0.0, 1.0) * centered
        share = share / (prior_var + error_var)  # of squares
        excess = (mean - prior_mean)[seen] ** 2 - error_var
        prior_var = np.clip(
            share @ excess / share.sum(), LEAST_VAR * residual_var, residual_var
        )
    return prior_mean, float(prior_var)
