"""The model of Bradley and Terry."""

from __future__ import annotations

import numpy as np

from skcrowd.aggregation.comparisons._comparison_aggregator import (
    ComparisonAggregator,
)
from skcrowd.aggregation.comparisons._comparison_answers import (
    ComparisonAnswers,
    Ranking,
)
from skcrowd.aggregation.comparisons._preference_likelihood import (
    fit_preferences,
    log_proba_of,
)

__all__ = ["BradleyTerry"]


class BradleyTerry(ComparisonAggregator):
    """Infer scores of items from comparisons, all annotators alike.

    An item of score s is preferred to one of score t with odds ``exp(s - t)``; ties
    have the model of Davidson, and the place in which an item is shown an effect on
    the odds (Davidson and Beaver). There is no ``annotator_prior``: nothing that is
    known of annotators could change the scores, see :class:`CrowdBradleyTerry`.

    Parameters
    ----------
    score_std : float, default=3.0
        Standard deviation of the normal prior of the scores. It keeps the scores of
        items finite that win always, or never, and of groups never compared.
    position_effect : bool, default=True
        Whether to estimate a preference for the first place, where the comparisons
        have one.

    Attributes
    ----------
    items_ : ndarray of shape (n_items,)
    annotators_ : ndarray of shape (n_annotators,)
    scores_ : ndarray of shape (n_items,)
        Logarithms of the strengths, of mean 0 unless some were known.
    ranking_ : ndarray of shape (n_items,)
        The items, the best first.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Share of the preferences that are for the item of the higher score.
    position_effect_ : float
        Log odds that being shown first adds.
    tie_effect_ : float
        Log of the weight of ties; 0 makes three outcomes of equals equally probable,
        -inf stands for no ties.
    log_likelihood_ : float
    n_iter_, converged_ : int, bool
        1 and True.

    Notes
    -----
    With a large `score_std` and without `position_effect` it is maximum likelihood, as
    crowd-kit's ``BradleyTerry`` with ``tol=0``, whose scores are the strengths,
    ``exp(scores_)`` scaled to sum to 1. The prior is our choice.

    References
    ----------
    R. A. Bradley, M. E. Terry. Rank analysis of incomplete block designs: I. The method
    of paired comparisons. Biometrika 39, 1952. doi:10.2307/2334029

    R. R. Davidson. On extending the Bradley-Terry model to accommodate ties in paired
    comparison experiments. JASA 65(329), 1970. doi:10.1080/01621459.1970.10481082

    R. R. Davidson, R. J. Beaver. On extending the Bradley-Terry model to incorporate
    within-pair order effects. Biometrics 33(4), 1977. doi:10.2307/2529467

    Examples
    --------
    >>> from skcrowd.aggregation import BradleyTerry
    >>> winners_and_losers = [["a", "b"], ["b", "c"], ["a", "c"], ["a", "b"]]
    >>> BradleyTerry().fit(winners_and_losers).ranking_
    array(['a', 'b', 'c'], dtype=object)
    """

    def __init__(self, *, score_std: float = 3.0, position_effect: bool = True) -> None:
        self.score_std = score_std
        self.position_effect = position_effect

    def _infer(self, answers: ComparisonAnswers) -> Ranking:
        comparisons = answers.comparisons
        target = np.eye(3)[comparisons.outcome]
        preferences = fit_preferences(
            comparisons,
            target,
            score_std=self.score_std,
            has_position=self.position_effect and comparisons.has_position,
            start=None if answers.start is None else answers.start.preferences,
            known=answers.gold,
        )
        log_proba = log_proba_of(preferences, comparisons.first, comparisons.second)
        rows = np.arange(len(comparisons))
        log_likelihood = float(log_proba[rows, comparisons.outcome].sum())
        skill = answers.agreement_with(preferences.score)
        return Ranking(preferences, log_likelihood, skill)
