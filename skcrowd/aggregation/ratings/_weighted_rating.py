"""Mean of ratings, weighted by the precision of the annotators."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation.ratings._rating_aggregator import RatingAggregator
from skcrowd.aggregation.ratings._rating_inference import (
    RatingAnswers,
    RatingInference,
)

__all__ = ["WeightedRating"]

SMALLEST = 1e-6  # variance of the noise, as a share of the variance of the ratings
ALONE = 1e-9  # share of others in a mean below which a rating says nothing of its noise


class WeightedRating(RatingAggregator):
    """Average ratings with weights 1 / variance of the noise of their annotator.

    There is no bias and no scale, so the truth stays in the unit of the ratings and
    within their range. For annotators with biases see :class:`GaussianRating`.

    Parameters
    ----------
    pseudo_counts : float, default=10.0
        Pseudo-ratings that shrink each variance to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the truth falls below it, in standard
        deviations of the ratings; 0 runs exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to error or (error, n_ratings), \
            pandas Series or DataFrame, or array-like, default=None
        Root mean squared errors that are known beforehand.

    Attributes
    ----------
    annotators_ : ndarray of shape (n_annotators,)
    posterior_mean_, posterior_std_ : ndarray of shape (n_items,)
    annotator_noise_std_ : ndarray of shape (n_annotators,)
    annotator_skill_ : ndarray of shape (n_annotators,)
        The weights.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    A rating y of annotator r is part of the mean m of its item. With weights
    w = 1 / σ², ``Var(y - m) = σ_r² (1 - w_r / Σ w)``, so that squared residuals are
    divided by ``1 - w_r / Σ w``; without that, who has the largest weight would look
    the most precise. Of a rating that counts as several, one is taken off, of a part
    of a rating that part; an item with one annotator shows no noise. The weights are
    the inverse variances of Cochran (1937); shrinkage and correction are our choice.

    References
    ----------
    W. G. Cochran. Problems arising in the analysis of a series of similar experiments.
    Supplement to the Journal of the Royal Statistical Society 4(1), 1937.
    doi:10.2307/2984123

    Examples
    --------
    >>> from skcrowd.aggregation import WeightedRating
    >>> y = [[1.0, 1.2, 4.0], [2.0, 2.1, 0.0], [3.0, 2.8, 3.0], [4.0, 4.1, 1.0]]
    >>> aggregator = WeightedRating(pseudo_counts=1).fit(y)
    >>> aggregator.annotator_skill_.argmin()
    np.int64(2)
    """

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        pseudo_counts: float = 10.0,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: RatingAnswers) -> RatingInference:
        unit = answers.unit
        weight = np.ones(answers.n_annotators)
        mean = answers.clamp(answers.weighted_mean(weight))
        if answers.start is not None:
            mean = answers.start.mean
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            noise_var = self._noise_var(answers, mean, weight, unit**2)
            weight = 1 / noise_var
            updated = answers.clamp(answers.weighted_mean(weight))
            change = float(np.abs(updated - mean).mean()) / unit
            mean = updated
        precision = answers.sum_by_item(answers.number * weight[answers.annotator])
        var = 1 / np.where(precision > 0, precision, weight.mean())
        std = np.sqrt(answers.clamp(var, 0.0))
        return RatingInference(
            mean, noise_var, std=std, n_iter=n_iter, change=change, tol=self.tol
        )

    def _mean_of(self, answers: RatingAnswers) -> NDArray[np.float64]:
        return answers.weighted_mean(self.annotator_skill_)

    def _noise_var(
        self,
        answers: RatingAnswers,
        mean: NDArray[np.float64],
        weight: NDArray[np.float64],
        answer_var: float,
    ) -> NDArray[np.float64]:
        """Estimate the variance of every annotator's noise, shrunk to the crowd's."""
        of_answer, number = weight[answers.annotator], answers.number
        total = answers.sum_by_item(number * of_answer)
        of_others = 1 - np.minimum(number, 1) * of_answer / total[answers.item]
        of_others[(answers.annotations.answers_per_item == 1)[answers.item]] = 0.0
        of_others[answers.known[answers.item]] = 1.0  # of gold no rating is a part
        is_compared = of_others > ALONE
        square = number * (answers.answer - mean[answers.item]) ** 2
        square = np.where(is_compared, square, 0) / np.maximum(of_others, ALONE)
        squares = answers.sum_by_annotator(square)
        n = answers.sum_by_annotator(number * is_compared)
        if answers.prior is not None:
            error, n_known = answers.prior
            squares, n = squares + n_known * error**2, n + n_known
        smallest = SMALLEST * answer_var
        crowd = max(squares.sum() / n.sum() if n.any() else answer_var, smallest)
        total_n = np.maximum(n + self.pseudo_counts, ALONE)
        noise_var = (squares + self.pseudo_counts * crowd) / total_n
        noise_var = np.where(n + self.pseudo_counts > 0, noise_var, crowd)
        return np.maximum(noise_var, smallest)
