"""The model of Dawid and Skene."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import logsumexp

from skcrowd.aggregation._annotator_groups import vote_weights
from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._given import gold_codes
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._pooled_confusion import shrunk_confusion
from skcrowd.aggregation._vote_discount import discounted_votes
from skcrowd.annotations import check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._memory import is_large, row_blocks
from skcrowd.annotations._weights import read_weight

if TYPE_CHECKING:
    from skcrowd._typing import Array, ArrayLike, Confusions, FloatArray, IntArray
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
    annotator_groups : "auto", mapping or array-like of shape (n_annotators,), \
            default=None
        Families of annotators who err together, as in :func:`majority_vote`: the
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
    counts = AnswerCounts(annotations)
    gold = gold_codes(gold, len(annotations), len(annotations.classes))
    known = annotations.answers_per_item > 0
    if gold is not None:
        known = known | (gold >= 0)
    weight = read_weight(sample_weight, len(annotations)) * known
    if not weight.any():
        raise ValueError(
            "no item with an answer has a positive weight; there is nothing to infer "
            "the truth from."
        )
    answer_weight = vote_weights(annotations, annotator_groups)
    if initial_posterior is None:
        votes = majority_vote(annotations)
        posterior = discounted_votes(annotations, votes, answer_weight)
    else:
        posterior = initial_posterior
    posterior = _clamped(posterior, gold)
    n_iter, change = 0, np.inf
    while n_iter < max_iter and change >= tol:
        n_iter += 1
        prior = _mean_over_items(posterior, weight)
        expected_counts = counts.expected_counts(posterior, weight)
        if annotator_counts is not None:
            expected_counts = expected_counts + annotator_counts
        confusion = shrunk_confusion(expected_counts, pseudo_counts)
        with np.errstate(divide="ignore"):
            updated = counts.log_likelihood(confusion, answer_weight)
            updated += np.log(prior)
        change_of_item, evidence = np.empty(len(updated)), np.empty(len(updated))
        # Normalised in log space, where products of many probabilities do not
        # underflow: p(k | answers) = exp(joint_k - log Σ_i exp(joint_i)).
        for rows in row_blocks(*updated.shape):
            joint = updated[rows]
            total = logsumexp(joint, axis=1, keepdims=True)
            evidence[rows] = total[:, 0]
            updated[rows] = np.exp(joint - total)
        updated = _clamped(updated, gold)
        for rows in row_blocks(*updated.shape):
            difference = np.abs(updated[rows] - posterior[rows])
            change_of_item[rows] = difference.mean(axis=1)
        change = np.average(change_of_item, weights=weight)
        posterior = updated
    warn_unless_converged("dawid_skene", change, tol, n_iter)
    log_likelihood = float(weight @ np.where(weight > 0, evidence, 0.0))
    return DawidSkeneResult(
        posterior, confusion, prior, n_iter, float(change), log_likelihood
    )


def _mean_over_items(posterior: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the weighted mean of the rows, (n_classes,)."""
    if is_large(*posterior.shape):
        return weight @ posterior / weight.sum()
    return np.average(posterior, axis=0, weights=weight)


def _clamped(posterior: FloatArray, gold: Any) -> FloatArray:
    """Return a C-contiguous posterior, one-hot in the rows of known truth."""
    if gold is None:
        return posterior
    posterior, known = np.ascontiguousarray(posterior), np.flatnonzero(gold >= 0)
    posterior[known] = 0
    posterior[known, gold[known]] = 1
    return posterior
