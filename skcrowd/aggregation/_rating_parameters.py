"""Annotators who answer with numbers: their scale, bias and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._answer_evidence import (
    given_weights,
    refuse_rating_evidence,
)
from skcrowd.aggregation._rating_posterior import rating_posterior

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.annotations import Annotations


__all__ = [
    "RatingParameters",
    "answer_moments",
    "apply_identifiability_constraint",
    "fit_noise",
    "fit_rating_parameters",
]

_TINY = np.finfo(np.float64).tiny
INNER_ROUNDS = 10  # of bias, noise and their priors, each given the others
SMALLEST = 1e-6  # noise, as a share of the variance of the answers
TIE = 1e-9  # relative tolerance of half of the weight, in the weighted median
WIDE = 1e6  # variance of an uninformative prior, in variances of the answers
LARGEST_STRETCH = 5.0  # of the truth, to bring the scales to 1


class RatingParameters(NamedTuple):
    """Parameters of annotators who rate: ``answer = scale * truth + bias + noise``.

    Attributes
    ----------
    scale, bias : ndarray of shape (n_annotators,)
    noise_var : ndarray of shape (n_annotators,)
        Variance of the noise.
    bias_var : float
        Variance of the biases in the crowd, by which an annotator's is shrunk.
    crowd_noise_var : float
        Mean variance of the noise in the crowd, to which an annotator's is shrunk.

    Examples
    --------
    >>> from skcrowd.aggregation import weighted_mean
    >>> result = weighted_mean([[1.0, 2.1], [2.0, 2.9], [4.0, 5.2]], scale_std=0)
    >>> result.rating_parameters.bias.round(1)
    array([-0.5,  0.5])
    """

    scale: FloatArray
    bias: FloatArray
    noise_var: FloatArray
    bias_var: float = np.nan
    crowd_noise_var: float = np.nan


def answer_moments(
    annotations: Annotations,
    mean: FloatArray,
    var: FloatArray,
    *,
    sample_weight: FloatArray | None = None,
) -> FloatArray:
    """Sum over the answers of each annotator the products of 1, truth and answer.

    They are sufficient statistics of :func:`fit_rating_parameters`, and those of
    several data sets add up.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers".
    mean, var : ndarray of shape (n_items,)
        Posterior of the truth.
    sample_weight : ndarray of shape (n_items,), default=None

    Returns
    -------
    moments : ndarray of shape (n_annotators, 3, 3)
        Symmetric; ``[r, 1, 2]`` is the sum of truth times answer.
    """
    item = annotations.item
    weight = _rating_weights(annotations, sample_weight)
    values = [np.ones(len(item)), mean[item], annotations.answer]
    moments = np.empty((annotations.n_annotators, 3, 3))
    for i, first in enumerate(values):
        for j, second in enumerate(values):
            product = first * second + (var[item] if i == j == 1 else 0)
            moments[:, i, j] = np.bincount(
                annotations.annotator, weight * product, annotations.n_annotators
            )
    return moments


def _rating_weights(annotations: Annotations, sample_weight: Any) -> FloatArray:
    """Return weights of ratings, times those of their items, (n_answers,)."""
    weight = given_weights(annotations)
    return weight if sample_weight is None else weight * sample_weight[annotations.item]


def fit_rating_parameters(
    annotations: Annotations,
    mean: FloatArray,
    var: FloatArray,
    *,
    scale_std: float = 0.0,
    pseudo_counts: float = 2.0,
    sample_weight: Array | None = None,
    moments: Array | None = None,
) -> RatingParameters:
    """Estimate bias, scale and noise of every annotator from the inferred truth.

    The biases, taken at the mean answer, have a normal prior whose variance is
    estimated from the crowd (empirical Bayes), the scales one around 1; the noise
    variances are shrunk to the crowd's.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers". One with a weight is as many equal answers.
    mean, var : ndarray of shape (n_items,)
        Posterior of the truth.
    scale_std : float, default=0.0
        Standard deviation of the scales' prior; 0 keeps all scales at 1.
    pseudo_counts : float, default=2.0
        Pseudo-counts that shrink each noise variance to the crowd's.
    sample_weight : ndarray of shape (n_items,), default=None
    moments : ndarray of shape (n_annotators, 3, 3), default=None
        Of further answers; see :func:`answer_moments`.

    Returns
    -------
    rating_parameters : RatingParameters

    Raises
    ------
    ValueError
        If answers have confidences.
    """
    refuse_rating_evidence(annotations, "fit_rating_parameters")
    sums = _AnswerSums(annotations, mean, var, sample_weight, moments)
    bias, stretch = np.zeros(len(sums.n)), np.zeros(len(sums.n))
    bias_var = crowd = max(sums.ee.sum() / sums.n.sum(), sums.smallest)
    noise_var = np.full(len(sums.n), crowd)
    for _ in range(INNER_ROUNDS):
        bias, stretch, covariance = sums.solve(noise_var, bias_var, scale_std)
        bias_var = (bias**2 + covariance[0])[sums.n > 0].mean()
        noise_var, crowd = sums.noise(bias, stretch, pseudo_counts, covariance)
    bias = bias - sums.pivot * stretch
    return RatingParameters(1 + stretch, bias, noise_var, bias_var, crowd)


def fit_noise(
    annotations: Annotations,
    mean: FloatArray,
    var: FloatArray,
    scale: FloatArray,
    bias: FloatArray,
    *,
    pseudo_counts: float = 2.0,
    sample_weight: FloatArray | None = None,
    moments: Array | None = None,
) -> RatingParameters:
    """Estimate the noise of annotators whose scale and bias are known.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers".
    mean, var : ndarray of shape (n_items,)
        Posterior of the truth.
    scale, bias : ndarray of shape (n_annotators,)
    pseudo_counts : float, default=2.0
        Pseudo-counts that shrink each noise variance to the crowd's.
    sample_weight : ndarray of shape (n_items,), default=None
    moments : ndarray of shape (n_annotators, 3, 3), default=None
        Of further answers; see :func:`answer_moments`.

    Returns
    -------
    rating_parameters : RatingParameters
    """
    sums = _AnswerSums(annotations, mean, var, sample_weight, moments)
    at_pivot = bias + sums.pivot * (scale - 1)
    noise_var, crowd = sums.noise(at_pivot, scale - 1, pseudo_counts)
    bias_var = (at_pivot**2)[sums.n > 0].mean()
    return RatingParameters(scale, bias, noise_var, bias_var, crowd)


class _AnswerSums:
    """Sums over the answers of each annotator, of expectations over the truth.

    With u the truth minus the pivot (the mean answer), and e the answer minus the
    truth: the sums of 1, e, u, e², u² and e·u. In these, the model is
    ``e = bias + (scale - 1) * u + noise``, with the bias at the pivot.
    """

    def __init__(
        self,
        annotations: Annotations,
        mean: FloatArray,
        var: FloatArray,
        sample_weight: Any,
        moments: Any = None,
    ) -> None:
        item, annotator = annotations.item, annotations.annotator
        weight = _rating_weights(annotations, sample_weight)

        def sums(values: Any) -> Array:
            return np.bincount(annotator, weight * values, annotations.n_annotators)

        mean, var = mean[item], var[item]
        self.pivot = np.average(annotations.answer, weights=weight)
        square = np.average((annotations.answer - self.pivot) ** 2, weights=weight)
        self.smallest = SMALLEST * (square or 1.0)
        u, e = mean - self.pivot, annotations.answer - mean
        self.n = sums(1.0)
        self.e, self.u = sums(e), sums(u)
        self.ee, self.uu, self.eu = (
            sums(e**2 + var),
            sums(u**2 + var),
            sums(e * u - var),
        )
        if moments is not None:
            self._add(moments)

    def _add(self, moments: Any) -> None:
        """Add the sums of further answers."""
        n, truth, answer = moments[:, 0].T
        of_truth, both, of_answer = moments[:, 1, 1], moments[:, 1, 2], moments[:, 2, 2]
        pivot = self.pivot
        self.n = self.n + n
        self.e = self.e + answer - truth
        self.u = self.u + truth - pivot * n
        self.ee = self.ee + of_answer - 2 * both + of_truth
        self.uu = self.uu + of_truth - 2 * pivot * truth + pivot**2 * n
        self.eu = self.eu + both - of_truth - pivot * (answer - truth)

    def solve(
        self, noise_var: FloatArray, bias_var: float, scale_std: float
    ) -> tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray, FloatArray]]:
        """Return the most probable bias (at the pivot) and scale - 1.

        Ridge regression of e on 1 and u, with penalties noise_var / bias_var and
        noise_var / scale_std²; a 2 × 2 system for each annotator.

        Returns
        -------
        bias, stretch : ndarray of shape (n_annotators,)
        covariance : tuple of ndarray of shape (n_annotators,)
            Their variances and their covariance.
        """
        n = self.n + noise_var / max(bias_var, _TINY)
        if not scale_std:
            zero = np.zeros_like(n)
            return self.e / n, zero, (noise_var / n, zero, zero)
        uu = self.uu + noise_var / scale_std**2
        # In terms of the mean of u: the determinant of the system overflows for large
        # ratings, whose squares do not.
        mean_u = self.u / n
        square = uu - self.u * mean_u
        stretch = (self.eu - self.e * mean_u) / square
        bias = self.e / n - stretch * mean_u
        stretch_var = noise_var / square
        var_of_bias = noise_var / n * (uu / square)
        return bias, stretch, (var_of_bias, stretch_var, -stretch_var * mean_u)

    def noise(
        self,
        bias: FloatArray,
        stretch: FloatArray,
        pseudo_counts: float,
        covariance: tuple[
            FloatArray | float, FloatArray | float, FloatArray | float
        ] = (0.0, 0.0, 0.0),
    ) -> tuple[FloatArray, float]:
        """Return noise variances, shrunk to the crowd's, and the crowd's.

        The expected sum of (e - bias - stretch * u)², over the truth and over bias and
        stretch, whose variances and covariance are `covariance`.
        """
        square = self.n * bias**2 + stretch**2 * self.uu + 2 * bias * stretch * self.u
        residual = self.ee - 2 * (bias * self.e + stretch * self.eu) + square
        bias_var, stretch_var, shared = covariance
        residual += self.n * bias_var + self.uu * stretch_var + 2 * self.u * shared
        residual = np.maximum(residual, 0)
        crowd = max(residual.sum() / self.n.sum(), self.smallest)
        n = self.n + pseudo_counts
        noise_var = (residual + pseudo_counts * crowd) / np.where(n > 0, n, 1)
        noise_var[self.n == 0] = crowd
        return np.maximum(noise_var, self.smallest), crowd


def apply_identifiability_constraint(
    rating_parameters: RatingParameters,
    annotations: Annotations,
    mean: FloatArray,
    var: FloatArray,
    *,
    sample_weight: FloatArray | None = None,
    gold: FloatArray | None = None,
    moments: Array | None = None,
) -> tuple[RatingParameters, float, float]:
    """Choose the scale and the offset that answers do not identify.

    An affine change of the truth, undone by all scales and biases, changes no expected
    answer. The constraint is that the crowd as a whole is unbiased: the mean bias over
    all answers, taken at the mean answer, is 0, and the weighted median of the scales
    1. The weight of an annotator is the number of answers times the share of the truth
    in their variance, so that a minority that compresses the scale, or answers at
    random, has little influence.

    Parameters
    ----------
    rating_parameters : RatingParameters
    annotations : Annotations
        Answers of kind "numbers".
    mean, var : ndarray of shape (n_items,)
        Posterior of the truth.
    sample_weight : ndarray of shape (n_items,), default=None
    gold : ndarray of shape (n_items,), default=None
        The truth where it is known, else NaN. Then the mean bias is not 0: the offset
        is the mean error of the answers to these items, shrunk to 0 by one pseudo-item
        without an error.
    moments : ndarray of shape (n_annotators, 3, 3), default=None
        Of further answers; see :func:`answer_moments`.

    Returns
    -------
    rating_parameters : RatingParameters
        For the new truth; annotators without an answer have scale 1 and bias 0.
    stretch, offset : float
        The new truth is ``stretch * truth + offset``.
    """
    weight = np.ones(len(mean)) if sample_weight is None else sample_weight
    by_answer = _rating_weights(annotations, weight)
    n_answers = np.bincount(annotations.annotator, by_answer, annotations.n_annotators)
    if moments is not None:
        n_answers = n_answers + moments[:, 0, 0]
    pivot = np.average(annotations.answer, weights=by_answer)
    center = np.average(mean, weights=weight)
    residual_var = np.average((mean - center) ** 2 + var, weights=weight)

    bias = rating_parameters.bias + pivot * (rating_parameters.scale - 1)
    stretch = 1.0
    if np.ptp(annotations.answer[by_answer > 0]):
        stretch = _median_scale(
            rating_parameters.scale,
            rating_parameters.noise_var,
            n_answers,
            residual_var,
        )
    scale = rating_parameters.scale / stretch
    # Where the scales are near 0, answers hardly depend on the truth, and must not
    # shift it without bound.
    mean_scale = max(float(np.average(scale, weights=n_answers)), 1 / LARGEST_STRETCH)
    shift = np.average(bias, weights=n_answers) / mean_scale
    bias = bias - scale * shift - pivot * (scale - 1)
    scale, bias = np.where(n_answers > 0, scale, 1), np.where(n_answers > 0, bias, 0)
    offset = pivot * (1 - stretch) + shift
    rating_parameters = rating_parameters._replace(scale=scale, bias=bias)
    if gold is not None:
        error = _mean_error(rating_parameters, annotations, weight, gold)
        rating_parameters = rating_parameters._replace(
            bias=bias + np.where(n_answers > 0, error * scale, 0)
        )
        offset = offset - error
    return rating_parameters, float(stretch), float(offset)


def _mean_error(
    rating_parameters: RatingParameters,
    annotations: Annotations,
    weight: FloatArray,
    gold: Any,
) -> float:
    """Return the mean error of estimates from ratings alone, on items with gold."""
    is_compared = ~np.isnan(gold) & (annotations.answers_per_item > 0) & (weight > 0)
    if not is_compared.any():
        return 0.0
    counted = weight > 0  # no held-out item
    prior_var = WIDE * (_answer_var(annotations, counted) or 1.0)
    estimate = rating_posterior(annotations, rating_parameters, 0.0, prior_var)[0]
    weight = weight[is_compared]
    return weight @ (estimate - gold)[is_compared] / (weight.sum() + 1)


def _answer_var(annotations: Annotations, counted: Any) -> float:
    """Return the variance of the ratings of some items."""
    weight = _rating_weights(annotations, counted)
    center = np.average(annotations.answer, weights=weight)
    return float(np.average((annotations.answer - center) ** 2, weights=weight))


def _median_scale(
    scale: FloatArray, noise_var: FloatArray, n_answers: Array, residual_var: float
) -> float:
    """Return the median of the scales, weighted by information and bounded.

    The weight is the number of answers times s² v / (s² v + σ²), the share of the truth
    in the variance of an answer.
    """
    signal = scale**2 * max(residual_var, _TINY)
    weight = n_answers * signal / (signal + noise_var)
    is_informative = weight > 0
    if not is_informative.any():
        return 1.0
    order = np.argsort(scale[is_informative], kind="stable")
    scale = scale[is_informative][order]
    cumulative = weight[is_informative][order].cumsum()
    half = cumulative[-1] / 2
    first = np.searchsorted(cumulative, half * (1 - TIE))
    last = np.searchsorted(cumulative, half * (1 + TIE))
    median = scale[first]
    if median * scale[last] > 0:  # a tie: the mean of both, unless they differ in sign
        median = (median + scale[last]) / 2
    return np.clip(median, 1 / LARGEST_STRETCH, LARGEST_STRETCH)
