"""CATD: weights of annotators by confidence intervals of their variance."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation.ratings._rating_aggregator import RatingAggregator
from skcrowd.aggregation.ratings._rating_inference import (
    RatingAnswers,
    RatingInference,
)

__all__ = ["CATD"]

SMALLEST = 1e-6  # sum of squares, as a share of the variance of the ratings


class CATD(RatingAggregator):
    """Confidence-aware truth discovery: who rated little gets a low weight.

    The weight of an annotator is the inverse of the upper bound of a confidence
    interval of the variance of their errors, ``χ²(alpha / 2, n) / Σ (y - truth)²`` for
    n ratings; weights and weighted means are computed in turn.

    Parameters
    ----------
    alpha : float, default=0.05
        1 minus the confidence level.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the truth falls below it, in standard
        deviations of the ratings; 0 runs exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to error or (error, n_ratings), \
            pandas Series or DataFrame, or array-like, default=None
        Root mean squared errors known beforehand.

    Attributes
    ----------
    annotators_ : ndarray of shape (n_annotators,)
    posterior_mean_ : ndarray of shape (n_items,)
    annotator_noise_std_ : ndarray of shape (n_annotators,)
        Root of the upper bound of the variance.
    annotator_skill_ : ndarray of shape (n_annotators,)
        The weights.
    n_iter_ : int
    converged_ : bool

    References
    ----------
    Q. Li, Y. Li, J. Gao, L. Su, B. Zhao, M. Demirbas, W. Fan, J. Han. A
    confidence-aware approach for truth discovery on long-tail data. PVLDB 8(4), 2014.
    doi:10.14778/2735496.2735505

    Examples
    --------
    >>> from skcrowd.aggregation import CATD
    >>> y = [[1.0, 1.2, 4.0], [2.0, 2.1, 0.0], [3.0, 2.8, 3.0], [4.0, 4.1, 1.0]]
    >>> CATD().fit(y).annotator_skill_.argmin()
    np.int64(2)
    """

    _parameter_constraints: dict[str, Any] = {
        "alpha": [Interval(Real, 0, 1, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        alpha: float = 0.05,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.alpha = alpha
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: RatingAnswers) -> RatingInference:
        unit = answers.unit
        mean = answers.clamp(answers.weighted_mean(np.ones(answers.n_annotators)))
        if answers.start is not None:
            mean = answers.start.mean
        n_ratings, squares_before = answers.per_annotator, np.zeros(1)
        if answers.prior is not None:
            error, n_before = answers.prior
            n_ratings, squares_before = n_ratings + n_before, n_before * error**2
        quantile = chi2.ppf(self.alpha / 2, np.maximum(n_ratings, 1))
        # of a single rating, nothing can be estimated
        is_single = np.count_nonzero(answers.number) == 1
        least = unit**2 * (1.0 if is_single else SMALLEST)
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            square = answers.number * (answers.answer - mean[answers.item]) ** 2
            squares = answers.sum_by_annotator(square) + squares_before
            bound = np.maximum(squares, least) / quantile
            updated = answers.clamp(answers.weighted_mean(1 / bound))
            change = float(np.abs(updated - mean).mean()) / unit
            mean = updated
        return RatingInference(mean, bound, n_iter=n_iter, change=change, tol=self.tol)

    def _mean_of(self, answers: RatingAnswers) -> NDArray[np.float64]:
        return answers.weighted_mean(self.annotator_skill_)
