"""Precision and recall of the labels that each annotator ticked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._answer_evidence import given_weights
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
    weighed : tuple of two ndarray of shape (n_annotators, n_labels), or None
        By which sums of weights n_ticked and n_left are replaced in shares and
        intervals, as they are in `ticked`, `left` and `clusters`; None without weights.
    """

    n_ticked: np.ndarray
    n_left: np.ndarray
    ticked: RightAnswers
    left: RightAnswers
    clusters: np.ndarray
    weighed: tuple[np.ndarray, np.ndarray] | None = None

    def stored(self) -> tuple[Any, ...]:
        """Return the counts as plain tuples of arrays, which files can hold."""
        n_ticked, n_left, ticked, left, clusters, weighed = self
        counts = n_ticked, n_left, tuple(ticked), tuple(left), clusters
        return counts if weighed is None else (*counts, weighed)

    @classmethod
    def of(cls, stored: tuple[Any, ...]) -> TickCounts:
        """Return the counts that :meth:`stored` returned.

        Parameters
        ----------
        stored : tuple
        """
        n_ticked, n_left, ticked, left, clusters, *weighed = stored
        pair = RightAnswers(*ticked), RightAnswers(*left)
        return cls(n_ticked, n_left, *pair, clusters, *weighed)

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
        add: Any = np.ravel if by_label else _sum
        ticked, left = _mapped(self.ticked, add), _mapped(self.left, add)
        weighed = (self.n_ticked, self.n_left) if self.weighed is None else self.weighed
        n_ticked, n_left = map(add, weighed)
        # on a label of an item, an annotator decides once
        clusters = np.ones((2, 2)) if by_label else self.clusters
        missed = n_left - left.mean
        counts = SpanCounts(
            n_ticked, ticked.mean, ticked.doubt(), missed, left.doubt(), clusters
        )
        n_decisions = n_ticked + n_left
        accuracy = np.full(len(n_decisions), np.nan)
        right = ticked.mean + left.mean
        np.divide(right, n_decisions, out=accuracy, where=n_decisions > 0)
        return {
            "n_ticked": add(self.n_ticked),
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
    number = _effective_numbers(decisions, n_labels)
    masks = decisions.answer == 1, decisions.answer == 0
    parts = [decisions.select_answers(mask) for mask in masks]
    ticked, left = (
        _mapped(
            right_answers(part, posterior, calibrated, number[mask]),
            lambda v: v.reshape(shape),
        )
        for part, mask in zip(parts, masks, strict=True)
    )
    n_ticked, n_left = (part.answers_per_annotator.reshape(shape) for part in parts)
    clusters = _clusters(decisions, posterior, number, n_labels)
    weighed: Any = None
    if decisions.weight is not None:
        weighed = tuple(
            np.bincount(
                decisions.annotator, number * mask, decisions.n_annotators
            ).reshape(shape)
            for mask in masks
        )
    return TickCounts(n_ticked, n_left, ticked, left, clusters, weighed)


def _effective_numbers(decisions: Annotations, n_labels: int) -> FloatArray:
    """Return the weights of decisions, so that their sum is a number of decisions.

    Of an annotator's weights w, Σ w² / Σ w decisions are worth one (Kish, 1965): equal
    ones are no further decisions, and uneven ones are worth less than they are many.
    Weights below 1 are not made larger.
    """
    weight, annotator = given_weights(decisions), decisions.annotator // n_labels
    total, squares = (np.bincount(annotator, w) for w in (weight, weight**2))
    factor = np.divide(total, squares, out=np.ones(len(total)), where=squares > 0)
    return weight * np.minimum(factor, 1)[annotator]


def _clusters(
    decisions: Annotations, posterior: FloatArray, number: FloatArray, n_labels: int
) -> Array:
    """Return sums of deviations, whose clusters are the sets of labels.

    A ticked label is right with probability q, its deviation q minus the mean of its
    annotator. A true label is ticked with the recall ρ of its annotator; the deviation
    is q (1 - ρ) of a label that was ticked, and -q ρ of one that was not.
    """
    annotator = decisions.annotator // n_labels
    n_annotators = decisions.n_annotators // n_labels
    q, is_ticked = posterior[decisions.item, 1], decisions.answer == 1
    n_ticked = np.bincount(annotator, number * is_ticked, n_annotators)
    hits = np.bincount(annotator, number * q * is_ticked, n_annotators)
    true = np.bincount(annotator, number * q, n_annotators)
    least = np.finfo(float).tiny
    precision = (hits / np.maximum(n_ticked, least))[annotator]
    recall = (hits / np.maximum(true, least))[annotator]
    pair = decisions.item // n_labels * np.int64(n_annotators) + annotator
    _, cluster = np.unique(pair, return_inverse=True)
    cluster = cluster.reshape(-1)
    of_ticked = cluster_sums((q - precision) * is_ticked, cluster, number)
    of_true = cluster_sums(q * (is_ticked - recall), cluster, number)
    return np.stack([of_ticked, of_true])


def _mapped(right: RightAnswers, function: Any) -> RightAnswers:
    return RightAnswers(*map(function, right))


def _sum(values: Array) -> Any:
    return values.sum(axis=1)
