"""How much confusions are shrunk, by the likelihood of answers to items left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from skcrowd.aggregation._shrinkage import (
    POOLED_COUNTS,
    POOLED_DIAGONAL,
    shrunk_to_crowd,
)

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray


__all__ = ["CountsOfOthers", "answer_center", "without_item"]

CROWD_COUNTS = 1.0, 4.0, 16.0, 64.0, 256.0  # of one accuracy for all, tried in order
OWN_COUNTS = 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0  # of the crowd's confusion


class CountsOfOthers(NamedTuple):
    """What answers to other items tell of each answer, by the true class.

    All are of shape (n_answers, n_classes).

    Attributes
    ----------
    posterior : ndarray
        Of the true class of the answer's item.
    own_count, own_total : ndarray
        Expected numbers of such answers by the same annotator, and of all answers.
    crowd_count, crowd_total : ndarray
        The same of the whole crowd.
    center : ndarray
        Probability of the answer where all annotators have one accuracy, and all
        errors are as frequent.
    """

    posterior: np.ndarray
    own_count: np.ndarray
    own_total: np.ndarray
    crowd_count: np.ndarray
    crowd_total: np.ndarray
    center: np.ndarray

    def of(self, rows: slice) -> Self:
        """Select answers."""
        return type(self)(*(values[rows] for values in self))

    def typical(self, crowd_counts: float) -> FloatArray:
        """Return the probabilities of the answers in the confusion of the crowd."""
        return shrunk_to_crowd(
            self.crowd_count, self.center, self.crowd_total, crowd_counts
        )

    def probability(self, crowd_counts: float, own_counts: float) -> FloatArray:
        """Return the probabilities of the answers in that of their annotators."""
        typical = self.typical(crowd_counts)
        return shrunk_to_crowd(self.own_count, typical, self.own_total, own_counts)

    def likely_counts(self) -> tuple[float, float]:
        """Return the pseudo-counts that predict the answers best.

        Those of the crowd are chosen first, by the confusion of the crowd alone, then
        those of the annotators. Of equal ones the first is taken.

        Returns
        -------
        crowd_counts, own_counts : float
        """
        crowd = max(CROWD_COUNTS, key=lambda n: self._log_likelihood(self.typical(n)))
        own = max(
            OWN_COUNTS,
            key=lambda n: self._log_likelihood(self.probability(crowd, n)),
        )
        return crowd, own

    def _log_likelihood(self, probability: FloatArray) -> float:
        return float(np.vdot(self.posterior, np.log(probability)))


def answer_center(crowd: FloatArray, answer: IntArray) -> FloatArray:
    """Return the probabilities of answers under the accuracy of the whole crowd.

    Parameters
    ----------
    crowd : ndarray of shape (n_classes, n_classes)
        Expected numbers of answers, by truth and answer.
    answer : int ndarray of shape (n_answers,)

    Returns
    -------
    probability : ndarray of shape (n_answers, n_classes)
    """
    n_classes = len(crowd)
    right = np.trace(crowd) + POOLED_COUNTS * POOLED_DIAGONAL
    accuracy = right / (crowd.sum() + POOLED_COUNTS)
    center = np.full((len(answer), n_classes), (1 - accuracy) / max(n_classes - 1, 1))
    center[np.arange(len(answer)), answer] = accuracy
    return center


def without_item(
    crowd: FloatArray, item: IntArray, answer: IntArray, posterior: Array, number: Array
) -> tuple[FloatArray, FloatArray]:
    """Count the answers of a crowd without those to the item of each answer.

    Parameters
    ----------
    crowd : ndarray of shape (n_classes, n_classes)
        Expected numbers of answers, by truth and answer.
    item, answer : int ndarray of shape (n_answers,)
    posterior : ndarray of shape (n_answers, n_classes)
        Of the true class of the item.
    number : ndarray of shape (n_answers,)
        How many equal answers each is.

    Returns
    -------
    crowd_count, crowd_total : ndarray of shape (n_answers, n_classes)
        Numbers of equal answers, and of all.
    """
    same = _sum_by(item * len(crowd) + answer, number)
    equal = crowd[:, answer].T - same[:, None] * posterior
    every = crowd.sum(axis=1) - _sum_by(item, number)[:, None] * posterior
    return np.maximum(equal, 0), np.maximum(every, 0)


def _sum_by(key: IntArray, number: Array) -> Array:
    """Sum numbers by key, and return the sum of each one's key."""
    of_key = np.unique(key, return_inverse=True)[1]
    sums: Array = np.bincount(of_key, number)
    return sums[of_key]
