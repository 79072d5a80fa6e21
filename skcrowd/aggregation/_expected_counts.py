"""Answers counted by the inferred truth, without a table of annotators × classes²."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from scipy import sparse

from skcrowd.annotations._memory import check_fits

if TYPE_CHECKING:
    from skcrowd._typing import Array, Counts, DTypeLike, FloatArray, IntArray


__all__ = [
    "AnsweredQuestions",
    "CountTable",
    "CountedAnswers",
    "ExpectedCounts",
    "all_pairs",
    "pair_blocks",
    "too_large_table",
]

PAIRS_AT_ONCE = 2**19  # numbers: pairs × classes


class ExpectedCounts:
    """Expected number of each answer of each annotator, by the true class.

    A sum of terms, from which any column is computed on demand: column (r, j) holds
    how often annotator r answered j, for every true class. ``numpy.asarray`` makes
    the table, of shape (n_annotators, n_classes, n_classes).

    Parameters
    ----------
    terms : tuple of CountedAnswers, AnsweredQuestions or CountTable
    """

    __array_ufunc__ = None  # array + ExpectedCounts calls __radd__

    def __init__(self, terms: Any) -> None:
        self.terms = tuple(terms)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the table."""
        return self.terms[0].shape

    def check_consistent(self) -> None:
        """Raise a ValueError unless all terms are of a known type and of one shape."""
        known = AnsweredQuestions, CountTable, CountedAnswers
        if not self.terms or not all(isinstance(t, known) for t in self.terms):
            raise ValueError("counts hold what is no count")
        if len({term.shape for term in self.terms}) > 1:
            raise ValueError("counts are of several shapes")
        for term in self.terms:
            if isinstance(term, CountedAnswers):
                term.check_consistent()

    def columns(self, annotator: IntArray, answer: IntArray) -> FloatArray:
        """Return the columns of some pairs, (n_pairs, n_classes)."""
        return sum(term.columns(annotator, answer) for term in self.terms)

    def totals(self) -> FloatArray:
        """Return the sums over the answers, (n_annotators, n_classes)."""
        return sum(term.totals() for term in self.terms)

    def of_crowd(self) -> FloatArray:
        """Return the sums over annotators, [answer, truth], (n_classes, n_classes)."""
        return sum(term.of_crowd() for term in self.terms)

    def with_annotators(self, n_annotators: int) -> ExpectedCounts:
        """Return the counts of more annotators, of whom the new ones have none."""
        return ExpectedCounts(term.with_annotators(n_annotators) for term in self.terms)

    def __add__(self, other: Counts) -> ExpectedCounts:
        terms = (
            other.terms if isinstance(other, ExpectedCounts) else (CountTable(other),)
        )
        total = ExpectedCounts((*self.terms, *terms))
        is_more = sum(t.n_numbers for t in total.terms) > 2 * np.prod(total.shape)
        return ExpectedCounts((CountTable(np.asarray(total)),)) if is_more else total

    __radd__ = __add__

    def __array__(
        self, dtype: DTypeLike | None = None, copy: bool | None = None
    ) -> Array:
        check_fits(*too_large_table(self.shape, "the table of counts"))
        table = np.empty(self.shape, dtype=dtype)
        annotators, answers = all_pairs(self.shape)
        for annotator, answer in pair_blocks(annotators, answers, self.shape[2]):
            table[annotator, :, answer] = self.columns(annotator, answer)
        return table

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


class CountedAnswers:
    """Answers with the posterior of the truth of their items.

    Parameters
    ----------
    item, annotator, answer : int ndarray of shape (n_answers,)
    truth : ndarray of shape (n_items, n_classes)
        Posterior. The array is not copied.
    weight : ndarray of shape (n_items,)
    n_annotators : int
    """

    def __init__(
        self,
        item: IntArray,
        annotator: IntArray,
        answer: IntArray,
        truth: FloatArray,
        weight: FloatArray,
        n_annotators: int,
    ) -> None:
        order = np.lexsort((answer, annotator))
        self.item, self.annotator, self.answer = (
            codes[order] for codes in (item, annotator, answer)
        )
        self.truth, self.weight = np.ascontiguousarray(truth), weight
        self.n_annotators = n_annotators

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the table."""
        n_classes = self.truth.shape[1]
        return self.n_annotators, n_classes, n_classes

    @property
    def n_numbers(self) -> int:
        """Number of stored numbers."""
        return self.truth.size

    def check_consistent(self) -> None:
        """Raise a ValueError unless codes are within bounds, and sorted."""
        n_items, n_classes = self.truth.shape
        for codes, n in (
            (self.item, n_items),
            (self.annotator, self.n_annotators),
            (self.answer, n_classes),
        ):
            is_code = codes.dtype.kind == "i" and codes.shape == self.item.shape
            if not is_code or ((codes < 0) | (codes >= n)).any():
                raise ValueError("counted answers are of what is not there")
        cell = self.annotator * n_classes + self.answer
        if self.weight.shape != (n_items,) or (np.diff(cell) < 0).any():
            raise ValueError("counted answers do not fit together")

    def columns(self, annotator: IntArray, answer: IntArray) -> FloatArray:
        """Return the columns of some pairs, (n_pairs, n_classes)."""
        n_classes = self.truth.shape[1]
        cell = self.annotator * n_classes + self.answer
        column = annotator * n_classes + answer
        first, after = (np.searchsorted(cell, column, s) for s in ("left", "right"))
        count = after - first
        indptr = np.concatenate([[0], np.cumsum(count)])
        position = np.arange(indptr[-1]) + np.repeat(first - indptr[:-1], count)
        item = self.item[position]
        shape = len(column), len(self.truth)
        return sparse.csr_array((self.weight[item], item, indptr), shape) @ self.truth

    def totals(self) -> FloatArray:
        """Return the sums over the answers, (n_annotators, n_classes)."""
        return self._sums(self.annotator, self.n_annotators)

    def of_crowd(self) -> FloatArray:
        """Return the sums over annotators, [answer, truth], (n_classes, n_classes)."""
        return self._sums(self.answer, self.truth.shape[1])

    def _sums(self, row: IntArray, n_rows: int) -> FloatArray:
        entries = self.weight[self.item], (row, self.item)
        return sparse.csr_array(entries, (n_rows, len(self.truth))) @ self.truth

    def with_annotators(self, n_annotators: int) -> CountedAnswers:
        """Return the same for more annotators."""
        answers = self.item, self.annotator, self.answer
        return CountedAnswers(*answers, self.truth, self.weight, n_annotators)


class AnsweredQuestions:
    """Expected answers to questions of known truth, equally many of each class.

    Wrong answers are spread evenly over the other classes.

    Parameters
    ----------
    accuracy, n_questions : ndarray of shape (n_annotators,)
    n_classes : int
    """

    def __init__(
        self, accuracy: FloatArray, n_questions: FloatArray, n_classes: int
    ) -> None:
        self.accuracy, self.n_questions = accuracy, n_questions
        self.n_classes = n_classes

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the table."""
        return len(self.accuracy), self.n_classes, self.n_classes

    @property
    def n_numbers(self) -> Any:
        """Number of stored numbers."""
        return 2 * len(self.accuracy)

    def _right_and_wrong(self) -> tuple[FloatArray, FloatArray]:
        """Return expected counts of the right, and of each wrong, answer to a class."""
        each = self.n_questions / self.n_classes
        wrong = each * (1 - self.accuracy) / max(self.n_classes - 1, 1)
        return each * self.accuracy, wrong

    def columns(self, annotator: IntArray, answer: IntArray) -> FloatArray:
        """Return the columns of some pairs, (n_pairs, n_classes)."""
        right, wrong = (counts[annotator] for counts in self._right_and_wrong())
        columns = np.repeat(wrong[:, None], self.n_classes, axis=1)
        columns[np.arange(len(answer)), answer] = right
        return columns

    def totals(self) -> FloatArray:
        """Return the sums over the answers, (n_annotators, n_classes)."""
        each = self.n_questions / self.n_classes
        return np.repeat(each[:, None], self.n_classes, axis=1)

    def of_crowd(self) -> FloatArray:
        """Return the sums over annotators, [answer, truth], (n_classes, n_classes)."""
        right, wrong = (counts.sum() for counts in self._right_and_wrong())
        table = np.full((self.n_classes, self.n_classes), wrong)
        np.fill_diagonal(table, right)
        return table

    def with_annotators(self, n_annotators: int) -> AnsweredQuestions:
        """Return the same for more annotators."""
        more = (0, n_annotators - len(self.accuracy))
        accuracy, n = (np.pad(v, more) for v in (self.accuracy, self.n_questions))
        return AnsweredQuestions(accuracy, n, self.n_classes)


class CountTable:
    """Counts stored as a table.

    Parameters
    ----------
    table : ndarray of shape (n_annotators, n_classes, n_classes)
        By annotator, truth and answer.
    """

    def __init__(self, table: FloatArray) -> None:
        self.table = table

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the table."""
        return self.table.shape

    @property
    def n_numbers(self) -> int:
        """Number of stored numbers."""
        return self.table.size

    def columns(self, annotator: IntArray, answer: IntArray) -> FloatArray:
        """Return the columns of some pairs, (n_pairs, n_classes)."""
        return self.table[annotator, :, answer]

    def totals(self) -> FloatArray:
        """Return the sums over the answers, (n_annotators, n_classes)."""
        return self.table.sum(axis=2)

    def of_crowd(self) -> FloatArray:
        """Return the sums over annotators, [answer, truth], (n_classes, n_classes)."""
        return np.ascontiguousarray(self.table.sum(axis=0).T)

    def with_annotators(self, n_annotators: int) -> CountTable:
        """Return the same for more annotators."""
        more = n_annotators - len(self.table)
        return CountTable(np.pad(self.table, [(0, more), (0, 0), (0, 0)]))


def all_pairs(shape: tuple[int, int, int]) -> tuple[IntArray, IntArray]:
    """Return the annotators and answers of all columns, (n_annotators * n_classes,)."""
    n_annotators, n_classes, _ = shape
    annotators, answers = np.arange(n_annotators), np.arange(n_classes)
    return np.repeat(annotators, n_classes), np.tile(answers, n_annotators)


def pair_blocks(
    annotator: IntArray, answer: IntArray, n_classes: int
) -> Iterator[tuple[IntArray, IntArray]]:
    """Yield annotators and answers in blocks of at most PAIRS_AT_ONCE numbers."""
    step = max(1, PAIRS_AT_ONCE // n_classes)
    for start in range(0, len(annotator), step):
        yield annotator[start : start + step], answer[start : start + step]


def too_large_table(shape: tuple[int, int, int], what: str) -> tuple[int, str, str]:
    """Return the arguments of :func:`check_fits` for a table of all annotators."""
    return (
        8 * int(np.prod(shape, dtype=object)),
        f"{what} of {shape[0]} annotators and {shape[1]} classes",
        "compute the confusions of some annotators instead "
        "(annotator_report, annotator_model_.confusion_of), or merge classes",
    )
