"""Annotators who answer with numbers: their scale, bias and noise."""

from typing import NamedTuple

import numpy as np

from skcrowd.aggregation._rating_posterior import rating_posterior

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
TIE = 1e-9
WIDE = 1e6  # variance of a prior that says nothing, in variances of the answers
LARGEST_STRETCH = 5.0  # of the truth, to bring the scales to 1


class RatingParameters(NamedTuple):
    """How annotators rate: ``answer = scale * truth + bias + noise``.

    Attributes
    ----------
    scale, bias : ndarray of shape (n_annotators,)
    noise_var : ndarray of shape (n_annotators,)
        Variance of the noise.
    bias_var : float
        Variance of the biases in the crowd, by which an annotator's is shrunk.
    crowd_noise_var : float
        Mean variance of the noise in the crowd, to which an annotator's is shrunk.
    """

    scale: np.ndarray
    bias: np.ndarray
    noise_var: np.ndarray
    bias_var: float = np.nan
    crowd_noise_var: float = np.nan


def answer_moments(annotations, mean, var, *, sample_weight=None):
    """Sum over the answers of each annotator the products of 1, truth and answer.

    Sums of several data sets add up, and tell all that :func:`fit_rating_parameters`
    needs.

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
    weight = np.ones(len(item)) if sample_weight is None else sample_weight[item]
    values = [np.ones(len(item)), mean[item], annotations.answer]
    moments = np.empty((annotations.n_annotators, 3, 3))
    for i, first in enumerate(values):
        for j, second in enumerate(values):
            product = first * second + (var[item] if i == j == 1 else 0)
            moments[:, i, j] = np.bincount(
                annotations.annotator, weight * product, annotations.n_annotators
            )
    return moments


def fit_rating_parameters(
    annotations,
    mean,
    var,
    *,
    scale_std=0.0,
    pseudo_counts=2.0,
    sample_weight=None,
    moments=None,
):
    """Estimate bias, scale and noise of every annotator from the inferred truth.

    The biases, taken at the mean answer, have a normal prior whose variance is
    estimated from the crowd (empirical Bayes), the scales one around 1; the noise
    variances are shrunk to the crowd's.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "numbers".
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
    """
    sums = _AnswerSums(annotations, mean, var, sample_weight, moments)
    bias, stretch = np.zeros(len(sums.n)), np.zeros(len(sums.n))
    bias_var = crowd = max(sums.ee.sum() / sums.n.sum(), sums.smallest)
    noise_var = np.full(len(sums.n), crowd)
    for _ in range(INNER_ROUNDS):
        bias, stretch, doubt = sums.solve(noise_var, bias_var, scale_std)
        bias_var = (bias**2 + doubt[0])[sums.n > 0].mean()
        noise_var, crowd = sums.noise(bias, stretch, pseudo_counts, doubt)
    bias = bias - sums.pivot * stretch
    return RatingParameters(1 + stretch, bias, noise_var, bias_var, crowd)


def fit_noise(
    annotations,
    mean,
    var,
    scale,
    bias,
    *,
    pseudo_counts=2.0,
    sample_weight=None,
    moments=None,
):
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

    With u the truth, less the pivot (the mean answer), and e the answer less the
    truth: the sums of 1, e, u, e², u² and e·u.
    """

    def __init__(self, annotations, mean, var, sample_weight, moments=None):
        item, annotator = annotations.item, annotations.annotator
        weight = np.ones(len(item)) if sample_weight is None else sample_weight[item]

        def sums(values):
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

    def _add(self, moments):
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

    def solve(self, noise_var, bias_var, scale_std):
        """Most probable bias (at the pivot) and scale - 1; their (co)variances."""
        n = self.n + noise_var / max(bias_var, _TINY)
        if not scale_std:
            zero = np.zeros_like(n)
            return self.e / n, zero, (noise_var / n, zero, zero)
        uu = self.uu + noise_var / scale_std**2
        determinant = n * uu - self.u**2
        bias = (uu * self.e - self.u * self.eu) / determinant
        stretch = (n * self.eu - self.u * self.e) / determinant
        share = noise_var / determinant
        return bias, stretch, (share * uu, share * n, -share * self.u)

    def noise(self, bias, stretch, pseudo_counts, doubt=(0.0, 0.0, 0.0)):
        """Noise variances, shrunk to the crowd's, and the crowd's.

        `doubt` are the variances of bias and scale, and their covariance.
        """
        square = self.n * bias**2 + stretch**2 * self.uu + 2 * bias * stretch * self.u
        residual = self.ee - 2 * (bias * self.e + stretch * self.eu) + square
        of_bias, of_scale, of_both = doubt
        residual += self.n * of_bias + self.uu * of_scale + 2 * self.u * of_both
        residual = np.maximum(residual, 0)
        crowd = max(residual.sum() / self.n.sum(), self.smallest)
        n = self.n + pseudo_counts
        noise_var = (residual + pseudo_counts * crowd) / np.where(n > 0, n, 1)
        noise_var[self.n == 0] = crowd
        return np.maximum(noise_var, self.smallest), crowd


def apply_identifiability_constraint(
    rating_parameters,
    annotations,
    mean,
    var,
    *,
    sample_weight=None,
    gold=None,
    moments=None,
):
    """Choose the scale and the offset that answers leave open.

    An affine change of the truth, undone by all scales and biases, changes no expected
    answer. The one chosen makes the crowd as a whole right: the mean bias over all
    answers, taken at the mean answer, is 0, and the median of the scales 1. In that
    median an annotator counts as much as their answers say of the truth: where few
    squeeze the scale, or answer at random, the others decide (our choice).

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
        is the one by which the answers to these items are wrong on average, counted
        as if one more item had none.
    moments : ndarray of shape (n_annotators, 3, 3), default=None
        Of further answers; see :func:`answer_moments`.

    Returns
    -------
    rating_parameters : RatingParameters
        For the new truth; who gave no answer has scale 1 and bias 0.
    stretch, offset : float
        The new truth is ``stretch * truth + offset``.
    """
    weight = np.ones(len(mean)) if sample_weight is None else sample_weight
    by_answer = weight[annotations.item]
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
    mean_scale = np.average(scale, weights=n_answers)
    # a crowd that says next to nothing of the truth must not move it far
    mean_scale = max(mean_scale, 1 / LARGEST_STRETCH)
    shift = np.average(bias, weights=n_answers) / mean_scale
    bias = bias - scale * shift - pivot * (scale - 1)
    scale, bias = np.where(n_answers > 0, scale, 1), np.where(n_answers > 0, bias, 0)
    offset = pivot * (1 - stretch) + shift
    rating_parameters = rating_parameters._replace(scale=scale, bias=bias)
    if gold is not None:
        wrong = _wrong_by(rating_parameters, annotations, weight, gold)
        rating_parameters = rating_parameters._replace(
            bias=bias + np.where(n_answers > 0, wrong * scale, 0)
        )
        offset = offset - wrong
    return rating_parameters, float(stretch), float(offset)


def _wrong_by(rating_parameters, annotations, weight, gold):
    """Mean of what the answers to items of known truth say, less that truth."""
    at_all = np.nanvar(annotations.answer) or 1.0
    said = rating_posterior(annotations, rating_parameters, 0.0, WIDE * at_all)[0]
    evaluation = ~np.isnan(gold) & (annotations.answers_per_item > 0)
    if not evaluation.any():
        return 0.0
    weight = weight[evaluation]
    return weight @ (said - gold)[evaluation] / (weight.sum() + 1)


def _median_scale(scale, noise_var, n_answers, residual_var):
    signal = scale**2 * max(residual_var, _TINY)
    weight = n_answers * signal / (signal + noise_var)
    told = weight > 0
    if not told.any():
        return 1.0
    order = np.argsort(scale[told], kind="stable")
    scale, reached = scale[told][order], weight[told][order].cumsum()
    half = reached[-1] / 2
    first = np.searchsorted(reached, half * (1 - TIE))
    last = np.searchsorted(reached, half * (1 + TIE))
    median = scale[first]
    if median * scale[last] > 0:  # two of one sign share a tie
        median = (median + scale[last]) / 2
    return np.clip(median, 1 / LARGEST_STRETCH, LARGEST_STRETCH)
