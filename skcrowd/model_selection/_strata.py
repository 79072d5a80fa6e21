"""The stratum of every sample: the majority vote, or a quantile of the mean rating."""

import numpy as np

from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._check import read_target

__all__ = ["read_strata"]

N_QUANTILES = 10
NO_VOTE = -1  # the vote where there is no answer


def read_strata(y, kind="auto"):
    """Return the stratum of every sample.

    Of labels it is the class with most votes; of several that share the first place,
    the one with fewer votes in all, because rare classes are to be spread over the
    folds. Of tag sequences it is, of the tags that the votes on their tokens give, the
    rarest. Of numbers it is the tenth in which the mean rating lies. Samples without
    answers are a stratum of their own. No random number is drawn, and the order of
    annotators has no influence.

    Parameters
    ----------
    y : object
        Answers, or the truth, in any form that an estimator takes.
    kind : {"auto", "labels", "numbers"}, default="auto"

    Returns
    -------
    strata : int64 ndarray of shape (n_samples,)
        Numbered from 0 in the order of their first sample.
    """
    answers = read_target(y, kind, quietly=True).annotations
    if isinstance(answers, SequenceAnnotations):
        strata = _rarest_tags(answers)
    elif answers.kind == "labels":
        strata = _votes(answers)
    else:
        strata = _mean_quantiles(answers)
    return _numbered_by_appearance(strata)


def _votes(annotations):
    """Return the class with most votes of every item, (n_items,)."""
    n_classes = len(annotations.classes)
    key = annotations.item * np.int64(n_classes) + annotations.answer
    key, n_votes = np.unique(key, return_counts=True)
    item, voted = np.divmod(key, n_classes)
    in_all = np.bincount(annotations.answer, minlength=n_classes)
    kept = np.flatnonzero(_is_most(n_votes, item))
    kept = kept[_is_most(-in_all[voted[kept]], item[kept])]
    votes = np.full(annotations.n_items, NO_VOTE)
    votes[item[kept[::-1]]] = voted[kept[::-1]]  # the first class, of equals
    return votes


def _is_most(values, item):
    """Mark the values that are the largest of their item; `item` is ascending."""
    if not item.size:
        return np.zeros(0, dtype=bool)
    starts = np.flatnonzero(np.diff(item, prepend=item[0] - 1))
    largest = np.maximum.reduceat(values, starts)
    return values == np.repeat(largest, np.diff(starts, append=item.size))


def _rarest_tags(sequences):
    """Return the rarest tag of every sequence among the votes on its tokens."""
    votes = _votes(sequences.tokens)
    n_voted = np.bincount(votes[votes >= 0], minlength=len(sequences.classes))
    rarity = (-n_voted).argsort(kind="stable").argsort()
    rarity = np.append(rarity, NO_VOTE)[votes]
    return np.maximum.reduceat(rarity, sequences.offsets[:-1])


def _mean_quantiles(annotations):
    """Tenth of the mean rating of every item; equal means are in the same."""
    n_ratings = annotations.answers_per_item
    answered = n_ratings > 0
    strata = np.full(annotations.n_items, NO_VOTE)
    if not answered.any():
        return strata
    order = np.lexsort((annotations.answer, annotations.item))
    rating = annotations.answer[order]
    total = np.bincount(annotations.item, rating, annotations.n_items)
    mean = total[answered] / n_ratings[answered]
    bounds = np.quantile(mean, np.arange(1, N_QUANTILES) / N_QUANTILES)
    strata[answered] = np.searchsorted(bounds, mean, side="right")
    return strata


def _numbered_by_appearance(strata):
    _, first, code = np.unique(strata, return_index=True, return_inverse=True)
    return first.argsort().argsort()[code.reshape(-1)]
