"""The two sums over the answers that every expectation-maximisation needs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from skcrowd.aggregation._answer_evidence import Evidence, gather_evidence
from skcrowd.aggregation._expected_counts import CountedAnswers, ExpectedCounts
from skcrowd.aggregation._lazy_confusion import LazyConfusion
from skcrowd.annotations._memory import is_large, row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import Confusions, FloatArray, IntArray, SparseMatrix
    from skcrowd.annotations import Annotations


__all__ = ["AnswerCounts"]


class AnswerCounts:
    """The answers as one sparse incidence matrix.

    Row ``r * n_classes + j`` stands for "annotator r answered class j", column n
    for item n. Both sums of the Dawid-Skene model are products with it, at a cost
    of answers × classes, whatever the number of annotators. Where a table of all
    confusions would be large, there is none: counts and confusions are made column by
    column, for the rows that hold an answer.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels".
    n_classes : int, default=None
        Number of classes; by default that of ``annotations.classes``.
    evidence : Evidence, default=None
        What each answer is worth; by default its weight, its confidence, and its
        probabilities, if `annotations` have them.

    Examples
    --------
    >>> from skcrowd.aggregation import AnswerCounts, majority_vote
    >>> from skcrowd.annotations import check_annotations
    >>> answers = check_annotations([[0, 0, 1], [1, 1, 1]])
    >>> counts = AnswerCounts(answers)
    >>> counts.incidence.shape  # annotators × classes, items
    (6, 2)
    """

    def __init__(
        self,
        annotations: Annotations,
        n_classes: int | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        self.n_classes = len(annotations.classes) if n_classes is None else n_classes
        self.n_annotators = annotations.n_annotators
        self.evidence = gather_evidence(annotations) if evidence is None else evidence
        self._single = self.evidence.single
        self._answers = self._single.annotations

    @cached_property
    def incidence(self) -> SparseMatrix:
        """Annotators × classes by items; counts of votes and large tables need none."""
        a, count = self._answers, self._single.number
        row = a.annotator * self.n_classes + a.answer
        shape = (self.n_annotators * self.n_classes, a.n_items)
        number = np.ones(a.n_answers) if count is None else count
        return sparse.csc_array((number, row, a.indptr), shape)

    @cached_property
    def _by_item(self) -> SparseMatrix:
        """The incidence by items, a view, for the many E-steps."""
        return self.incidence.T

    @property
    def powers(self) -> SparseMatrix:
        """The same with the powers of the likelihoods of the answers."""
        return self._with_powers(self._single.power)

    def _with_powers(self, power: FloatArray | None) -> SparseMatrix:
        """Return the incidence with other values, item by item; None keeps them."""
        if power is None:
            return self.incidence
        parts = power, self.incidence.indices, self.incidence.indptr
        return sparse.csc_array(parts, self.incidence.shape)

    def cells(self) -> tuple[IntArray, IntArray, IntArray, IntArray]:
        """Count the answers of every class that an item has any of.

        Returns
        -------
        item, answer : int64 ndarray of shape (n_cells,)
            Sorted by item, then class.
        count : int64 ndarray of shape (n_cells,)
            Of floats where answers differ in power.
        place : int64 ndarray of shape (n_entries,)
            The cell of each entry of the evidence.
        """
        a = self.evidence.annotations
        if is_large(a.n_items, self.n_classes):
            cell, place, count = self._cells_by_blocks()
        else:
            cell, place, count = self._cells_of(slice(None))
        if self.evidence.power is not None:
            count = np.bincount(place, self.evidence.power)
        return *np.divmod(cell, self.n_classes), count, place

    def _cells_of(self, entries: slice) -> Any:
        """Return the cells of some entries, the cell of each, and their numbers."""
        a = self.evidence.annotations
        key = a.item[entries] * self.n_classes + a.answer[entries]
        return np.unique(key, return_inverse=True, return_counts=True)

    def _cells_by_blocks(self) -> Any:
        """Return the same of all entries, which are sorted by item, in blocks."""
        indptr, first = self.evidence.annotations.indptr, 0
        cells, places, counts = [], [], []
        for rows in row_blocks(len(indptr) - 1, self.n_classes):
            block = slice(indptr[rows.start], indptr[rows.stop])
            cell, place, count = self._cells_of(block)
            cells.append(cell)
            places.append(place + first)
            counts.append(count)
            first += len(cell)
        return tuple(map(np.concatenate, (cells, places, counts)))

    def per_item(self) -> FloatArray:
        """Count the answers of every class, shape (n_items, n_classes)."""
        item, answer, count, _ = self.cells()
        counts = np.zeros((self._answers.n_items, self.n_classes), order="F")
        counts[item, answer] = count
        return counts

    def expected_counts(
        self, posterior: FloatArray, sample_weight: FloatArray | None = None
    ) -> FloatArray | ExpectedCounts:
        """Sum the posterior over the answers each annotator gave.

        Parameters
        ----------
        posterior : ndarray of shape (n_items, n_classes)
        sample_weight : ndarray of shape (n_items,), default=None

        Returns
        -------
        counts : ndarray of shape (n_annotators, n_classes, n_classes), or \
                ExpectedCounts
            ``counts[r, i, j]``: how often r answered j where the truth is i. Not as an
            array where that would have more than 2**24 entries.
        """
        if is_large(self.n_annotators, self.n_classes, self.n_classes):
            return self._lean_counts(posterior, sample_weight)
        if sample_weight is None or (sample_weight == 1).all():
            counts = self.incidence @ posterior
        else:
            counts = self._weighted_sums(posterior, sample_weight)
        shape = (self.n_annotators, self.n_classes, self.n_classes)
        return np.ascontiguousarray(counts.reshape(shape).transpose(0, 2, 1))

    def _weighted_sums(self, posterior: FloatArray, weight: FloatArray) -> FloatArray:
        """Sum the weighted posterior by blocks, because weighting makes a copy."""
        total: Any = 0.0
        for rows in row_blocks(*posterior.shape):
            weighted = posterior[rows] * weight[rows, None]
            total = total + _of_items(self.incidence, rows) @ weighted
        return total

    def _lean_counts(self, posterior: FloatArray, sample_weight: Any) -> ExpectedCounts:
        a, count = self._answers, self._single.number
        weight = np.ones(a.n_items) if sample_weight is None else sample_weight
        answers = a.item, a.annotator, a.answer
        if count is not None:  # a truth for each answer, so that it can have a weight
            answers = np.arange(a.n_answers), a.annotator, a.answer
            posterior, weight = posterior[a.item], weight[a.item] * count
        counted = CountedAnswers(*answers, posterior, weight, self.n_annotators)
        return ExpectedCounts((counted,))

    def log_likelihood(
        self, confusion: Confusions, answer_weight: FloatArray | None = None
    ) -> FloatArray:
        """Log-probability of every item's answers given each class.

        Parameters
        ----------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
                LazyConfusion
        answer_weight : ndarray of shape (n_answers,), default=None
            Factors of the log-probabilities of the answers.

        Returns
        -------
        log_likelihood : ndarray of shape (n_items, n_classes)
        """
        if isinstance(confusion, LazyConfusion):
            total = np.zeros((self._answers.n_items, self.n_classes))
            return self.add_log_likelihood(total, confusion, answer_weight)
        power = self._single.spread(answer_weight)
        by_item = self._by_item if power is None else self._with_powers(power).T
        return by_item @ self._log_probabilities(confusion)

    def _log_probabilities(self, confusion: FloatArray) -> FloatArray:
        """Return log-probabilities of the rows of `incidence`, given each class."""
        tiny = np.finfo(np.float64).tiny
        log_confusion = np.log(np.maximum(confusion, tiny)).transpose(0, 2, 1)
        return log_confusion.reshape(-1, self.n_classes)

    def add_log_likelihood(
        self,
        total: FloatArray,
        confusion: Confusions,
        answer_weight: FloatArray | None = None,
    ) -> FloatArray:
        """Add it in place, block by block; see :meth:`log_likelihood`.

        Parameters
        ----------
        total : ndarray of shape (n_items, n_classes)
        confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
                LazyConfusion
        answer_weight : ndarray of shape (n_answers,), default=None

        Returns
        -------
        total : ndarray of shape (n_items, n_classes)
        """
        if not isinstance(confusion, LazyConfusion):
            incidence = self._with_powers(self._single.spread(answer_weight))
            log_probabilities = self._log_probabilities(confusion)
            for block in row_blocks(*total.shape):
                total[block] += _of_items(incidence, block).T @ log_probabilities
            return total
        a = self._answers
        rows, place = np.unique(
            a.annotator * self.n_classes + a.answer, return_inverse=True
        )
        power = self._single.spread(answer_weight)
        weight = np.ones(a.n_answers) if power is None else power
        entries = weight, (place, a.item)
        by_row = sparse.csr_array(entries, (len(rows), a.n_items))
        done = 0
        blocks = confusion.columns(*np.divmod(rows, self.n_classes))
        for annotator, _, probability in blocks:
            part = by_row[done : done + len(annotator)]
            items = np.unique(part.indices)
            np.maximum(probability, np.finfo(np.float64).tiny, out=probability)
            total[items] += part[:, items].T @ np.log(probability, out=probability)
            done += len(annotator)
        return total


def _of_items(incidence: SparseMatrix, rows: slice) -> SparseMatrix:
    """Return the columns of some items, without a copy where these are all."""
    is_all = rows == slice(0, incidence.shape[1])
    return incidence if is_all else incidence[:, rows]
