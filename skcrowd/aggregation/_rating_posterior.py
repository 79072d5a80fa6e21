"""The posterior of the truth of numbers, given ratings with normal noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation._answer_evidence import (
    given_weights,
    refuse_rating_evidence,
)

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.annotations import Annotations

    from ._rating_parameters import RatingParameters


__all__ = ["mean_over_ratings", "rating_posterior", "rating_sums"]

SMALLEST_PRIOR_VAR = 1e-6  # as a share of the mean noise variance


def rating_posterior(
    annotations: Annotations,
    rating_parameters: RatingParameters | tuple[FloatArray, FloatArray, FloatArray],
    prior_mean: FloatArray | float,
    prior_var: float,
) -> tuple[FloatArray, FloatArray]:
    """Return mean and variance of the truth, given the ratings and a normal prior.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers". One with a weight is as many equal answers.
    rating_parameters : RatingParameters or tuple
        ``scale``, ``bias`` and ``noise_var``, (n_annotators,) each.
    prior_mean : ndarray of shape (n_items,) or float
    prior_var : float

    Returns
    -------
    mean, var : ndarray of shape (n_items,)

    Raises
    ------
    ValueError
        If answers have confidences.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import rating_posterior
    >>> from skcrowd.annotations import check_annotations
    >>> ratings = check_annotations([[1.0, 3.0], [5.0, np.nan]], kind="numbers")
    >>> scale, bias, noise_var = np.ones(2), np.array([0.0, 1.0]), np.ones(2)
    >>> mean, var = rating_posterior(ratings, (scale, bias, noise_var), 0.0, 1.0)
    >>> mean.round(2), var.round(2)
    (array([1. , 2.5]), array([0.33, 0.5 ]))
    """
    refuse_rating_evidence(annotations, "rating_posterior")
    scale, bias, noise_var = (v[annotations.annotator] for v in rating_parameters[:3])
    # With prior N(m, v), precision = 1 / v + Σ s² / σ² and
    # mean = (m / v + Σ s (y - b) / σ²) / precision, sums over the ratings y of an item.
    # The bound keeps 1 / v finite where a variance is estimated as 0.
    mean_noise = mean_over_ratings(annotations, noise_var)
    prior_precision = 1 / max(prior_var, SMALLEST_PRIOR_VAR * mean_noise)
    precision, scaled_sum = rating_sums(
        annotations, annotations.answer - bias, scale, noise_var
    )
    precision = prior_precision + precision
    return (prior_precision * prior_mean + scaled_sum) / precision, 1 / precision


def rating_sums(
    annotations: Annotations,
    residual: FloatArray,
    scale: FloatArray,
    noise_var: FloatArray,
) -> tuple[Array, Array]:
    """Sum over the ratings of each item what their normal density depends on.

    Up to terms without the truth t, the log-density of an item's ratings is
    ``t Σ w s e / σ² - t² Σ w s² / σ² / 2``, with residuals e, scales s, noise variances
    σ² and weights w of the ratings.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers".
    residual, scale, noise_var : ndarray of shape (n_answers,)
        Of each rating: what is left of it where the truth is 0, or a prediction, and
        its annotator's scale and variance of the noise.

    Returns
    -------
    precision : ndarray of shape (n_items,)
        Σ w s² / σ².
    scaled_residual : ndarray of shape (n_items,)
        Σ w s e / σ².
    """
    item, n_items = annotations.item, annotations.n_items
    number = given_weights(annotations)
    precision = np.bincount(item, number * (scale**2 / noise_var), n_items)
    scaled = np.bincount(item, number * (scale * residual / noise_var), n_items)
    return precision, scaled


def mean_over_ratings(annotations: Annotations, values: FloatArray) -> float:
    """Return the mean of a value of each rating, by its weight; 0 without ratings."""
    if not annotations.n_answers:
        return 0.0
    details = annotations.details
    weight = None if details is None else details.weight
    return float(np.average(values, weights=weight))
