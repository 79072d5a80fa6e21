"""Calibrated variances of predictions and ratings, by the likelihood of the ratings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize

from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.aggregation._rating_posterior import mean_over_ratings, rating_sums

if TYPE_CHECKING:
    from skcrowd._typing import Array
    from skcrowd.annotations import Annotations


__all__ = ["calibrated_variances"]

LOG_FACTOR_STD = 1.0  # of the normal prior of the logarithms of both factors, mean 0
LARGEST_FACTOR = 100.0
SMALLEST_SHARE = 1e-6  # residual variance, as a share of the mean noise variance


def calibrated_variances(
    annotations: Annotations,
    rating_parameters: Any,
    prediction: Array,
    residual_var: float,
) -> tuple[float, float]:
    """Return the variances of truth and noise that make the ratings most likely.

    The truth of an item is normal about its prediction, with one variance for all, and
    the noise variances of all annotators are multiplied by one factor. Both maximise
    the likelihood of the ratings, with a normal prior on the logarithm of their
    changes, of mean 0 and standard deviation 1.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers", at least one.
    rating_parameters : tuple of ndarray of shape (n_annotators,)
        ``scale``, ``bias`` and ``noise_var``.
    prediction : ndarray of shape (n_items,)
        By a network that was not trained on these ratings.
    residual_var : float
        Estimated variance of the truth about the prediction.

    Returns
    -------
    residual_var : float
    noise_factor : float

    Notes
    -----
    Items with several ratings determine noise and residual variance separately; if each
    item has one, only their sum is determined, and the prior divides it.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation._calibrated_variances import calibrated_variances
    >>> from skcrowd.annotations import check_annotations
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.normal(scale=2, size=(500, 1))
    >>> Y = check_annotations(truth + rng.normal(size=(500, 3)), kind="numbers")
    >>> parameters = np.ones(3), np.zeros(3), np.full(3, 0.5)  # half the noise
    >>> var, factor = calibrated_variances(Y, parameters, np.zeros(500), 1.0)
    >>> round(var), round(factor)
    (4, 2)
    """
    a = annotations
    scale, bias, noise_var = (v[a.annotator] for v in rating_parameters)
    residual = a.answer - bias - scale * prediction[a.item]
    precision, scaled_residual = rating_sums(a, residual, scale, noise_var)
    number = given_weights(a)
    squares = float(number @ (residual**2 / noise_var))
    start = max(residual_var, SMALLEST_SHARE * mean_over_ratings(a, noise_var))

    n_ratings = float(number.sum())

    # The ratings of an item have the covariance f diag(σ²) + v s sᵀ. By Woodbury's
    # identity and the determinant lemma, twice their negative log-likelihood is, up to
    # a constant, m log f + log(1 + v p / f) + Σ e² / (f σ²) - v q² / f² / (1 + v p / f)
    # with m ratings, p = Σ s² / σ² and q = Σ s e / σ².
    def negative_log_posterior(log_changes: Any) -> Any:
        var, factor = start * np.exp(log_changes[0]), np.exp(log_changes[1])
        determinant = 1 + var * precision / factor
        explained = var * (scaled_residual / factor) ** 2 / determinant
        deviance = np.log(determinant).sum() - explained.sum() + squares / factor
        deviance += n_ratings * log_changes[1]
        return 0.5 * (deviance + np.sum((log_changes / LOG_FACTOR_STD) ** 2))

    bound = np.log(LARGEST_FACTOR)
    found = minimize(
        negative_log_posterior,
        np.zeros(2),
        method="L-BFGS-B",
        bounds=[(-bound, bound)] * 2,
    )
    change, factor = np.exp(found.x).tolist()
    return start * change, factor
