"""The base of aggregators of pairwise comparisons."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation.comparisons._comparison_container import (
    Comparisons,
    check_comparisons,
)
from skcrowd.aggregation.comparisons._preference_likelihood import (
    Preferences,
    log_proba_of,
)
from skcrowd.annotations._lookup import positions, preview

__all__ = ["ComparisonAggregator", "Ranking"]


@dataclass(eq=False)
class Ranking:
    """What an aggregator of comparisons found.

    Parameters
    ----------
    preferences : Preferences
    log_likelihood : float
    skill : ndarray of shape (n_annotators,) or None
    n_iter : int, default=1
    change, tol : float, default=0.0
        Change in the last iteration, and what it was to fall below.
    """

    preferences: Preferences
    log_likelihood: float
    skill: NDArray[np.float64] | None = None
    n_iter: int = 1
    change: float = 0.0
    tol: float = 0.0


class ComparisonAggregator(BaseEstimator, ABC):
    """Base of estimators that infer scores of items from pairwise comparisons.

    A subclass has parameters with ``_parameter_constraints`` and implements ``_infer``.
    """

    _parameter_constraints: dict[str, Any] = {
        "score_std": [Interval(Real, 0, None, closed="neither")],
        "position_effect": ["boolean"],
    }

    # Attributes that fit sets
    items_: NDArray[Any]
    annotators_: NDArray[Any]
    scores_: NDArray[np.float64]
    ranking_: NDArray[Any]

    def fit(self, y: Any) -> Self:
        """Infer the scores of all items.

        Parameters
        ----------
        y : Comparisons, or array-like of shape (n_comparisons, 2)
            Two columns are winners and losers.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If `y` cannot be read, or a parameter is out of its range.

        Warns
        -----
        ConvergenceWarning
            If iterations end at ``max_iter`` without convergence.
        """
        self._validate_params()
        comparisons = check_comparisons(y)
        found = self._infer(comparisons)
        name = type(self).__name__
        warn_unless_converged(name, found.change, found.tol, found.n_iter)
        preferences = found.preferences
        self.items_ = comparisons.item_names
        self.annotators_ = comparisons.annotator_names
        self.scores_ = preferences.score
        self.ranking_ = self.items_[np.argsort(-self.scores_, kind="stable")]
        self.position_effect_ = preferences.position
        self.tie_effect_ = preferences.tie
        self.log_likelihood_ = found.log_likelihood
        if found.skill is not None:
            self.annotator_skill_ = found.skill
        self.n_iter_ = found.n_iter
        self.converged_ = found.change <= found.tol
        return self

    def fit_predict(self, y: Any) -> NDArray[np.float64]:
        """Infer the scores and return them.

        Parameters
        ----------
        y : Comparisons, or array-like of shape (n_comparisons, 2)

        Returns
        -------
        scores : ndarray of shape (n_items,)
        """
        return self.fit(y).predict()

    def predict(self) -> NDArray[np.float64]:
        """Return the scores of the items.

        Returns
        -------
        scores : ndarray of shape (n_items,)
            In the order of ``items_``: logarithms of the strengths, of mean 0.
        """
        check_is_fitted(self)
        return self.scores_.copy()

    def predict_proba(self, first: Any, second: Any) -> NDArray[np.float64]:
        """Return probabilities of the outcomes of comparisons.

        Parameters
        ----------
        first, second : array-like of shape (n_comparisons,)
            Fitted items, in the places in which they are shown.

        Returns
        -------
        proba : ndarray of shape (n_comparisons, 3)
            That a reliable annotator prefers the first, the second, or neither.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            If the aggregator is not fitted.
        ValueError
            If an item was not fitted.
        """
        check_is_fitted(self)
        codes = []
        for names in (first, second):
            place = positions(np.asarray(names), self.items_)
            unknown = np.asarray(names)[place < 0]
            if unknown.size:
                raise ValueError(
                    f"{preview(unknown)} is none of the {len(self.items_)} items of "
                    "fit."
                )
            codes.append(place)
        preferences = Preferences(self.scores_, self.position_effect_, self.tie_effect_)
        return np.exp(log_proba_of(preferences, *codes))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "scores_")

    @abstractmethod
    def _infer(self, comparisons: Comparisons) -> Ranking:
        """Infer scores.

        Parameters
        ----------
        comparisons : Comparisons

        Returns
        -------
        ranking : Ranking
        """
