"""Votes weighted by annotator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation.labels._label_inference import Answers

__all__ = ["agreement_with", "weighted_vote"]


def weighted_vote(answers: Answers, weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of every class in the weighted votes.

    Parameters
    ----------
    answers : Answers
    weight : ndarray of shape (n_annotators,)
        Not negative.

    Returns
    -------
    share : ndarray of shape (n_items, n_classes)
        One-hot at gold. The plain shares of the votes where all weights are 0; the
        mean of the others for an item without answers.
    """
    share = answers.scores(weight[answers.annotator])
    total = share.sum(axis=1)
    is_weighted = total > 0
    share[is_weighted] /= total[is_weighted, None]
    share[~is_weighted] = answers.votes[~is_weighted]
    return answers.clamp(share)


def agreement_with(
    posterior: NDArray[np.float64], answers: Answers
) -> NDArray[np.float64]:
    """Return the share of every annotator's answers that are the most probable class.

    Parameters
    ----------
    posterior : ndarray of shape (n_items, n_classes)
    answers : Answers

    Returns
    -------
    share : ndarray of shape (n_annotators,)
        Classes that are equally probable share the agreement. The mean over all
        answers for annotators without any.
    """
    is_best = np.isclose(posterior, posterior.max(axis=1, keepdims=True), atol=1e-9)
    best = is_best / is_best.sum(axis=1, keepdims=True)
    agrees = best[answers.item, answers.answer]
    n_answers = answers.per_annotator
    share = answers.sum_by_annotator(agrees) / np.maximum(n_answers, 1)
    return np.where(n_answers > 0, share, agrees.mean())
