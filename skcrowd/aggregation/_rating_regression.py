"""Regression of each annotator's ratings on the truth as the others show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.aggregation._rating_posterior import rating_sums

if TYPE_CHECKING:
    from skcrowd._typing import Array
    from skcrowd.annotations import Annotations


__all__ = ["N_STATISTICS", "add_regressions", "in_unit", "rating_regressions"]

SMALLEST = 1e-6  # variance of an error, as a share of the largest
VARIANCE = 2  # its column among mean, rating, variance, doubt and common variance
LEAST_NOISE = 1e-3  # of the others, as a share of the deviation of the ratings
_TINY = np.finfo(np.float64).tiny

# Columns of the statistics: number of ratings, means of truth and rating, sums of their
# squares and products about the means, mean variance of the truth, relative variance of
# that variance, and variance that all ratings have in common.
N_STATISTICS = 9
N, X, Y, XX, XY, YY, VAR, DOUBT, COMMON = range(N_STATISTICS)
_POWERS = np.array([0, 1, 1, 2, 2, 2, 2, 0, 2])  # of the unit of the ratings


def rating_regressions(
    annotations: Annotations,
    rating_parameters: Any,
    prior_mean: Array,
    prior_var: float,
    *,
    prior_df: float,
    sample_weight: Any,
    truth: Array | None = None,
) -> Array:
    """Summarise each annotator's ratings against the truth that the others show.

    The truth t of an item is normal given features and the ratings of the others, with
    mean m and variance v. The annotator's own rating is not in m, so that t - m is
    independent of m (a Berkson error; Berkson 1950, doi:10.2307/2280676), and

        rating = intercept + scale * m + error,   Var(error) = noise_var + scale² v,

    is a linear regression, whose coefficients need no correction for attenuation. It is
    weighted by 1 / Var(error) as `rating_parameters` have it, in weights with mean 1,
    so that the weighted mean square of the errors has the mean noise_var + scale² v̄,
    with v̄ the weighted mean of v, whatever the weights.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers".
    rating_parameters : tuple of ndarray of shape (n_annotators,)
        Scale, bias and variance of the noise of the annotators, for m and v.
    prior_mean : ndarray of shape (n_items,)
        Prediction of the truth from features, without the ratings of the item.
    prior_var : float
        Variance of the truth about it.
    prior_df : float
        Number of items that `prior_var` was estimated from.
    sample_weight : ndarray of shape (n_items,)
    truth : ndarray of shape (n_items,), default=None
        The truth where it is known, else NaN.

    Returns
    -------
    statistics : ndarray of shape (n_annotators, 9)
        Those of several data sets are added with :func:`add_regressions`.
    """
    seen = sample_weight[annotations.item] > 0
    mean, var, doubt, common = _posterior_of_others(
        annotations, rating_parameters, prior_mean, prior_var, prior_df, sample_weight
    )
    rows = np.column_stack([mean, annotations.answer, var, doubt, common])
    if truth is not None:
        known = ~np.isnan(truth[annotations.item])
        rows[known, 0] = truth[annotations.item[known]]
        rows[known, 2:] = 0.0
    rows = rows[seen]
    annotator = annotations.annotator[seen]
    scale, _, noise_var = (values[annotator] for values in rating_parameters)
    error_var = noise_var + scale**2 * rows[:, VARIANCE]
    relative = 1 / np.maximum(error_var, SMALLEST * error_var.max() or 1.0)
    by_rating = (given_weights(annotations) * sample_weight[annotations.item])[seen]
    return _summarise(annotator, rows, by_rating, relative, annotations.n_annotators)


def _posterior_of_others(
    annotations: Annotations,
    rating_parameters: Any,
    prior_mean: Any,
    prior_var: Any,
    prior_df: Any,
    sample_weight: Any,
) -> tuple[Array, Array, Array, Array]:
    """Return the posterior of each rated item without the rating itself.

    Returns
    -------
    mean, var : ndarray of shape (n_answers,)
    doubt : ndarray of shape (n_answers,)
        Relative variance of `var`, for the variances it is computed from are estimates.
    common : ndarray of shape (n_answers,)
        Variance of `mean` that does not average out over items: that of the offsets of
        the others, which are estimates.
    """
    item, annotator = annotations.item, annotations.annotator
    scale, bias, noise_var = (values[annotator] for values in rating_parameters)
    least = LEAST_NOISE * (np.std(annotations.answer) or 1.0)
    noise_var = np.maximum(noise_var, least**2)
    number = given_weights(annotations)
    n = np.bincount(annotator, number * sample_weight[item], annotations.n_annotators)
    n = np.maximum(n, 1.0)[annotator]
    # Of the normal posterior with precision P = 1 / v0 + Σ s² / σ² and P m =
    # m0 / v0 + Σ s (y - b) / σ², the terms of the rating itself are taken off again.
    prior_precision = 1 / max(prior_var, least**2)
    # A rating of weight w is w of them with the same error, and all are left out.
    own = number * (scale**2 / noise_var)
    residual = annotations.answer - bias
    precision, scaled = rating_sums(annotations, residual, scale, noise_var)

    def of_others(own: Any, total: Any) -> Any:
        return np.maximum(total[item] - own, 0.0)

    precision = prior_precision + of_others(own, precision)
    scaled = scaled[item] - number * (scale * residual / noise_var)
    mean = (prior_precision * prior_mean[item] + scaled) / precision
    # A variance that n squares show has the relative variance 2 / n. The precision
    # has the sum of the variances of its terms, and v = 1 / P the same relative one.
    squares = of_others(
        2 * own**2 / n, np.bincount(item, 2 * own**2 / n, len(prior_mean))
    )
    squares += 2 * prior_precision**2 / max(prior_df, 1.0)
    # An offset has the variance σ² / (s² n), and enters m with the share s² / σ² / P.
    of_offset = number * own / n
    offsets = of_others(of_offset, np.bincount(item, of_offset, len(prior_mean)))
    return mean, 1 / precision, squares / precision**2, offsets / precision**2


def _summarise(
    annotator: Any, rows: Any, by_rating: Any, relative: Any, n_annotators: int
) -> Any:
    """Return the weighted statistics; `relative` weights are brought to mean 1."""

    def sums(values: Any) -> Any:
        return np.bincount(annotator, values, n_annotators)

    n = sums(by_rating)
    by_n = np.maximum(n, _TINY)
    whole = np.maximum(sums(by_rating * relative), _TINY)
    weight = by_rating * relative * (n / whole)[annotator]
    x, y, var, doubt, common = (sums(weight * column) / by_n for column in rows.T)
    dx, dy = rows[:, 0] - x[annotator], rows[:, 1] - y[annotator]
    products = (sums(weight * a * b) for a, b in ((dx, dx), (dx, dy), (dy, dy)))
    return np.column_stack([n, x, y, *products, var, doubt, common])


def add_regressions(first: Array, second: Array) -> Array:
    """Return the statistics of two data sets together.

    Sums about the means are added as Chan, Golub and LeVeque (1983,
    doi:10.1080/00031305.1983.10483115) show.

    Parameters
    ----------
    first, second : ndarray of shape (n_annotators, 9)

    Returns
    -------
    statistics : ndarray of shape (n_annotators, 9)
    """
    n = first[:, N] + second[:, N]
    share = second[:, N] / np.where(n > 0, n, 1.0)
    both = first + share[:, None] * (second - first)
    both[:, N] = n
    delta = second - first
    between = first[:, N] * share
    for column, (a, b) in {XX: (X, X), XY: (X, Y), YY: (Y, Y)}.items():
        both[:, column] = first[:, column] + second[:, column]
        both[:, column] += between * delta[:, a] * delta[:, b]
    return both


def in_unit(statistics: Array, size: float) -> Array:
    """Return the statistics of ratings and truth that are multiplied by `size`.

    Parameters
    ----------
    statistics : ndarray of shape (n_annotators, 9)
    size : float

    Returns
    -------
    statistics : ndarray of shape (n_annotators, 9)
    """
    return statistics * float(size) ** _POWERS
