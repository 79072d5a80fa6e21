"""Precision and recall of the labels that each annotator ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.metrics._annotator_accuracy import RightAnswers, right_answers
from skcrowd.metrics._span_accuracy import SpanCounts, cluster_sums

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.annotations import Annotations


__all__ = ["TickCounts", "tick_counts"]


class TickCounts(NamedTuple):
    """Labels that annotators ticked and did not tick, and how many are right.

    Attributes
    ----------
    n_ticked, n_left : ndarray of shape (n_annotators, n_labels)
        Items of which the annotator ticked the label, and of which not.
    ticked, left : RightAnswers of shape (n_annotators, n_labels)
        Expected numbers of these that are right.
    clusters : ndarray of shape (2, 2)
        :func:`skcrowd.metrics._span_accuracy.cluster_sums` of ticked labels and of true
        ones, by item and annotator.
    """

    n_ticked: np.ndarray
    n_left: np.ndarray
    ticked: RightAnswers
    left: RightAnswers
    clusters: np.ndarray

    def stored(self) -> tuple[Any, ...]:
        """Return the counts as plain tuples of arrays, which files can hold."""
        n_ticked, n_left, ticked, left, clusters = self
        return n_ticked, n_left, tuple(ticked), tuple(left), clusters

    @classmethod
    def of(cls, stored: tuple[Any, ...]) -> TickCounts:
        """Return the counts that :meth:`stored` returned.

        Parameters
        ----------
        stored : tuple
        """
        n_ticked, n_left, ticked, left, clusters = stored
        pair = RightAnswers(*ticked), RightAnswers(*left)
        return cls(n_ticked, n_left, *pair, clusters)

    def columns(self, level: float, *, by_label: bool) -> dict[str, Array]:
        """Return how right the ticks are, by annotator or by annotator and label.

        Parameters
        ----------
        level : float
            Probability that an interval holds the value.
        by_label : bool

        Returns
        -------
        columns : dict from str to ndarray of shape (n_annotators,), or \
                (n_annotators * n_labels,)
        """
        if by_label:
            n_ticked, n_left = self.n_ticked.ravel(), self.n_left.ravel()
            ticked, left = _mapped(self.ticked, np.ravel), _mapped(self.left, np.ravel)
            clusters = np.ones((2, 2))  # an annotator decides once on an item
        else:
            n_ticked, n_left = self.n_ticked.sum(axis=1), self.n_left.sum(axis=1)
            ticked, left = _mapped(self.ticked, _sum), _mapped(self.left, _sum)
            clusters = self.clusters
        missed = n_left - left.mean
        counts = SpanCounts(
            n_ticked, ticked.mean, ticked.doubt(), missed, left.doubt(), clusters
        )
        n_decisions = n_ticked + n_left
        accuracy = np.full(len(n_decisions), np.nan)
        right = ticked.mean + left.mean
        np.divide(right, n_decisions, out=accuracy, where=n_decisions > 0)
        return {
            "n_ticked": n_ticked,
            "accuracy": np.minimum(accuracy, 1),
            **counts.columns(level, prefix=""),
        }


def tick_counts(
    decisions: Annotations, posterior: FloatArray, calibrated: FloatArray, n_labels: int
) -> TickCounts:
    """Count the labels that each annotator ticked and did not tick.

    Parameters
    ----------
    decisions : Annotations of shape (n_items * n_labels, n_annotators * n_labels)
        1 where ticked; annotators are the pairs of an annotator and a label.
    posterior : ndarray of shape (n_items * n_labels, 2)
        Probabilities that the label does not apply, and that it does.
    calibrated : ndarray of shape (n_items * n_labels, 2)
        A posterior that is not too certain, from which variances are computed.
    n_labels : int

    Returns
    -------
    counts : TickCounts
    """
    shape = -1, n_labels
    is_ticked = decisions.answer == 1
    parts = [decisions.select_answers(mask) for mask in (is_ticked, ~is_ticked)]
    ticked, left = (
        _mapped(right_answers(part, posterior, calibrated), lambda v: v.reshape(shape))
        for part in parts
    )
    n_ticked, n_left = (part.answers_per_annotator.reshape(shape) for part in parts)
    clusters = _clusters(decisions, posterior, n_labels)
    return TickCounts(n_ticked, n_left, ticked, left, clusters)


def _clusters(decisions: Annotations, posterior: FloatArray, n_labels: int) -> Array:
    """Return sums of deviations, whose clusters are the sets of labels.

    A ticked label is right with probability q, its deviation q minus the mean of its
    annotator. A true label is ticked with the recall ρ of its annotator; the deviation
    is q (1 - ρ) of a label that was ticked, and -q ρ of one that was not.
    """
    annotator = decisions.annotator // n_labels
    n_annotators = decisions.n_annotators // n_labels
    q, is_ticked = posterior[decisions.item, 1], decisions.answer == 1
    n_ticked = np.bincount(annotator, is_ticked, n_annotators)
    hits = np.bincount(annotator, q * is_ticked, n_annotators)
    true = np.bincount(annotator, q, n_annotators)
    precision = (hits / np.maximum(n_ticked, 1))[annotator]
    recall = (hits / np.maximum(true, np.finfo(float).tiny))[annotator]
    pair = decisions.item // n_labels * np.int64(n_annotators) + annotator
    _, cluster = np.unique(pair, return_inverse=True)
    cluster = cluster.reshape(-1)
    of_ticked = cluster_sums((q - precision) * is_ticked, cluster)
    of_true = cluster_sums(q * (is_ticked - recall), cluster)
    return np.stack([of_ticked, of_true])


def _mapped(right: RightAnswers, function: Any) -> RightAnswers:
    return RightAnswers(*map(function, right))


def _sum(values: Array) -> Any:
    return values.sum(axis=1)
