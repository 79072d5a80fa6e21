"""Confusion matrices that are made when they are asked for."""

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
    """The confusion matrices of annotators, without the table of them all.

    Where n_annotators × n_classes² numbers would be many, this stands in the place of
    an array of shape (n_annotators, n_classes, n_classes), ``[r, i, j]`` = P(r answers
    j | truth is i). ``numpy.asarray`` makes the array; :meth:`matrix` and
    :meth:`columns` only parts of it.
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
        """Make the matrix of one annotator.

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
        """Make the columns of some answers, a block of pairs at a time.

        Parameters
        ----------
        annotator, answer : int ndarray of shape (n_pairs,)
            Fast where `annotator` is sorted.

        Yields
        ------
        annotator, answer : int ndarray of shape (n_block,)
        probability : ndarray of shape (n_block, n_classes)
            Of the answer, for every true class.
        """
        made = None
        for who, what in pair_blocks(annotator, answer, self.shape[1]):
            probability = np.empty((len(who), self.shape[1]))
            for r in np.unique(who):
                if made is None or made[0] != r:
                    made = r, self.matrix(r).T
                is_own = who == r
                probability[is_own] = made[1][what[is_own]]
            yield who, what, probability

    def __array__(self, dtype=None, copy=None):
        check_fits(*too_large_table(self.shape, "the confusion matrices"))
        table = np.empty(self.shape, dtype=dtype)
        for who, what, probability in self.columns(*all_pairs(self.shape)):
            table[who, :, what] = probability
        return table

    def __repr__(self):
        return f"<{type(self).__name__} of shape {self.shape}>"


class CountedConfusion(LazyConfusion):
    """Confusion matrices from counts, rows shrunk to the crowd's.

    What :func:`skcrowd.aggregation.shrunk_confusion` computes, but for rounding. It
    cannot be changed, and copies of it are the same object.

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
        """Make the matrix of one annotator, (n_classes, n_classes)."""
        n_classes = self.shape[1]
        columns = np.empty((n_classes, n_classes))
        everything = np.arange(n_classes)
        blocks = self.columns(np.full(n_classes, annotator), everything)
        for _, what, probability in blocks:
            columns[what] = probability
        return columns.T

    def columns(self, annotator, answer):
        """Make the columns of some answers; see :meth:`LazyConfusion.columns`."""
        crowd = np.ascontiguousarray(smoothed_crowd(self.counts.of_crowd().T).T)
        totals = self.counts.totals()
        for who, what in pair_blocks(annotator, answer, self.shape[1]):
            counted = self.counts.columns(who, what)
            shrunk = shrunk_to_crowd(
                counted, crowd[what], totals[who], self.pseudo_counts
            )
            yield who, what, shrunk

    def state(self):
        """Return what :meth:`of_state` makes the same from: dicts, arrays and numbers.

        Returns
        -------
        state : dict
        """
        terms = [{"kind": type(t).__name__, **vars(t)} for t in self.counts.terms]
        return {"pseudo_counts": self.pseudo_counts, "terms": terms}

    @classmethod
    def of_state(cls, state):
        """Make one from its state."""
        terms = []
        for held in state["terms"]:
            term = object.__new__(TERMS[held["kind"]])
            vars(term).update({k: v for k, v in held.items() if k != "kind"})
            terms.append(term)
        counts = ExpectedCounts(terms)
        counts.check_consistent()
        return cls(counts, state["pseudo_counts"])

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self


class ChosenConfusion(LazyConfusion):
    """Confusion matrices of some annotators, in an order of their own.

    Parameters
    ----------
    known : ndarray of shape (n_known, n_classes, n_classes), or LazyConfusion
    rows : int ndarray of shape (n_annotators,)
        Place of each among those known; -1 for others, who are like the crowd.
    crowd : ndarray of shape (n_classes, n_classes), default=None
        Needed where there are others.
    """

    def __init__(self, known, rows, crowd=None):
        self.known, self.rows, self.crowd = known, rows, crowd

    @property
    def shape(self):
        """Shape of the array."""
        return len(self.rows), *self.known.shape[1:]

    def matrix(self, annotator):
        """Make the matrix of one annotator, (n_classes, n_classes)."""
        place = self.rows[annotator]
        return self.crowd if place < 0 else next(matrices_of(self.known, [place]))


def matrices_of(confusion, annotators):
    """Confusion matrices of annotators, one after another.

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
    """Probabilities of answers, for every true class.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    annotator, answer : int ndarray of shape (n_answers,)

    Yields
    ------
    some : slice or int ndarray of shape (n_some,)
        Which answers.
    probability : ndarray of shape (n_some, n_classes)
    """
    if not isinstance(confusion, LazyConfusion):
        yield slice(None), confusion[annotator, :, answer]
        return
    order, done = np.lexsort((answer, annotator)), 0
    for who, _, probability in confusion.columns(annotator[order], answer[order]):
        yield order[done : done + len(who)], probability
        done += len(who)
