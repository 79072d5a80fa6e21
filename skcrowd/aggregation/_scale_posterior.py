"""Posterior of classes that have an order, each of which is a part of a scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import log_softmax, softmax

from skcrowd.annotations._memory import row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.aggregation import AnswerCounts


__all__ = ["scale_posterior"]

PLACES = -1 / 3, 0.0, 1 / 3  # of the truth in its class, in steps
LEAST_LOG = float(np.log(np.finfo(np.float64).tiny))  # in slopes


def scale_posterior(
    counts: AnswerCounts,
    log_truth: FloatArray,
    confusion: FloatArray,
    ranks: Array,
    answer_weight: FloatArray | None = None,
) -> FloatArray:
    """Combine predictions and answers, where a class is a part of a scale.

    What lies between two grades gets both, from all annotators: their answers depend on
    each other given the class, but hardly given the place on the scale. So the truth is
    at one of three places in its class. Logarithms of confusions are linear between two
    classes, and so are those of the predictions within a class.

    Parameters
    ----------
    counts : AnswerCounts
    log_truth : ndarray of shape (n_items, n_classes)
        Log-probabilities of the classes without the answers.
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
    ranks : int64 ndarray of shape (n_classes,)
        Place of every class in the order, of at least two.
    answer_weight : ndarray of shape (n_answers,), default=None
        Factors of the log-probabilities of the answers.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
    """
    by_rank, shape = np.argsort(ranks), log_truth.shape
    total = np.full(shape, -np.inf)  # classes from lowest to highest
    for number, moved in enumerate(_moved(confusion, by_rank)):
        likelihood = np.zeros(shape)
        counts.add_log_likelihood(likelihood, moved, answer_weight)
        for rows in row_blocks(*shape):
            joint = _log_shares(log_truth[rows, by_rank], number)
            joint += likelihood[rows, by_rank]
            total[rows] = np.logaddexp(total[rows], joint)
    for rows in row_blocks(*shape):
        total[rows] = softmax(total[rows], axis=1)[:, ranks]
    return total


def _log_shares(log_truth: FloatArray, number: int) -> FloatArray:
    """Return the log-probabilities of one of the places in each class."""
    slope = np.gradient(np.maximum(log_truth, LEAST_LOG), axis=1)
    shares = log_softmax([slope * place for place in PLACES], axis=0)
    return np.asarray(log_truth + shares[number])


def _moved(confusion: FloatArray, by_rank: Array) -> Iterator[FloatArray]:
    """Yield the confusions of a truth at each of the places in its class."""
    tiny = np.finfo(np.float64).tiny
    log_confusion = np.log(np.maximum(confusion[:, by_rank], tiny))
    difference = np.diff(log_confusion, axis=1)
    up = np.concatenate([difference, difference[:, -1:]], axis=1)
    down = np.concatenate([difference[:, :1], difference], axis=1)
    back = np.argsort(by_rank)
    for place in PLACES:
        moved = log_confusion + place * (up if place > 0 else down)
        yield np.asarray(softmax(moved, axis=2)[:, back])
