"""Mean and median of ratings as aggregators."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation._rating_parameters import fit_rating_parameters
from skcrowd.aggregation._weighted_mean import answer_mean, answer_mean_var
from skcrowd.aggregation.ratings._rating_aggregator import RatingAggregator
from skcrowd.aggregation.ratings._rating_inference import (
    RatingAnswers,
    RatingInference,
)

__all__ = ["MeanRating", "MedianRating"]

TIE = 1e-9  # relative tolerance of half of the weight
MEDIAN_VAR = np.pi / 2  # of the median of normal ratings, in variances of their mean


class MeanRating(RatingAggregator):
    """Take the mean rating.

    Attributes
    ----------
    annotators_ : ndarray of shape (n_annotators,)
    posterior_mean_, posterior_std_ : ndarray of shape (n_items,)
        Means, and their standard errors from the pooled variance of the ratings.
    annotator_bias_, annotator_noise_std_ : ndarray of shape (n_annotators,)
        Mean difference of the ratings from the truth, and the standard deviation of
        the rest; both shrunk to the crowd's.
    annotator_skill_ : ndarray of shape (n_annotators,)
        1 / variance of the noise.
    n_iter_, converged_ : int, bool
        1 and True.

    Examples
    --------
    >>> from skcrowd.aggregation import MeanRating
    >>> MeanRating().fit_predict([[1.0, 2.0, 6.0], [3.0, 4.0, None]])
    array([3. , 3.5])
    """

    def __init__(self) -> None:
        pass

    def _infer(self, answers: RatingAnswers) -> RatingInference:
        return _compared_with(self._mean_of(answers), 1.0, answers)

    def _mean_of(self, answers: RatingAnswers) -> NDArray[np.float64]:
        return answer_mean(answers.annotations)


class MedianRating(RatingAggregator):
    """Take the median rating.

    Attributes
    ----------
    annotators_ : ndarray of shape (n_annotators,)
    posterior_mean_, posterior_std_ : ndarray of shape (n_items,)
        Medians, and their standard errors if the ratings were normal.
    annotator_bias_, annotator_noise_std_ : ndarray of shape (n_annotators,)
        Mean difference of the ratings from the truth, and the standard deviation of
        the rest; both shrunk to the crowd's.
    annotator_skill_ : ndarray of shape (n_annotators,)
        1 / variance of the noise.
    n_iter_, converged_ : int, bool
        1 and True.

    Examples
    --------
    >>> from skcrowd.aggregation import MedianRating
    >>> MedianRating().fit_predict([[1.0, 2.0, 6.0], [3.0, 4.0, None]])
    array([2. , 3.5])
    """

    def __init__(self) -> None:
        pass

    def _infer(self, answers: RatingAnswers) -> RatingInference:
        return _compared_with(self._mean_of(answers), MEDIAN_VAR, answers)

    def _mean_of(self, answers: RatingAnswers) -> NDArray[np.float64]:
        a = answers.annotations
        order = np.lexsort((a.answer, a.item))
        answer, number = a.answer[order], answers.number[order]
        median = np.empty(a.n_items)
        for n in np.unique(a.answers_per_item):  # items of as many ratings at a time
            rows = np.flatnonzero(a.answers_per_item == n)
            if n:
                place = a.indptr[rows][:, None] + np.arange(n)
                median[rows] = _weighted_medians(answer[place], number[place])
        answered = a.answers_per_item > 0
        median[~answered] = median[answered].mean()
        return median


def _weighted_medians(
    values: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return medians of rows in ascending order, (n_rows,).

    The median is the value at which half of the weight is reached; where a value ends
    there exactly, the mean of it and the next.

    Parameters
    ----------
    values, weight : ndarray of shape (n_rows, n_values)
    """
    reached = weight.cumsum(axis=1)
    half = reached[:, -1:] / 2
    low = (reached < half * (1 - TIE)).sum(axis=1)
    high = (reached <= half * (1 + TIE)).sum(axis=1)
    rows = np.arange(len(values))
    return np.asarray((values[rows, low] + values[rows, high]) / 2)


def _compared_with(
    mean: NDArray[np.float64], var_factor: float, answers: RatingAnswers
) -> RatingInference:
    """Compare the annotators with an inferred truth.

    Parameters
    ----------
    mean : ndarray of shape (n_items,)
    var_factor : float
        Its variance, in variances of the mean rating.
    answers : RatingAnswers
    """
    mean = answers.clamp(mean)
    var = answers.clamp(var_factor * answer_mean_var(answers.annotations), 0.0)
    parameters = fit_rating_parameters(answers.annotations, mean, var)
    return RatingInference(
        mean, parameters.noise_var, std=np.sqrt(var), bias=parameters.bias
    )
