"""The model of Dawid and Skene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._annotator_groups import vote_weights
from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._answer_evidence import Evidence, gather_evidence
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._given import gold_codes
from skcrowd.aggregation._item_blocks import ItemBlocks, Sums, bayes
from skcrowd.aggregation._pooled_confusion import shrunk_confusion
from skcrowd.aggregation._vote_discount import discounted_votes
from skcrowd.annotations import check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._memory import is_large, row_blocks
from skcrowd.annotations._weights import read_weight

if TYPE_CHECKING:
    from skcrowd._typing import (
        Array,
        ArrayLike,
        Confusions,
        DTypeLike,
        FloatArray,
        IntArray,
    )
    from skcrowd.annotations import Annotations


__all__ = ["DawidSkeneResult", "dawid_skene"]


class DawidSkeneResult(NamedTuple):
    """Result of :func:`dawid_skene`.

    Attributes
    ----------
    posterior : ndarray of shape (n_items, n_classes)
        Probability of the truth of every item.
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
        ``[r, i, j]`` = P(r answers j | truth is i); rows sum to 1. Where that would be
        more than 2**24 numbers, :func:`numpy.asarray` makes it an array.
    class_prior : ndarray of shape (n_classes,)
        Shares of the classes.
    n_iter : int
        Number of iterations run.
    change : float
        Mean absolute change of the posterior in the last iteration.
    log_likelihood : float
        Of the answers, by the confusions before the last inference of the truth.

    Examples
    --------
    >>> from skcrowd.aggregation import dawid_skene
    >>> result = dawid_skene([[0, 0, 1], [1, 1, 1], [0, 0, 0]])
    >>> result.posterior.argmax(axis=1)
    array([0, 1, 0])
    """

    posterior: FloatArray
    confusion: Confusions
    class_prior: FloatArray
    n_iter: int
    change: float
    log_likelihood: float


def dawid_skene(
    annotations: Annotations | ArrayLike,
    *,
    pseudo_counts: float = 1.0,
    max_iter: int = 300,
    tol: float = 1e-4,
    sample_weight: Array | None = None,
    gold: IntArray | None = None,
    annotator_counts: FloatArray | None = None,
    initial_posterior: FloatArray | None = None,
    dtype: DTypeLike = np.float64,
    annotator_groups: Any = None,
) -> DawidSkeneResult:
    """Infer truth, confusions and class shares by expectation-maximisation.

    Parameters
    ----------
    annotations : Annotations or array-like of shape (n_items, n_annotators)
        Answers in any form that :func:`skcrowd.annotations.check_annotations` reads.
    pseudo_counts : float, default=1.0
        Pseudo-counts that shrink each row of an annotator's confusion to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    sample_weight : ndarray of shape (n_items,), default=None
        Weights of the items.
    gold : int ndarray of shape (n_items,), default=None
        Code of the class of every item whose truth is known; -1 for the others.
    annotator_counts : ndarray of shape (n_annotators, n_classes, n_classes), \
            default=None
        Answers of the annotators to other items, counted by truth and answer.
    initial_posterior : ndarray of shape (n_items, n_classes), default=None
        Where to begin; None is the shares of the votes.
    dtype : {float64, float32}, default=float64
        Of the posterior. float32 takes half of the memory and is faster; probabilities
        are then accurate to about 1e-5. A table of confusions that is too large to be
        made has float64.
    annotator_groups : "auto", mapping or array-like of shape (n_annotators,), \
            default=None
        Groups of annotators who err together, as in :func:`majority_vote`: the
        log-probabilities of their answers are multiplied by the weight of their votes.

    Returns
    -------
    result : DawidSkeneResult
        ``posterior`` (n_items, n_classes), ``confusion`` (n_annotators, n_classes,
        n_classes) with rows that sum to 1, ``class_prior`` (n_classes,), ``n_iter``,
        ``change``, ``log_likelihood``.

    Raises
    ------
    ValueError
        If `max_iter` is below 1, no item with an answer has a positive weight, or
        `annotator_groups` does not fit.

    Warns
    -----
    ConvergenceWarning
        If the change is still `tol` or more after `max_iter` iterations.

    References
    ----------
    A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates
    using the EM algorithm. Applied Statistics 28(1), 1979. doi:10.2307/2346806

    Examples
    --------
    >>> from skcrowd.aggregation import dawid_skene
    >>> from skcrowd.annotations import Annotations
    >>> answers = Annotations.from_dense([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    >>> dawid_skene(answers).posterior.argmax(axis=1)
    array([0, 1, 0, 1])
    """
    if max_iter < 1:
        raise ValueError(f"max_iter must be 1 or more, got {max_iter}.")
    check_aligned(annotations=annotations, sample_weight=sample_weight, gold=gold)
    annotations = check_annotations(annotations)
    n_items, n_classes = len(annotations), len(annotations.classes)
    gold = gold_codes(gold, n_items, n_classes)
    known = annotations.answers_per_item > 0
    if gold is not None:
        known = known | (gold >= 0)
    weight = read_weight(sample_weight, n_items) * known
    if not weight.any():
        raise ValueError(
            "no item with an answer has a positive weight; there is nothing to infer "
            "the truth from."
        )
    total_weight = weight.sum()
    answer_weight = vote_weights(annotations, annotator_groups)
    evidence = gather_evidence(annotations, weight, gold)
    is_plain = answer_weight is None and evidence.power is None
    steps: Any = _WholeSteps(annotations, answer_weight, evidence)
    is_table = not is_large(annotations.n_annotators, n_classes, n_classes)
    if is_table and is_plain:
        steps = ItemBlocks.of(annotations, dtype)
    if initial_posterior is None:
        votes = _shares_of_votes(steps.votes())
        initial_posterior = discounted_votes(
            annotations, votes, answer_weight, evidence
        )
    posterior = np.array(initial_posterior, dtype=dtype, order="C")
    if gold is not None:
        posterior[gold >= 0] = 0
        posterior[gold >= 0, gold[gold >= 0]] = 1
    of_items = None if (weight == 1).all() else weight
    n_iter, change = 0, np.inf
    sums = steps.sums(posterior, of_items)
    while n_iter < max_iter and change >= tol:
        n_iter += 1
        prior, expected_counts = sums.classes / total_weight, sums.counts
        if annotator_counts is not None:
            expected_counts = expected_counts + annotator_counts
        confusion = shrunk_confusion(expected_counts, pseudo_counts)
        sums = steps.update(posterior, confusion, prior, of_items, gold)
        change = sums.change / total_weight
    warn_unless_converged("dawid_skene", change, tol, n_iter)
    return DawidSkeneResult(
        posterior, confusion, prior, n_iter, float(change), float(sums.log_likelihood)
    )


def _shares_of_votes(counts: Array) -> Array:
    """Return the shares of the votes, the mean of the others without answers."""
    total = counts.sum(axis=1)
    answered = total > 0
    counts /= np.where(answered, total, 1)[:, None]
    if not answered.all():
        counts[~answered] = counts[answered].mean(axis=0)
    return counts


class _WholeSteps:
    """The steps of EM where answers have weights, or a table of confusions is large.

    Parameters
    ----------
    annotations : Annotations
    answer_weight : ndarray of shape (n_answers,), default=None
        By which the log-probabilities of the answers are multiplied.
    evidence : Evidence, default=None
        What each answer is worth.
    """

    def __init__(
        self,
        annotations: Annotations,
        answer_weight: FloatArray | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        self.counts = AnswerCounts(annotations, evidence=evidence)
        self.answer_weight = answer_weight

    def votes(self) -> Array:
        """Count the answers of every class, (n_items, n_classes)."""
        return np.ascontiguousarray(self.counts.per_item())

    def sums(self, posterior: Array, weight: FloatArray | None = None) -> Sums:
        """Return the sums over a given posterior; see :class:`ItemBlocks`."""
        # lazy counts refer to the posterior, which `update` overwrites
        counts = self.counts.expected_counts(posterior.copy(), weight)
        if weight is None:
            weight = np.ones(len(posterior))
        return Sums(counts, weight @ posterior)

    def update(
        self,
        posterior: Array,
        confusion: Any,
        class_prior: FloatArray,
        weight: FloatArray | None = None,
        gold: IntArray | None = None,
    ) -> Sums:
        """Infer the truth, and return the sums over it; see :class:`ItemBlocks`."""
        log_likelihood = self.counts.log_likelihood(confusion, self.answer_weight)
        with np.errstate(divide="ignore"):
            log_prior = np.log(class_prior)
        change, evidence = np.empty(len(posterior)), np.empty(len(posterior))
        for rows in row_blocks(*posterior.shape):
            by_class, evidence[rows] = bayes(log_likelihood[rows], log_prior)
            updated = by_class.T
            if gold is not None:
                known = np.flatnonzero(gold[rows] >= 0)
                updated[known] = 0
                updated[known, gold[rows][known]] = 1
            change[rows] = np.abs(updated - posterior[rows]).mean(axis=1)
            posterior[rows] = updated
        weighted = np.ones(len(posterior)) if weight is None else weight
        return self.sums(posterior, weight)._replace(
            change=float(weighted @ change),
            log_likelihood=float(weighted @ np.where(weighted > 0, evidence, 0)),
        )
