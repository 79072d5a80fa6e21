"""What an aggregator of comparisons gets, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation.comparisons._comparison_container import (
    FIRST,
    TIE,
    Comparisons,
)
from skcrowd.aggregation.comparisons._preference_likelihood import Preferences
from skcrowd.annotations._lookup import (
    object_array,
    positions,
    preview,
    series_as_dict,
)

__all__ = ["ComparisonAnswers", "Ranking", "read_scores"]


@dataclass(eq=False)
class Ranking:
    """What an aggregator of comparisons found.

    Parameters
    ----------
    preferences : Preferences
    log_likelihood : float
    skill : ndarray of shape (n_annotators,)
    n_iter : int, default=1
    change, tol : float, default=0.0
        Change in the last iteration, and what it was to fall below.
    """

    preferences: Preferences
    log_likelihood: float
    skill: NDArray[np.float64]
    n_iter: int = 1
    change: float = 0.0
    tol: float = 0.0


@dataclass(eq=False)
class ComparisonAnswers:
    """The comparisons that an aggregator learns from.

    Parameters
    ----------
    comparisons : Comparisons
    gold : float64 ndarray of shape (n_items,) or None
        Score of every item whose score is known, else NaN.
    start : Ranking or None
        The result of an earlier fit to some of the comparisons, to begin with.
    """

    comparisons: Comparisons
    gold: NDArray[np.float64] | None = None
    start: Ranking | None = None

    def add_gold(self, before: NDArray[np.float64] | None) -> None:
        """Add the scores known of the first items, where no others are given."""
        if before is None:
            return
        if self.gold is None:
            self.gold = np.full(self.comparisons.n_items, np.nan)
        first = self.gold[: len(before)]
        first[:] = np.where(np.isnan(first), before, first)

    def started_from(self, model: Any) -> Ranking:
        """Return where to begin: the scores and skills of a fitted aggregator.

        Items and annotators who are new have mean scores and skills.
        """
        score = np.full(self.comparisons.n_items, model.scores_.mean())
        score[: len(model.scores_)] = model.scores_
        skill = np.full(self.comparisons.n_annotators, model.annotator_skill_.mean())
        skill[: len(model.annotator_skill_)] = model.annotator_skill_
        has_ties = np.isfinite(model.tie_effect_)
        tie = model.tie_effect_ if has_ties else 0.0
        preferences = Preferences(score, model.position_effect_, tie)
        return Ranking(preferences, model.log_likelihood_, skill)

    def agreement_with(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of each annotator's preferences for the better item.

        Ties do not count. The mean over all preferences for annotators without any.

        Parameters
        ----------
        score : ndarray of shape (n_items,)

        Returns
        -------
        share : ndarray of shape (n_annotators,)
        """
        c = self.comparisons
        is_preference = c.outcome != TIE
        gain = score[c.first] - score[c.second]
        gain = np.where(c.outcome == FIRST, gain, -gain)
        agrees = (np.sign(gain) + 1) / 2 * is_preference
        n = np.bincount(c.annotator, is_preference, c.n_annotators)
        share = np.bincount(c.annotator, agrees, c.n_annotators) / np.maximum(n, 1)
        mean = agrees.sum() / max(is_preference.sum(), 1)
        return np.where(n > 0, share, mean)


def read_scores(gold: Any, items: NDArray[Any]) -> NDArray[np.float64] | None:
    """Read the known scores of items.

    Parameters
    ----------
    gold : mapping of item to score, pandas Series, or None
    items : ndarray of shape (n_items,)

    Returns
    -------
    score : float64 ndarray of shape (n_items,) or None
        NaN where it is not known.

    Raises
    ------
    ValueError
        If an item is unknown or has several scores, or a score is no number.
    """
    gold = series_as_dict(gold, "gold")
    if gold is None:
        return None
    if not isinstance(gold, Mapping):
        raise ValueError(
            f"gold is a {type(gold).__name__}; give a dict from item to score, or a "
            "pandas Series whose index is the items."
        )
    score = np.full(len(items), np.nan)
    names = object_array(list(gold))
    place = positions(names, items.astype(object))
    if (place < 0).any():
        raise ValueError(
            f"gold names {preview(names[place < 0], 1)}, which is none of the "
            f"{len(items)} items that were compared ({preview(items)})."
        )
    values = [np.nan if value is None else value for value in gold.values()]
    try:
        score[place] = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"gold must hold scores, which are numbers: {error}."
        ) from error
    if np.isinf(score).any():
        raise ValueError("gold holds an infinite score; give finite numbers.")
    return None if np.isnan(score).all() else score
