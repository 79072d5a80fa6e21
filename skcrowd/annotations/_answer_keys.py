"""Hashes of answers, items and annotators by what was answered, not by position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.annotations._hashing import (
    content_hashes,
    distinct_rows,
    hash_uint64,
    sum_hashes,
)
from skcrowd.annotations._memory import row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray


__all__ = ["AnswerKeys", "answer_contents", "answer_keys", "uniform_of_keys"]

ROUNDS = 2  # items are told apart by their annotators, and these by their items


class AnswerKeys(NamedTuple):
    """A hash of each item and of each annotator.

    Attributes
    ----------
    items : uint64 ndarray of shape (n_items,)
    annotators : uint64 ndarray of shape (n_annotators,)
    """

    items: Array
    annotators: Array

    def of_answers(self, a: Any) -> Array:
        """Return a hash of each answer: who answered what, of which item.

        Parameters
        ----------
        a : Annotations
            Of these items and annotators.

        Returns
        -------
        keys : uint64 ndarray of shape (n_answers,)
        """
        pair = hash_uint64(self.items)[a.item] + self.annotators[a.annotator]
        return hash_uint64(pair) + _hash_of_answers(a)


def answer_keys(
    a: Any, of_items: tuple[Any, ...] = (), of_annotators: tuple[Any, ...] = ()
) -> AnswerKeys:
    """Return hashes of items and annotators that do not depend on their order.

    What is drawn by them is the same for the same answers, in whatever order items and
    annotators come, and in whatever unit numbers are. Items that are equal in all that
    is known of them are numbered, so that each has a hash of its own, and so are
    annotators: as they are equal, it does not matter which of them has which number.

    Parameters
    ----------
    a : Annotations
    of_items : tuple of ndarray of shape (n_items,)
        What is known of items beside the answers, such as their truth.
    of_annotators : tuple of ndarray of shape (n_annotators,)
        What is known of annotators beside the answers.

    Returns
    -------
    keys : AnswerKeys
    """
    answers = _hash_of_answers(a)
    annotators = np.zeros(a.n_annotators, dtype=np.uint64)
    for _ in range(ROUNDS):
        items = _by_item(a, answers, annotators)
        annotators = _by_annotator(a, answers, items)
    contents = np.concatenate([hashes for _, hashes in answer_contents(a)])
    rows, columns = (np.arange(n, dtype=np.uint64) for n in a.shape)
    same_items = _by_item(a, contents, columns)
    same_annotators = _by_annotator(a, contents, rows)
    return AnswerKeys(
        hash_uint64(items + _occurrence(same_items, *of_items)),
        hash_uint64(annotators + _occurrence(same_annotators, *of_annotators)),
    )


def uniform_of_keys(keys: Array, seed: int, n_columns: int) -> FloatArray:
    """Return numbers between 0 and 1 that look random, of each key its own.

    Parameters
    ----------
    keys : uint64 ndarray of shape (n,)
    seed : int
        Not negative; other seeds give other numbers.
    n_columns : int

    Returns
    -------
    uniform : ndarray of shape (n, n_columns)
        Neither 0 nor 1.
    """
    column = np.arange(n_columns, dtype=np.uint64) + np.uint64(seed) * np.uint64(2**32)
    hashes = hash_uint64(keys[:, None] ^ hash_uint64(column))
    return ((hashes >> np.uint64(12)).astype(np.float64) + 0.5) / 2.0**52


def answer_contents(a: Any) -> Iterator[tuple[slice, Array]]:
    """Yield items, and a hash of each of their answers with weight, confidence, ...

    Sums of these hashes, modulo 2**64, do not depend on the blocks.

    Parameters
    ----------
    a : Annotations
    """
    columns = [a.answer, *_details(a)]
    for rows in row_blocks(a.n_items, -(-a.n_answers // max(a.n_items, 1))):
        answers = slice(a.indptr[rows.start], a.indptr[rows.stop])
        parts = [values[answers] for values in columns]
        alone = len(parts) == 1
        yield rows, content_hashes(parts[0] if alone else np.column_stack(parts))


def _details(a: Any) -> list[Array]:
    """Return confidence, weight and probabilities of the answers, if they have any."""
    details = a.details
    if details is None or not details.is_evidence:
        return []
    weight = details.weight
    if weight is not None and (weight == 1).all():
        weight = None
    columns = details.confidence, weight, details.probabilities
    return [values for values in columns if values is not None]


def _hash_of_answers(a: Any) -> Array:
    """Return a hash of what was answered, without its details, (n_answers,).

    Of numbers it is their rank from the nearer end, which another unit does not change.
    """
    if a.classes is not None:
        return content_hashes(a.answer)
    numbers, rank = np.unique(a.answer, return_inverse=True)
    return content_hashes(np.minimum(rank, len(numbers) - 1 - rank).reshape(-1))


def _by_item(a: Any, answers: Array, annotators: Array) -> Array:
    """Sum hashes of answers and who gave them, uint64 of shape (n_items,)."""
    pairs = hash_uint64(hash_uint64(annotators)[a.annotator] + answers)
    return sum_hashes(pairs, a.indptr)


def _by_annotator(a: Any, answers: Array, items: Array) -> Array:
    """Sum hashes of answers and their items, uint64 of shape (n_annotators,)."""
    pairs = hash_uint64(hash_uint64(items)[a.item] + answers)
    total = np.zeros(a.n_annotators, dtype=np.uint64)
    np.add.at(total, a.annotator, pairs)
    return total


def _occurrence(*columns: Any) -> Array:
    """Return how many rows with the same values come before each, uint64 (n,)."""
    first, group = distinct_rows(*columns)
    order = np.argsort(group, kind="stable")
    size = np.bincount(group, minlength=len(first))
    begin = np.cumsum(size) - size
    occurrence = np.empty(len(group), dtype=np.uint64)
    occurrence[order] = np.arange(len(group)) - begin[group[order]]
    return occurrence
