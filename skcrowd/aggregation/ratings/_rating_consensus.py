"""The default aggregator of ratings."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._observed_answers import draw_seed
from skcrowd.aggregation.ratings._gaussian_rating import (
    GaussianRating,
    mean_by_parameters,
)
from skcrowd.aggregation.ratings._rating_aggregator import RatingAggregator
from skcrowd.aggregation.ratings._rating_inference import (
    RatingAnswers,
    RatingInference,
)
from skcrowd.aggregation.ratings._weighted_rating import WeightedRating
from skcrowd.annotations._answer_keys import uniform_of_keys

__all__ = ["RatingConsensus"]

FOLDS = 5


class RatingConsensus(RatingAggregator):
    """Combine annotators with bias and scale, and without, by what they predict.

    The truth is ``share * g + (1 - share) * w``, with g of :class:`GaussianRating` and
    w of :class:`WeightedRating`. The share is the one that predicts held-out ratings
    best (stacking by least squares, five folds of ratings).

    Parameters
    ----------
    max_iter : int, default=300
        Maximum number of iterations of either.
    tol : float, default=1e-4
        As there.
    annotator_prior : mapping of annotator to error or (error, n_ratings), \
            pandas Series or DataFrame, or array-like, default=None
        Root mean squared errors that are known beforehand.
    random_state : int, RandomState instance or None, default=0
        For the folds, which do not depend on the order of items and annotators.

    Attributes
    ----------
    annotators_ : ndarray of shape (n_annotators,)
    posterior_mean_, posterior_std_ : ndarray of shape (n_items,)
        The standard deviation is that of :class:`GaussianRating`.
    annotator_scale_, annotator_bias_ : ndarray of shape (n_annotators,)
        Of :class:`GaussianRating`.
    annotator_noise_std_ : ndarray of shape (n_annotators,)
        The same.
    annotator_skill_ : ndarray of shape (n_annotators,)
        The same.
    gaussian_share_ : float
        The share of :class:`GaussianRating`; 0.5 where no item has two ratings.
    n_iter_ : int
    converged_ : bool

    References
    ----------
    L. Breiman. Stacked regressions. Machine Learning 24, 1996.
    doi:10.1007/BF00117832

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import RatingConsensus
    >>> low = np.arange(9.0)
    >>> y = np.column_stack([low, low + 1, low + 2])
    >>> RatingConsensus().fit(y).predict().round(1)
    array([1., 2., 3., 4., 5., 6., 7., 8., 9.])
    """

    _parameter_constraints: dict[str, Any] = {
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior
        self.random_state = random_state

    def _infer(self, answers: RatingAnswers) -> RatingInference:
        settings: dict[str, Any] = {"max_iter": self.max_iter, "tol": self.tol}
        models = GaussianRating(**settings), WeightedRating(**settings)
        share = self._best_share(answers, models)
        found, other = (model._infer(answers) for model in models)
        found.mean = share * found.mean + (1 - share) * other.mean
        found.n_iter = max(found.n_iter, other.n_iter)
        found.change = max(found.change, other.change)
        found.extras |= {
            "gaussian_share_": share,
            "_weights": other.skill,
        }
        return found

    def _mean_of(self, answers: RatingAnswers) -> NDArray[np.float64]:
        of_gaussian = mean_by_parameters(self, answers)
        of_weights = answers.weighted_mean(self._weights)
        share = self.gaussian_share_
        return np.asarray(share * of_gaussian + (1 - share) * of_weights)

    def _best_share(
        self,
        answers: RatingAnswers,
        models: tuple[RatingAggregator, RatingAggregator],
    ) -> float:
        """Return the share of the first model that predicts held-out ratings best.

        The square ``Σ (y - share g - (1 - share) w)²`` is smallest at
        ``Σ (g - w) (y - w) / Σ (g - w)²``; the share is brought to between 0 and 1.
        """
        fold = self._folds(answers)
        numerator = denominator = 0.0
        for k in range(FOLDS):
            held_out = np.flatnonzero(fold == k)
            kept = answers.annotations.select_answers(np.flatnonzero(fold != k))
            if not len(held_out) or not kept.n_answers:
                continue
            rest = RatingAnswers(kept, answers.gold, answers.prior)
            item = answers.item[held_out]
            g, w = (model._infer(rest).mean[item] for model in models)
            # without other ratings an item tells nothing
            difference = (g - w) * (kept.answers_per_item[item] > 0)
            weighed = answers.number[held_out] * difference
            numerator += float(weighed @ (answers.answer[held_out] - w))
            denominator += float(weighed @ difference)
        if denominator <= 0:
            return 0.5
        return float(np.clip(numerator / denominator, 0, 1))

    def _folds(self, answers: RatingAnswers) -> NDArray[np.int64]:
        """Return the fold of every rating, by its content."""
        seed = draw_seed(check_random_state(self.random_state))
        keys = answers.keys.of_answers(answers.annotations)
        drawn = uniform_of_keys(keys, seed, 1)[:, 0]
        return np.unique(drawn, return_inverse=True)[1].reshape(-1) % FOLDS
