"""Counts of answers to tokens, by the annotator's answer to the token before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from skcrowd.aggregation._pooled_confusion import pooled_confusion

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, FloatArray, IntArray
    from skcrowd.annotations import Annotations

    from ._answer_evidence import Evidence
    from ._expected_counts import ExpectedCounts


__all__ = [
    "SEQUENCE_WAY_OUT",
    "SequenceCounts",
    "marginal_confusion",
    "sequence_bytes",
    "sequence_confusion",
    "spread_counts",
]

SMALL = 1e-6  # pseudo-counts of contexts that do not occur
DOUBLE = 8  # bytes
COPIES = 6  # of the table of answers in context, while it is counted and shrunk
TOKEN_ARRAYS = 3  # number of arrays of tokens × states × states
SEQUENCE_WAY_OUT = (
    'set previous_truth=False, use dawid_skene (method="em" or "regularized_em" of the '
    "tagger), which takes tokens one by one, or merge classes"
)


def sequence_bytes(
    n_annotators: int,
    n_classes: int,
    n_states: int,
    n_tokens: int,
    *,
    previous_truth: bool,
) -> int:
    """Estimate the peak of memory that answers in their contexts take.

    Parameters
    ----------
    n_annotators, n_classes, n_states, n_tokens : int
    previous_truth : bool
        Whether answers depend on the truth before.

    Returns
    -------
    n_bytes : int
    """
    n_contexts = n_states + 1 if previous_truth else 1
    table = n_annotators * (n_classes + 1) * n_contexts * n_states * n_classes
    tokens = n_tokens * (n_states + 1) * n_states
    return DOUBLE * (COPIES * table + TOKEN_ARRAYS * tokens)


class SequenceCounts:
    """The two sums over the answers of a chain, as products with one sparse matrix.

    Row (r, p, j) stands for "annotator r answers j, and p to the token before", where
    p = n_classes means no answer to that token, or no such token. The columns are the
    tokens. Truth has contexts and states; the cost is answers × contexts × states.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels", an item a token.
    is_first : bool ndarray of shape (n_tokens,)
        True where a sentence begins.
    weight : ndarray of shape (n_tokens,)
        Weights of the tokens in the counts.
    evidence : Evidence
        What each answer is worth: :attr:`Evidence.single` of :func:`gather_evidence`,
        because the tag before must be one. Answers of any worth are the context of the
        next ones.
    """

    def __init__(
        self,
        annotations: Annotations,
        is_first: BoolArray,
        weight: FloatArray,
        evidence: Evidence,
    ) -> None:
        n_classes = len(annotations.classes)
        self.shape = annotations.n_annotators, n_classes + 1, n_classes
        previous = _previous_answers(annotations, is_first)
        cell = annotations.annotator, previous, annotations.answer
        row = np.ravel_multi_index(cell, self.shape)
        shape = (np.prod(self.shape), annotations.n_items)
        ones = np.ones(annotations.n_answers)
        number, power = (
            ones if worth is None else worth
            for worth in (evidence.number, evidence.power)
        )
        self._incidence = sparse.csc_array((power, row, annotations.indptr), shape)
        counted = sparse.csc_array((number, row, annotations.indptr), shape)
        self._weighted = counted @ sparse.diags_array(weight)

    def expected_counts(self, truth: FloatArray) -> FloatArray:
        """Sum the posterior over the answers each annotator gave.

        Parameters
        ----------
        truth : ndarray of shape (n_tokens, n_contexts, n_states)
            Probability of the context and the state of every token.

        Returns
        -------
        counts : ndarray of shape \
                (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
            ``[r, p, c, i, j]``: how often r answered j, after p, where the truth is in
            state i and context c.
        """
        counts = self._weighted @ truth.reshape(len(truth), -1)
        counts = counts.reshape(*self.shape, *truth.shape[1:])
        return np.ascontiguousarray(np.moveaxis(counts, 2, 4))

    def log_likelihood(self, confusion: FloatArray) -> FloatArray:
        """Return the log-probability of every token's answers, given context and state.

        Parameters
        ----------
        confusion : ndarray of shape \
                (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)

        Returns
        -------
        log_likelihood : ndarray of shape (n_tokens, n_contexts, n_states)
        """
        log_confusion = np.log(np.maximum(confusion, np.finfo(np.float64).tiny))
        log_confusion = np.moveaxis(log_confusion, 4, 2)
        by_cell = log_confusion.reshape(np.prod(self.shape), -1)
        return (self._incidence.T @ by_cell).reshape(-1, *log_confusion.shape[3:])


def _previous_answers(annotations: Annotations, is_first: BoolArray) -> IntArray:
    """Return the annotator's answer to the token before, or n_classes, (n_answers,)."""
    cell = annotations.item * annotations.n_annotators + annotations.annotator
    previous_cell = cell - annotations.n_annotators
    position = np.searchsorted(cell, previous_cell)
    exists = (cell[position] == previous_cell) & ~is_first[annotations.item]
    return np.where(exists, annotations.answer[position], len(annotations.classes))


def spread_counts(
    by_tag: ExpectedCounts | Array, counts: Array, state_tag: IntArray
) -> Any:
    """Distribute counts by tag over the contexts, in the shares of the crowd.

    Parameters
    ----------
    by_tag : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts
        How often each annotator gave each answer, by the true tag.
    counts : ndarray of shape \
            (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
        As from :meth:`SequenceCounts.expected_counts`.
    state_tag : int ndarray of shape (n_states,)

    Returns
    -------
    spread : ndarray of the shape of `counts`
    """
    crowd = counts.sum(axis=(0, 4)) + SMALL
    total = crowd.sum(axis=(0, 1)) @ _one_hot(state_tag)
    share = crowd / total[state_tag]
    by_tag = np.asarray(by_tag)
    return share[None, ..., None] * by_tag[:, None, None, state_tag]


def sequence_confusion(
    counts: FloatArray, pseudo_counts: float, state_tag: IntArray
) -> FloatArray:
    """Turn expected counts into answer probabilities, shrunk in three steps.

    Every row is shrunk by `pseudo_counts` pseudo-counts: that of an annotator to the
    crowd's row after the same answer and in the same context, this one to the crowd's
    row over all answers and contexts, and this one, if a tag has several states, to the
    row of the tag.

    Parameters
    ----------
    counts : ndarray of shape \
            (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
        As from :meth:`SequenceCounts.expected_counts`.
    pseudo_counts : float
        Pseudo-counts a row. 0 means the plain relative frequencies, or the crowd's
        where a row has no count at all.
    state_tag : int ndarray of shape (n_states,)
        Code of the tag of every state.

    Returns
    -------
    confusion : ndarray of the shape of `counts`
        The last axis sums to 1.
    """
    by_state = counts.sum(axis=(1, 2))
    by_tag = pooled_confusion(_one_hot(state_tag).T @ by_state)
    plain = _shrunk(by_state.sum(axis=0), by_tag[state_tag], pseudo_counts)
    crowd = _shrunk(counts.sum(axis=0), plain, pseudo_counts)
    return _shrunk(counts, crowd, pseudo_counts)


def marginal_confusion(
    counts: FloatArray, confusion: FloatArray, pseudo_counts: float, state_tag: IntArray
) -> FloatArray:
    """Average the answer probabilities of every tag over all contexts.

    Parameters
    ----------
    counts, confusion : ndarray of shape \
            (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
    pseudo_counts : float
        Pseudo-counts that shrink the weights of the contexts, their shares among the
        annotator's answers, to the crowd's.
    state_tag : int ndarray of shape (n_states,)

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i); rows sum to 1.
    """
    fold = _one_hot(state_tag)
    weight = counts.sum(axis=4)
    crowd = weight.sum(axis=0) + SMALL
    share = crowd / (crowd.sum(axis=(0, 1)) @ fold)[state_tag]
    weight = weight + max(pseudo_counts, SMALL) * share
    marginal = fold.T @ (weight[..., None] * confusion).sum(axis=(1, 2))
    return marginal / marginal.sum(axis=2, keepdims=True)


def _shrunk(counts: FloatArray, prior: FloatArray, pseudo_counts: float) -> FloatArray:
    """Return (counts + pseudo_counts * prior) / total along the last axis."""
    total = counts.sum(axis=-1, keepdims=True) + pseudo_counts
    shares = (counts + pseudo_counts * prior) / np.where(total > 0, total, 1)
    return np.where(total > 0, shares, prior)


def _one_hot(state_tag: IntArray) -> FloatArray:
    return np.eye(state_tag.max() + 1)[state_tag]
