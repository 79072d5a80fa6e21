"""Distinct rows of X, in the order of their content.

A fit must not depend on the order of items or annotators, and repeating an item must
be the same as doubling its weight. So items that are equal in features and answers are
one row with the sum of the weights, and rows are sorted by hashes of their content.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._answer_keys import answer_contents
from skcrowd.annotations._hashing import (
    content_hashes,
    distinct_rows,
    hash_uint64,
    position_hashes,
    sum_hashes,
    sum_token_hashes,
)

if TYPE_CHECKING:
    from skcrowd._typing import (
        Array,
        BoolArray,
        DTypeLike,
        FloatArray,
        IntArray,
        SparseMatrix,
    )


__all__ = ["LabelRowOrder", "RowOrder", "SequenceRowOrder"]


class RowOrder:
    """Hashes of the rows of X and of their answers.

    Parameters
    ----------
    context : TrainingContext
    """

    def __init__(self, context: Any) -> None:
        self._context = context
        self._row_hashes: Array | None = None

    def row_hashes(self) -> Array:
        """Return a hash of the features of each row of X, uint64 (n_rows,)."""
        if self._row_hashes is None:  # a pass over all of X, which may be on disk
            self._row_hashes = self._hash_features(self._features)
        return self._row_hashes

    def item_hashes(self) -> Array:
        """Return a hash of the features of each item, uint64 (n_items,)."""
        return self._of_items(self.row_hashes())

    def distinct(self) -> tuple[IntArray, Array]:
        """Return the distinct rows of X to train on, and the total weight of each.

        Returns
        -------
        rows : int64 ndarray of shape (n_distinct,)
            Sorted by content.
        weight : ndarray of shape (n_distinct,)
        """
        hashes = self.row_hashes()
        state, weight = self.states()
        # sorted independently of the order of the annotators, before exact equality
        answers = self._answer_hashes(self._annotator_fingerprints(hashes))
        if self._context.held_out.any():  # these do not order those to train on
            learned = self._annotator_fingerprints(hashes, ~self._context.held_out)
            answers = np.where(state == 2, answers, self._answer_hashes(learned))
        columns = np.arange(self._context.annotations.n_annotators)
        exact = self._answer_hashes(columns)
        keys = [hashes, answers, exact, *self._gold_hashes()]
        first_key = self._sort_key()
        if first_key is not hashes:
            keys.insert(0, first_key)
        if (state == 1).all():
            first, group = distinct_rows(*keys)
            return first, np.bincount(group, weight, len(first))
        used = np.flatnonzero(state)
        first, group = distinct_rows(*(key[used] for key in (*keys, state)))
        return used[first], np.bincount(group, weight[used], len(first))

    def states(self) -> tuple[Array, Array]:
        """Return the use of each row: 0 unused, 1 to train on, 2 held out.

        Returns
        -------
        state : ndarray of int of shape (n_rows,)
        weight : ndarray of shape (n_rows,)
        """
        context = self._context
        is_used = context.is_known | context.include_unlabeled
        state = np.where(context.held_out, np.int8(2), np.int8(1))
        return is_used * state, context.sample_weight

    def spread(
        self, rows: IntArray, row_weight: FloatArray
    ) -> tuple[BoolArray, FloatArray]:
        """Return which items belong to some rows of X, with the weights of the rows.

        Returns
        -------
        is_used : bool ndarray of shape (n_items,)
        weight : ndarray of shape (n_items,)
        """
        n_items = len(self._context.sample_weight)
        is_used, weight = np.zeros(n_items, dtype=bool), np.zeros(n_items)
        is_used[rows], weight[rows] = True, row_weight
        return is_used, weight

    @property
    def _features(self) -> FloatArray | SparseMatrix:
        return self._context.X

    def _hash_features(
        self, features: FloatArray | SparseMatrix, dtype: DTypeLike | None = None
    ) -> Array:
        return content_hashes(features, dtype)

    def _sort_key(self) -> Array:
        """Return hashes of the features in float32, the same in both precisions."""
        if self._features.dtype != np.float64:
            return self.row_hashes()
        return self._hash_features(self._features, np.float32)

    def _gold_hashes(self) -> list[Array]:
        """Return a hash of the known truth of each row of X, if there is any."""
        gold = self._context.side_information.gold
        return [] if gold is None else [content_hashes(gold)]

    def _of_items(self, hashes: Array) -> Array:
        """Return for each item the hash of its row of X."""
        return hashes

    def _annotator_fingerprints(
        self, hashes: Array, is_counted: BoolArray | None = None
    ) -> Array:
        """Return a hash of the answers of each annotator, independent of their column.

        It only decides the order of items whose features are equal. Where
        `is_counted`, (n_items,), is given, answers to other items do not count.
        """
        a, of_items = self._context.annotations, self._of_items(hashes)
        total = np.zeros(a.n_annotators, dtype=np.uint64)
        for rows, contents in answer_contents(a):
            answers = slice(a.indptr[rows.start], a.indptr[rows.stop])
            item = a.item[answers]
            pairs = hash_uint64(of_items[item] + contents)
            if is_counted is not None:
                pairs[~is_counted[item]] = 0
            np.add.at(total, a.annotator[answers], pairs)
        return total

    def _answer_hashes(self, annotator_keys: Array) -> Array:
        """Return a hash of the pairs (annotator, answer) of each row of X."""
        a = self._context.annotations
        keys = hash_uint64(annotator_keys.astype(np.uint64))
        total = np.zeros(a.n_items, dtype=np.uint64)
        for rows, contents in answer_contents(a):
            ends = a.indptr[rows.start : rows.stop + 1]
            annotator = keys[a.annotator[ends[0] : ends[-1]]]
            total[rows] = sum_hashes(hash_uint64(annotator + contents), ends - ends[0])
        return total


class SequenceRowOrder(RowOrder):
    """Hashes of sequences: sums of those of their tokens, each with its position.

    Parameters
    ----------
    context : SequenceTrainingContext
    """

    def states(self) -> tuple[Array, Array]:
        context = self._context
        begin = context.X.offsets[:-1]
        known = context.any_of(context.is_known | context.include_unlabeled)
        state = known * np.where(context.held_out[begin], 2, 1)
        return state, context.sample_weight[begin]

    def spread(
        self, rows: IntArray, row_weight: FloatArray
    ) -> tuple[BoolArray, FloatArray]:
        lengths = self._context.lengths
        is_used, weight = np.zeros((2, len(lengths)))
        is_used[rows], weight[rows] = True, row_weight
        return np.repeat(is_used.astype(bool), lengths), np.repeat(weight, lengths)

    @property
    def _features(self) -> Array:
        return self._context.X.tokens

    def _hash_features(self, features: Array, dtype: DTypeLike | None = None) -> Array:
        return self._sum_tokens(content_hashes(features, dtype))

    def _sum_tokens(self, token_hashes: Array) -> Array:
        return sum_token_hashes(token_hashes, self._context.X.offsets)

    def _gold_hashes(self) -> list[Array]:
        return [self._sum_tokens(hashes) for hashes in super()._gold_hashes()]

    def _of_items(self, hashes: Array) -> Array:
        positions = position_hashes(self._context.X.offsets)
        return np.repeat(hashes, self._context.lengths) + positions

    def _answer_hashes(self, annotator_keys: Array) -> Array:
        return self._sum_tokens(super()._answer_hashes(annotator_keys))


class LabelRowOrder(SequenceRowOrder):
    """Hashes of rows of X with several labels: those of the features, and of answers.

    Parameters
    ----------
    context : MultilabelTrainingContext
    """

    @property
    def _features(self) -> Any:
        return self._context.X.features

    def _hash_features(
        self, features: FloatArray | SparseMatrix, dtype: DTypeLike | None = None
    ) -> Array:
        return content_hashes(features, dtype)
