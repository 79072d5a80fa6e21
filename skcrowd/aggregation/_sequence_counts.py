"""Answers to the tokens of sentences, each seen with the answer before it."""

import numpy as np
from scipy import sparse

from skcrowd.aggregation._pooled_confusion import pooled_confusion

__all__ = [
    "SEQUENCE_WAY_OUT",
    "SequenceCounts",
    "marginal_confusion",
    "sequence_bytes",
    "sequence_confusion",
    "spread_counts",
]

SMALL = 1e-6  # counts, where a context was never met
DOUBLE = 8  # bytes
COPIES = 6  # of the table of answers in context, while it is counted and shrunk
OF_TOKENS = 3  # arrays of tokens × states × states
SEQUENCE_WAY_OUT = (
    'set previous_truth=False, use dawid_skene (method="em" or "regularized_em" of the '
    "tagger), which takes tokens one by one, or merge classes"
)


def sequence_bytes(n_annotators, n_classes, n_states, n_tokens, *, previous_truth):
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
    return DOUBLE * (COPIES * table + OF_TOKENS * tokens)


class SequenceCounts:
    """The two sums over the answers of a chain, as products with one sparse matrix.

    Row (r, p, j) stands for "annotator r, who answered p to the token before, answers
    j"; p = n_classes: to the token before he gave no answer, or there is none. The
    columns are the tokens. The truth is in one of some states and contexts; the cost is
    answers × contexts × states.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels", an item a token.
    is_first : bool ndarray of shape (n_tokens,)
        True where a sentence begins.
    weight : ndarray of shape (n_tokens,)
        Weights of the tokens in the counts.
    """

    def __init__(self, annotations, is_first, weight):
        n_classes = len(annotations.classes)
        self.shape = annotations.n_annotators, n_classes + 1, n_classes
        previous = _previous_answers(annotations, is_first)
        cell = annotations.annotator, previous, annotations.answer
        row = np.ravel_multi_index(cell, self.shape)
        shape = (np.prod(self.shape), annotations.n_items)
        ones = np.ones(annotations.n_answers)
        self._incidence = sparse.csc_array((ones, row, annotations.indptr), shape)
        self._weighted = self._incidence @ sparse.diags_array(weight)

    def expected_counts(self, truth):
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

    def log_likelihood(self, confusion):
        """Log-probability of every token's answers, given context and state.

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


def _previous_answers(annotations, is_first):
    """Answer of the same annotator to the token before; n_classes where none."""
    cell = annotations.item * annotations.n_annotators + annotations.annotator
    wanted = cell - annotations.n_annotators
    at = np.searchsorted(cell, wanted)
    found = (cell[at] == wanted) & ~is_first[annotations.item]
    return np.where(found, annotations.answer[at], len(annotations.classes))


def spread_counts(by_tag, counts, state_tag):
    """Spread answers that are counted by tag alone as the crowd's are in context.

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


def sequence_confusion(counts, pseudo_counts, state_tag):
    """Turn soft counts into answer probabilities, shrunk step by step.

    Every annotator's row starts with `pseudo_counts` pseudo-counts spread as the whole
    crowd's row is after the same answer and in the same context; that one with as many
    spread as the crowd's row is over all of these; that one, where a tag has several
    states, with as many spread as the tag's is.

    Parameters
    ----------
    counts : ndarray of shape \
            (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
        As from :meth:`SequenceCounts.expected_counts`.
    pseudo_counts : float
        Pseudo-counts a row. 0 means the plain relative frequencies (the crowd's
        where a row has no count at all).
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


def marginal_confusion(counts, confusion, pseudo_counts, state_tag):
    """Average the answer probabilities of every tag over all contexts, by use.

    Parameters
    ----------
    counts, confusion : ndarray of shape \
            (n_annotators, n_classes + 1, n_contexts, n_states, n_classes)
    pseudo_counts : float
        Pseudo-counts that shrink the shares in which an annotator meets the contexts
        to the crowd's.
    state_tag : int ndarray of shape (n_states,)

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i); rows sum to 1.
    """
    fold = _one_hot(state_tag)
    use = counts.sum(axis=4)
    crowd = use.sum(axis=0) + SMALL
    share = crowd / (crowd.sum(axis=(0, 1)) @ fold)[state_tag]
    use = use + max(pseudo_counts, SMALL) * share
    marginal = fold.T @ (use[..., None] * confusion).sum(axis=(1, 2))
    return marginal / marginal.sum(axis=2, keepdims=True)


def _shrunk(counts, prior, pseudo_counts):
    """Shares along the last axis, with pseudo-counts spread as the prior is."""
    total = counts.sum(axis=-1, keepdims=True) + pseudo_counts
    shares = (counts + pseudo_counts * prior) / np.where(total > 0, total, 1)
    return np.where(total > 0, shares, prior)


def _one_hot(state_tag):
    return np.eye(state_tag.max() + 1)[state_tag]
