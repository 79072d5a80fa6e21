"""Confusion matrices that are computed on demand."""

import numpy as np

from skcrowd.aggregation._expected_counts import (
    AnsweredQuestions,
    CountedAnswers,
    CountTable,
    ExpectedCounts,
    all_pairs,
    pair_blocks,
    too_large_table,
)
from skcrowd.aggregation._shrinkage import shrunk_to_crowd, smoothed_crowd
from skcrowd.annotations._memory import check_fits

__all__ = [
    "ChosenConfusion",
    "CountedConfusion",
    "LazyConfusion",
    "columns_of",
    "matrices_of",
]

TERMS = {cls.__name__: cls for cls in (AnsweredQuestions, CountTable, CountedAnswers)}


class LazyConfusion:
    """Base of confusion matrices that are computed on demand.

    It replaces an array of shape (n_annotators, n_classes, n_classes), ``[r, i, j]`` =
    P(r answers j | truth is i), where that would be large. ``numpy.asarray`` computes
    the array; :meth:`matrix` and :meth:`columns` compute parts of it.
    """

    ndim = 3
    dtype = np.dtype(np.float64)

    @property
    def shape(self):
        """Shape of the array, (n_annotators, n_classes, n_classes)."""
        raise NotImplementedError

    def __len__(self):
        return self.shape[0]

    def matrix(self, annotator):
        """Compute the matrix of one annotator.

        Parameters
        ----------
        annotator : int

        Returns
        -------
        confusion : ndarray of shape (n_classes, n_classes)
            Rows sum to 1.
        """
        raise NotImplementedError

    def columns(self, annotator, answer):
        """Compute the columns of some answers, a block of pairs at a time.

        Parameters
        ----------
        annotator, answer : int ndarray of shape (n_pairs,)
            Fast where `annotator` is sorted.

        Yields
        ------
        annotator, answer : int ndarray of shape (n_block,)
        probability : ndarray of shape (n_block, n_classes)
            Probability of the answer given every true class.
        """
        last, by_answer = -1, np.empty((0, self.shape[1]))
        for annotator_block, answer_block in pair_blocks(
            annotator, answer, self.shape[1]
        ):
            probability = np.empty((len(annotator_block), self.shape[1]))
            for r in np.unique(annotator_block):
                if r != last:
                    last, by_answer = r, self.matrix(r).T
                is_own = annotator_block == r
                probability[is_own] = by_answer[answer_block[is_own]]
            yield annotator_block, answer_block, probability

    def __array__(self, dtype=None, copy=None):
        check_fits(*too_large_table(self.shape, "the confusion matrices"))
        table = np.empty(self.shape, dtype=dtype)
        for annotator, answer, probability in self.columns(*all_pairs(self.shape)):
            table[annotator, :, answer] = probability
        return table

    def __repr__(self):
        return f"<{type(self).__name__} of shape {self.shape}>"


class CountedConfusion(LazyConfusion):
    """Confusion matrices from counts, rows shrunk to the crowd's.

    Equal to :func:`skcrowd.aggregation.shrunk_confusion` up to rounding. It is
    immutable, and copies of it are the same object.

    Parameters
    ----------
    counts : ExpectedCounts
    pseudo_counts : float
    """

    def __init__(self, counts, pseudo_counts):
        self.counts, self.pseudo_counts = counts, pseudo_counts

    @property
    def shape(self):
        """Shape of the array."""
        return self.counts.shape

    def matrix(self, annotator):
        """Compute the matrix of one annotator, (n_classes, n_classes)."""
        n_classes = self.shape[1]
        columns = np.empty((n_classes, n_classes))
        blocks = self.columns(np.full(n_classes, annotator), np.arange(n_classes))
        for _, answer, probability in blocks:
            columns[answer] = probability
        return columns.T

    def columns(self, annotator, answer):
        """Compute the columns of some answers; see :meth:`LazyConfusion.columns`."""
        crowd = np.ascontiguousarray(smoothed_crowd(self.counts.of_crowd().T).T)
        totals = self.counts.totals()
        for r, j in pair_blocks(annotator, answer, self.shape[1]):
            counted = self.counts.columns(r, j)
            yield (
                r,
                j,
                shrunk_to_crowd(counted, crowd[j], totals[r], self.pseudo_counts),
            )

    def state(self):
        """Return the state that :meth:`of_state` reads: dicts, arrays and numbers.

        Returns
        -------
        state : dict
        """
        terms = [{"kind": type(t).__name__, **vars(t)} for t in self.counts.terms]
        return {"pseudo_counts": self.pseudo_counts, "terms": terms}

    @classmethod
    def of_state(cls, state):
        """Return the confusion with a state; see :meth:`state`."""
        terms = []
        for stored in state["terms"]:
            term = object.__new__(TERMS[stored["kind"]])
            vars(term).update({k: v for k, v in stored.items() if k != "kind"})
            terms.append(term)
        counts = ExpectedCounts(terms)
        counts.check_consistent()
        return cls(counts, state["pseudo_counts"])

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


class ChosenConfusion(LazyConfusion):
    """Confusion matrices of selected annotators, unknown ones like the crowd.

    Parameters
    ----------
    known : ndarray of shape (n_known, n_classes, n_classes), or LazyConfusion
    rows : int ndarray of shape (n_annotators,)
        Position in `known` of each annotator; -1 for unknown ones.
    crowd : ndarray of shape (n_classes, n_classes), default=None
        Confusion of the crowd; required where `rows` holds -1.
    """

    def __init__(self, known, rows, crowd=None):
        self.known, self.rows, self.crowd = known, rows, crowd

    @property
    def shape(self):
        """Shape of the array."""
        return len(self.rows), *self.known.shape[1:]

    def matrix(self, annotator):
        """Compute the matrix of one annotator, (n_classes, n_classes)."""
        row = self.rows[annotator]
        return self.crowd if row < 0 else next(matrices_of(self.known, [row]))


def matrices_of(confusion, annotators):
    """Yield the confusion matrices of annotators.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    annotators : iterable of int

    Yields
    ------
    matrix : ndarray of shape (n_classes, n_classes)
    """
    is_lean = isinstance(confusion, LazyConfusion)
    for r in annotators:
        yield confusion.matrix(r) if is_lean else confusion[r]


def columns_of(confusion, annotator, answer):
    """Yield the probabilities of answers given every true class.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    annotator, answer : int ndarray of shape (n_answers,)

    Yields
    ------
    some : slice or int ndarray of shape (n_some,)
        Positions of the answers.
    probability : ndarray of shape (n_some, n_classes)
    """
    if not isinstance(confusion, LazyConfusion):
        yield slice(None), confusion[annotator, :, answer]
        return
    order, done = np.lexsort((answer, annotator)), 0
    blocks = confusion.columns(annotator[order], answer[order])
    for block, _, probability in blocks:
        yield order[done : done + len(block)], probability
        done += len(block)
