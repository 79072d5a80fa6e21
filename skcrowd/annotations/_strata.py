"""The stratum of every sample: its vote, or the quantile of its mean rating."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._multilabel_container import MultilabelAnnotations
from ._sequence_container import SequenceAnnotations

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, IntArray

    from ._container import Annotations


__all__ = ["strata_of"]

N_QUANTILES = 10
NO_ANSWER = -1  # the stratum of samples without answers


def strata_of(
    annotations: Annotations | SequenceAnnotations | MultilabelAnnotations,
    *,
    ties: str = "rarest",
    n_quantiles: int = N_QUANTILES,
) -> IntArray:
    """Return the stratum of every sample.

    Of labels it is the class with most votes; of tag sequences the rarest of the tags
    that the votes on their tokens give, of sets of labels the rarest label that most
    annotators ticked; of numbers the quantile of the mean rating.
    Samples without answers are a stratum of their own. No random number is drawn, and
    the order of the annotators has no influence.

    Parameters
    ----------
    annotations : Annotations, SequenceAnnotations or MultilabelAnnotations
    ties : {"rarest", "first"}, default="rarest"
        Of classes with equally many votes on an item, the one with fewer votes in all,
        or the first. For tags it also determines how frequency is measured: by the
        number of tokens with this majority vote ("rarest"), or by the sum of the vote
        shares.
    n_quantiles : int, default=10
        Number of strata of numbers.

    Returns
    -------
    strata : int64 ndarray of shape (n_samples,)
        -1 for samples without answers.
    """
    if isinstance(annotations, SequenceAnnotations):
        return _rarest_tags(annotations, ties)
    if isinstance(annotations, MultilabelAnnotations):
        return _rarest_labels(annotations)
    if annotations.kind == "labels":
        return _votes(annotations, ties)
    return _mean_quantiles(annotations, n_quantiles)


def _votes(annotations: Annotations, ties: str) -> IntArray:
    """Return the class with most votes of every item, (n_items,)."""
    n_classes = len(annotations.classes)
    key = annotations.item * np.int64(n_classes) + annotations.answer
    key, n_votes = np.unique(key, return_counts=True)
    item, voted = np.divmod(key, n_classes)
    kept = np.flatnonzero(_is_largest(n_votes, item))
    if ties == "rarest":
        in_all = np.bincount(annotations.answer, minlength=n_classes)
        kept = kept[_is_largest(-in_all[voted[kept]], item[kept])]
    votes = np.full(annotations.n_items, NO_ANSWER)
    votes[item[kept[::-1]]] = voted[kept[::-1]]  # the first class, of equals
    return votes


def _is_largest(values: Any, item: IntArray) -> BoolArray:
    """Mark the values that are the largest of their item; `item` is ascending."""
    if not item.size:
        return np.zeros(0, dtype=bool)
    starts = np.flatnonzero(np.diff(item, prepend=item[0] - 1))
    largest = np.maximum.reduceat(values, starts)
    return values == np.repeat(largest, np.diff(starts, append=item.size))


def _rarest_tags(sequences: SequenceAnnotations, ties: str) -> IntArray:
    """Return the rank of the rarest tag of every sequence, by the votes on tokens."""
    tokens, n_classes = sequences.tokens, len(sequences.classes)
    votes = _votes(tokens, ties)
    if ties == "rarest":
        frequency = np.bincount(votes[votes >= 0], minlength=n_classes)
    else:
        share = 1 / tokens.answers_per_item[tokens.item]
        frequency = np.bincount(tokens.answer, share, minlength=n_classes)
    rarity = (-frequency).argsort(kind="stable").argsort()
    rarity = np.append(rarity, NO_ANSWER)[votes]
    return np.maximum.reduceat(rarity, sequences.offsets[:-1])


def _rarest_labels(annotations: MultilabelAnnotations) -> IntArray:
    """Return the rank of the rarest label that most ticked, 0 where there is none."""
    decisions = annotations.decisions
    n_ticks = np.bincount(decisions.item, decisions.answer, decisions.n_items)
    is_voted = 2 * n_ticks > decisions.answers_per_item
    is_voted = is_voted.reshape(-1, annotations.n_labels)
    rarity = (-is_voted.sum(axis=0)).argsort(kind="stable").argsort() + 1
    strata: IntArray = (is_voted * rarity).max(axis=1)
    return np.where(annotations.answers_per_item > 0, strata, NO_ANSWER)


def _mean_quantiles(annotations: Annotations, n_quantiles: int) -> IntArray:
    """Return the quantile of the mean rating of every item; -1 without ratings."""
    n_ratings = annotations.answers_per_item
    answered = n_ratings > 0
    strata = np.full(annotations.n_items, NO_ANSWER)
    if not answered.any():
        return strata
    order = np.lexsort(
        (annotations.answer, annotations.item)
    )  # sums do not depend on who rated
    rating = annotations.answer[order]
    total = np.bincount(annotations.item, rating, annotations.n_items)
    mean = total[answered] / n_ratings[answered]
    bounds = np.quantile(mean, np.arange(1, n_quantiles) / n_quantiles)
    strata[answered] = np.searchsorted(bounds, mean, side="right")
    return strata
