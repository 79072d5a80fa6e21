"""The model of Dawid and Skene."""

from typing import NamedTuple

import numpy as np
from scipy.special import logsumexp

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._given import gold_codes
from skcrowd.aggregation._lazy_confusion import LazyConfusion
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.aggregation._pooled_confusion import shrunk_confusion
from skcrowd.annotations import check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._memory import is_large, row_blocks
from skcrowd.annotations._weights import read_weight

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
    """

    posterior: np.ndarray
    confusion: np.ndarray | LazyConfusion
    class_prior: np.ndarray
    n_iter: int


def dawid_skene(
    annotations,
    *,
    pseudo_counts=1.0,
    max_iter=300,
    tol=1e-4,
    sample_weight=None,
    gold=None,
    annotator_counts=None,
):
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

    Returns
    -------
    result : DawidSkeneResult
        ``posterior`` (n_items, n_classes), ``confusion`` (n_annotators, n_classes,
        n_classes) with rows that sum to 1, ``class_prior`` (n_classes,), ``n_iter``.

    Raises
    ------
    ValueError
        If `max_iter` is below 1, or no item with an answer has a positive weight.

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
    posterior = _clamped(majority_vote(annotations), gold)
    n_iter, change = 0, np.inf
    while n_iter < max_iter and change >= tol:
        n_iter += 1
        prior = _mean_over_items(posterior, weight)
        expected_counts = counts.expected_counts(posterior, weight)
        if annotator_counts is not None:
            expected_counts = expected_counts + annotator_counts
        confusion = shrunk_confusion(expected_counts, pseudo_counts)
        with np.errstate(divide="ignore"):
            updated = counts.log_likelihood(confusion)
            updated += np.log(prior)
        change_of_item = np.empty(len(updated))
        # Normalised in log space, where products of many probabilities do not
        # underflow: p(k | answers) = exp(joint_k - log Σ_i exp(joint_i)).
        for rows in row_blocks(*updated.shape):
            joint = updated[rows]
            updated[rows] = np.exp(joint - logsumexp(joint, axis=1, keepdims=True))
        updated = _clamped(updated, gold)
        for rows in row_blocks(*updated.shape):
            difference = np.abs(updated[rows] - posterior[rows])
            change_of_item[rows] = difference.mean(axis=1)
        change = np.average(change_of_item, weights=weight)
        posterior = updated
    warn_unless_converged("dawid_skene", change, tol, n_iter)
    return DawidSkeneResult(posterior, confusion, prior, n_iter)


def _mean_over_items(posterior, weight):
    """Return the weighted mean of the rows, (n_classes,)."""
    if is_large(*posterior.shape):
        return weight @ posterior / weight.sum()
    return np.average(posterior, axis=0, weights=weight)


def _clamped(posterior, gold):
    """Return a C-contiguous posterior, one-hot in the rows of known truth."""
    if gold is None:
        return posterior
    posterior, known = np.ascontiguousarray(posterior), np.flatnonzero(gold >= 0)
    posterior[known] = 0
    posterior[known, gold[known]] = 1
    return posterior
