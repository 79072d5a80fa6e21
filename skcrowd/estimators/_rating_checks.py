"""Warnings of a fit about crowds whose ratings mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from skcrowd.aggregation import answer_mean
from skcrowd.aggregation._dependence_groups import Search, find_groups
from skcrowd.aggregation._dependence_pairs import some_items
from skcrowd.aggregation._dependence_ratings import find_same_ratings
from skcrowd.aggregation._rating_pairs import RatingPairs
from skcrowd.annotations._plausible import warn_of_far_gold
from skcrowd.annotations._warn import warn
from skcrowd.estimators._crowd_checks import (
    FEWEST_GOLD,
    GROUP_EXCESS,
    LEVEL,
    MOST_PAIRS,
    OF_ONE,
    Kind,
    majorities,
    warn_of_dependence,
    warn_of_uninformative,
)

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.annotations import Annotations

__all__ = ["warn_of_rating_crowd"]

RATINGS = Kind(
    "ratings",
    "they do not correlate with those of the others",
    "rate the same items, and their ratings do not correlate",
    "rate the same quantity",
    "annotator_report() of the fitted estimator lists who errs together (group).",
    0.1,
)


def warn_of_rating_crowd(annotations: Annotations, gold: FloatArray | None) -> None:
    """Warn if the ratings are probably worth less than they look.

    Parameters
    ----------
    annotations : Annotations
        Ratings.
    gold : ndarray of shape (n_items,), or None
        Known numbers; NaN for the others.

    Warns
    -----
    CrowdWarning
        If annotators gave the same ratings; a group whose ratings have more in common
        than the truth gives most of the ratings; an annotator gives most of them, and
        they do not correlate with those of the others, or all ratings do so; or the
        mean ratings do not follow gold.
    """
    if gold is not None:
        warn_of_far_gold(annotations.answer, gold)
        _warn_of_gold(annotations, gold)
    annotations = some_items(annotations, MOST_PAIRS)
    pairs = RatingPairs.of(annotations)
    if not warn_of_uninformative(annotations, pairs, RATINGS):
        warn_of_dependence(annotations, pairs, RATINGS, _search(annotations, pairs))


def _search(annotations: Annotations, pairs: Any) -> Search:
    """Find a group that gives most of the ratings, or else equal annotators."""
    clusters = majorities(pairs, annotations.answers_per_annotator)
    found = find_groups(pairs, GROUP_EXCESS, LEVEL, clusters)
    return found if found.groups else find_same_ratings(annotations, LEVEL)


def _warn_of_gold(annotations: Annotations, gold: FloatArray) -> None:
    """Warn if the correlation of gold and the mean rating is certainly low.

    The upper limit of the correlation is that of Fisher's transformation.
    """
    known = np.isfinite(gold) & (annotations.answers_per_item > 0)
    n_known = np.count_nonzero(known)
    if n_known < FEWEST_GOLD:
        return
    mean, true = answer_mean(annotations)[known], gold[known]
    if not (np.ptp(mean) > 0 and np.ptp(true) > 0):
        return
    correlation = float(np.corrcoef(mean, true)[0, 1])
    with np.errstate(divide="ignore"):
        upper = np.tanh(np.arctanh(correlation) - ndtri(LEVEL) / np.sqrt(n_known - 3))
    if upper >= OF_ONE:
        return
    warn(
        f"gold contradicts the ratings: over {n_known} items the correlation of gold "
        f"and the mean rating is {correlation:.2f}. Check that gold and y have the "
        "same rows and the same direction; if they do, the annotators rate something "
        "else, and only more gold numbers show the truth.",
        "gold against the ratings",
    )
