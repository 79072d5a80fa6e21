"""The model of Bradley and Terry with the reliability of annotators."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._annotator_prior import read_annotator_prior
from skcrowd.aggregation.comparisons._comparison_aggregator import (
    ComparisonAggregator,
)
from skcrowd.aggregation.comparisons._comparison_answers import (
    ComparisonAnswers,
    Ranking,
)
from skcrowd.aggregation.comparisons._comparison_container import TIE, Comparisons
from skcrowd.aggregation.comparisons._preference_likelihood import (
    Preferences,
    fit_preferences,
    log_proba_of,
)

__all__ = ["CrowdBradleyTerry"]

OPPOSITE = np.array([1, 0, TIE])  # the outcome that an annotator who errs reports


class CrowdBradleyTerry(ComparisonAggregator):
    """Infer scores of items and the reliability of annotators (Crowd-BT).

    An annotator of reliability η reports the preference of the Bradley-Terry model with
    probability η, else the opposite one; ties are reported as they are. EM.

    Parameters
    ----------
    score_std : float, default=3.0
        Standard deviation of the normal prior of the scores.
    position_effect : bool, default=True
        Whether to estimate a preference for the first place, where the comparisons
        have one.
    reliability_prior : tuple of two floats, default=(4.0, 1.0)
        Pseudo-counts of preferences that each annotator reports right and reversed,
        at least 1 together.
    max_iter : int, default=200
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when no reliability changes by more, and scores do not on average; 0 runs
        exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to reliability or (reliability, \
            n_questions), pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand, in addition to `reliability_prior`.

    Attributes
    ----------
    items_ : ndarray of shape (n_items,)
    annotators_ : ndarray of shape (n_annotators,)
    scores_ : ndarray of shape (n_items,)
        Logarithms of the strengths, of mean 0 unless some were known.
    ranking_ : ndarray of shape (n_items,)
        The items, the best first.
    position_effect_, tie_effect_ : float
        See :class:`BradleyTerry`.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Reliabilities η; 0.5 is guessing, below is reversed.
    log_likelihood_ : float
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    Crowd-kit's ``NoisyBradleyTerry`` is another model: who errs there answers by a
    preference of their own for a place, here the opposite of the better item.

    References
    ----------
    X. Chen, P. N. Bennett, K. Collins-Thompson, E. Horvitz. Pairwise ranking
    aggregation in a crowdsourced setting. WSDM 2013. doi:10.1145/2433396.2433420

    Examples
    --------
    >>> from skcrowd.aggregation import Comparisons, CrowdBradleyTerry
    >>> y = Comparisons.from_winners(
    ...     ["a", "b", "a", "a", "b", "a", "b", "c", "c"],
    ...     ["b", "c", "c", "b", "c", "c", "a", "b", "a"],
    ...     ["ann"] * 3 + ["bob"] * 3 + ["cy"] * 3,
    ... )
    >>> model = CrowdBradleyTerry().fit(y)
    >>> model.ranking_
    array(['a', 'b', 'c'], dtype=object)
    >>> model.annotators_[model.annotator_skill_.argmin()]
    'cy'
    """

    _parameter_constraints: dict[str, Any] = {
        **ComparisonAggregator._parameter_constraints,
        "reliability_prior": [tuple, list],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        score_std: float = 3.0,
        position_effect: bool = True,
        reliability_prior: tuple[float, float] = (4.0, 1.0),
        max_iter: int = 200,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.score_std = score_std
        self.position_effect = position_effect
        self.reliability_prior = reliability_prior
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: ComparisonAnswers) -> Ranking:
        comparisons, start = answers.comparisons, answers.start
        right_before, wrong_before = self._pseudo_counts(comparisons)
        n_before = right_before + wrong_before
        annotator, n_annotators = comparisons.annotator, comparisons.n_annotators
        is_preference = comparisons.outcome != TIE
        n = np.bincount(annotator, is_preference, n_annotators)
        skill = right_before / n_before if start is None else start.skill
        preferences = Preferences(np.zeros(comparisons.n_items), 0.0, 0.0)
        if start is not None:
            preferences = start.preferences
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            is_first = n_iter == 1 and start is None
            if is_first:  # nothing is known of the items yet
                is_right = np.where(is_preference, skill[annotator], 1.0)
            else:
                is_right, log_likelihood = _reported_right(
                    comparisons, preferences, skill
                )
            updated = fit_preferences(
                comparisons,
                _targets(comparisons, is_right),
                score_std=self.score_std,
                has_position=self.position_effect and comparisons.has_position,
                start=None if is_first else preferences,
                known=answers.gold,
            )
            is_right, log_likelihood = _reported_right(comparisons, updated, skill)
            right = np.bincount(annotator, is_right * is_preference, n_annotators)
            updated_skill = (right + right_before) / (n + n_before)
            change = float(np.abs(updated.score - preferences.score).mean())
            change = max(change, float(np.abs(updated_skill - skill).max()))
            preferences, skill = updated, updated_skill
        return Ranking(
            preferences, log_likelihood, skill, n_iter, change=change, tol=self.tol
        )

    def _pseudo_counts(
        self, comparisons: Comparisons
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return preferences reported right and reversed beforehand, by annotator."""
        counts = np.asarray(self.reliability_prior, dtype=np.float64)
        if counts.shape != (2,) or not (counts >= 0).all() or counts.sum() < 1:
            raise ValueError(
                "reliability_prior must be two numbers that are not negative and at "
                f"least 1 together, got {self.reliability_prior!r}."
            )
        right, wrong = np.tile(counts[:, None], comparisons.n_annotators)
        if self.annotator_prior is None:
            return right, wrong
        value, n_questions = read_annotator_prior(
            self.annotator_prior, comparisons.annotator_names, 1.0, require_all=False
        )
        return right + value * n_questions, wrong + (1 - value) * n_questions


def _targets(
    comparisons: Comparisons, is_right: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the probability of every outcome without errors, (n_comparisons, 3)."""
    rows, target = np.arange(len(comparisons)), np.zeros((len(comparisons), 3))
    target[rows, comparisons.outcome] = is_right
    target[rows, OPPOSITE[comparisons.outcome]] += 1 - is_right
    return target


def _reported_right(
    comparisons: Comparisons, preferences: Preferences, skill: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the posterior that a report is not reversed, and the log-likelihood.

    ``η p(reported) / (η p(reported) + (1 - η) p(opposite))``; 1 for ties.
    """
    log_proba = log_proba_of(preferences, comparisons.first, comparisons.second)
    proba, rows = np.exp(log_proba), np.arange(len(comparisons))
    eta = skill[comparisons.annotator]
    right = eta * proba[rows, comparisons.outcome]
    wrong = (1 - eta) * proba[rows, OPPOSITE[comparisons.outcome]]
    total = right + wrong  # of a tie both are of the tie
    log_likelihood = float(np.log(np.maximum(total, 1e-300)).sum())
    is_right = right / np.maximum(total, 1e-300)
    return np.where(comparisons.outcome == TIE, 1.0, is_right), log_likelihood
