"""The base of aggregators of pairwise comparisons."""

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Real
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from skcrowd._sklearn_compat import Interval, check_constraints
from skcrowd.aggregation._annotator_prior import warn_of_unknown_names
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation.comparisons._comparison_answers import (
    ComparisonAnswers,
    Ranking,
    read_scores,
)
from skcrowd.aggregation.comparisons._comparison_container import (
    check_comparisons,
    join_comparisons,
)
from skcrowd.aggregation.comparisons._preference_likelihood import (
    Preferences,
    log_proba_of,
)
from skcrowd.annotations._lookup import positions, preview

__all__ = ["ComparisonAggregator"]


class ComparisonAggregator(BaseEstimator, ABC):
    """Base of estimators that infer scores of items from pairwise comparisons.

    A subclass has parameters with ``_parameter_constraints`` and implements ``_infer``.
    """

    _parameter_constraints: dict[str, Any] = {
        "score_std": [Interval(Real, 0, None, closed="neither")],
        "position_effect": ["boolean"],
    }

    annotator_prior: Any = None

    # Attributes that fit sets
    items_: NDArray[Any]
    annotators_: NDArray[Any]
    scores_: NDArray[np.float64]
    ranking_: NDArray[Any]

    def fit(self, y: Any, *, gold: Any = None) -> Self:
        """Infer the scores of all items.

        Parameters
        ----------
        y : Comparisons, or array-like of shape (n_comparisons, 2)
            Two columns are winners and losers.
        gold : mapping of item to score, or pandas Series, default=None
            The scores of items where they are known, logarithms of their strengths.
            They set the zero of all scores, which otherwise is the mean.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If `y` or `gold` cannot be read, or a parameter is out of its range.

        Warns
        -----
        ConvergenceWarning
            If iterations end at ``max_iter`` without convergence.
        CrowdWarning
            If ``annotator_prior`` names annotators who gave no answer.
        """
        check_constraints(self)
        answers = self._read(y, gold)
        names = answers.comparisons.annotator_names
        warn_of_unknown_names(self.annotator_prior, names, 2)
        return self._fit(answers)

    def partial_fit(self, y: Any, *, gold: Any = None) -> Self:
        """Add comparisons to those fitted before, and infer the scores of all items.

        Iterations begin at the earlier scores.

        Parameters
        ----------
        y : Comparisons, or array-like of shape (n_comparisons, 2)
            Further comparisons, as in :meth:`fit`. Items and annotators are matched by
            name; the same pair may be compared again.
        gold : mapping of item to score, or pandas Series, default=None
            Known scores of items of this or an earlier table.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            As :meth:`fit`, and if only one of the tables knows the places in which
            items were shown.
        """
        check_constraints(self)
        if not hasattr(self, "_answers"):
            return self._fit(self._read(y, gold))
        before = self._answers
        joined = join_comparisons(before.comparisons, check_comparisons(y))
        answers = ComparisonAnswers(joined, read_scores(gold, joined.item_names))
        answers.add_gold(before.gold)
        answers.start = answers.started_from(self)
        return self._fit(answers)

    def _read(self, y: Any, gold: Any) -> ComparisonAnswers:
        comparisons = check_comparisons(y)
        known = read_scores(gold, comparisons.item_names)
        return ComparisonAnswers(comparisons, known)

    def _fit(self, answers: ComparisonAnswers) -> Self:
        comparisons = answers.comparisons
        found = self._infer(answers)
        name = type(self).__name__
        warn_unless_converged(name, found.change, found.tol, found.n_iter)
        preferences = found.preferences
        self._answers = answers
        answers.start = None
        self.items_ = comparisons.item_names
        self.annotators_ = comparisons.annotator_names
        self.scores_ = preferences.score
        self.ranking_ = self.items_[np.argsort(-self.scores_, kind="stable")]
        self.position_effect_ = preferences.position
        self.tie_effect_ = preferences.tie
        self.log_likelihood_ = found.log_likelihood
        self.annotator_skill_ = found.skill
        self.n_iter_ = found.n_iter
        self.converged_ = found.change <= found.tol
        return self

    def fit_predict(self, y: Any, **fit_params: Any) -> NDArray[np.float64]:
        """Infer the scores and return them.

        Parameters
        ----------
        y : Comparisons, or array-like of shape (n_comparisons, 2)
        **fit_params : dict
            Arguments of :meth:`fit`.

        Returns
        -------
        scores : ndarray of shape (n_items,)
        """
        return self.fit(y, **fit_params).predict()

    def predict(self) -> NDArray[np.float64]:
        """Return the scores of the items.

        Returns
        -------
        scores : ndarray of shape (n_items,)
            In the order of ``items_``: logarithms of the strengths, of mean 0 unless
            `gold` set their zero.
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
            If an item was not fitted, or the two differ in length.
        """
        check_is_fitted(self)
        pairs = [np.asarray(names) for names in (first, second)]
        shapes = [names.shape for names in pairs]
        if shapes[0] != shapes[1] or len(shapes[0]) != 1:
            raise ValueError(
                f"first and second have the shapes {shapes[0]} and {shapes[1]}; give "
                "two lists of the same number of items."
            )
        codes = []
        for names in pairs:
            place = positions(names, self.items_)
            unknown = names[place < 0]
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
    def _infer(self, answers: ComparisonAnswers) -> Ranking:
        """Infer scores.

        Parameters
        ----------
        answers : ComparisonAnswers

        Returns
        -------
        ranking : Ranking
        """
