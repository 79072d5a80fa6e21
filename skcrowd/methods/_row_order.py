"""Distinct rows of X, in the order of their content.

A fit must not depend on the order of items or annotators, and repeating an item must
be the same as doubling its weight. So items that are equal in features and answers are
one row with the sum of the weights, and rows are sorted by hashes of their content.
"""

import numpy as np

from skcrowd.training._hashing import (
    content_hashes,
    distinct_rows,
    hash_uint64,
    sum_hashes,
)

__all__ = ["RowOrder", "SequenceRowOrder"]


class RowOrder:
    """Hashes of the rows of X and of their answers.

    Parameters
    ----------
    context : TrainingContext
    """

    def __init__(self, context):
        self._context = context

    def row_hashes(self):
        """Return a hash of the features of each row of X, uint64 (n_rows,)."""
        return self._hash_features(self._features)

    def item_hashes(self):
        """Return a hash of the features of each item, uint64 (n_items,)."""
        return self._of_items(self.row_hashes())

    def distinct(self):
        """Return the distinct rows of X to train on, and the total weight of each.

        Returns
        -------
        rows : int64 ndarray of shape (n_distinct,)
            Sorted by content.
        weight : ndarray of shape (n_distinct,)
        """
        hashes = self.row_hashes()
        state, weight = self.states()
        fingerprints = self._annotator_fingerprints(self._of_items(hashes))
        # sorted independently of the order of the annotators, before exact equality
        answers = self._answer_hashes(fingerprints)
        columns = np.arange(self._context.annotations.n_annotators)
        exact = self._answer_hashes(columns)
        keys = self._sort_key(), hashes, answers, exact, self._gold_hashes(), state
        shown = np.flatnonzero(state)
        first, group = distinct_rows(*(key[shown] for key in keys))
        return shown[first], np.bincount(group, weight[shown], len(first))

    def states(self):
        """Return the use of each row: 0 unused, 1 to train on, 2 held out.

        Returns
        -------
        state : int64 ndarray of shape (n_rows,)
        weight : ndarray of shape (n_rows,)
        """
        context = self._context
        shown = context.is_known | context.include_unlabeled
        return shown * np.where(context.held_out, 2, 1), context.sample_weight

    def spread(self, rows, row_weight):
        """Return which items belong to some rows of X, with the weights of the rows.

        Returns
        -------
        shown : bool ndarray of shape (n_items,)
        weight : ndarray of shape (n_items,)
        """
        shown, weight = np.zeros((2, len(self._context.sample_weight)))
        shown[rows], weight[rows] = True, row_weight
        return shown.astype(bool), weight

    @property
    def _features(self):
        return self._context.X

    def _hash_features(self, features):
        return content_hashes(features)

    def _sort_key(self):
        """Return hashes of the features in float32, the same in both precisions."""
        X = self._features
        if X.dtype != np.float64:
            return self._hash_features(X)
        with np.errstate(over="ignore"):
            return self._hash_features(X.astype(np.float32))

    def _gold_hashes(self):
        """Return a hash of the known truth of each row of X."""
        gold = self._context.side_information.gold
        if gold is None:
            return np.zeros(len(self._context.held_out), dtype=np.uint64)
        return content_hashes(gold)

    def _of_items(self, hashes):
        """Return for each item the hash of its row of X."""
        return hashes

    def _annotator_fingerprints(self, item_hashes):
        """Return a hash of the answers of each annotator, independent of their column.

        It only decides the order of items whose features are equal.
        """
        a = self._context.annotations
        pairs = hash_uint64(item_hashes[a.item] + content_hashes(a.answer))
        order = np.argsort(a.annotator, kind="stable")
        indptr = np.searchsorted(a.annotator[order], np.arange(a.n_annotators + 1))
        return sum_hashes(pairs[order], indptr)

    def _answer_hashes(self, annotator_keys):
        """Return a hash of the pairs (annotator, answer) of each row of X."""
        a = self._context.annotations
        annotator = hash_uint64(annotator_keys.astype(np.uint64))[a.annotator]
        return sum_hashes(hash_uint64(annotator + content_hashes(a.answer)), a.indptr)


class SequenceRowOrder(RowOrder):
    """Hashes of sequences: sums of those of their tokens, each with its position.

    Parameters
    ----------
    context : SequenceTrainingContext
    """

    def states(self):
        context = self._context
        begin = context.X.offsets[:-1]
        known = context.any_of(context.is_known | context.include_unlabeled)
        state = known * np.where(context.held_out[begin], 2, 1)
        return state, context.sample_weight[begin]

    def spread(self, rows, row_weight):
        lengths = self._context.lengths
        shown, weight = np.zeros((2, len(lengths)))
        shown[rows], weight[rows] = True, row_weight
        return np.repeat(shown.astype(bool), lengths), np.repeat(weight, lengths)

    @property
    def _features(self):
        return self._context.X.tokens

    def _hash_features(self, features):
        return self._sum_tokens(content_hashes(features))

    def _sum_tokens(self, token_hashes):
        offsets = self._context.X.offsets
        return sum_hashes(hash_uint64(token_hashes + self._position_hashes()), offsets)

    def _position_hashes(self):
        """Return a hash of the position of each token in its sequence."""
        offsets, lengths = self._context.X.offsets, self._context.lengths
        position = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
        return hash_uint64(position.astype(np.uint64))

    def _gold_hashes(self):
        if self._context.side_information.gold is None:
            return np.zeros(len(self._context.lengths), dtype=np.uint64)
        return self._sum_tokens(super()._gold_hashes())

    def _of_items(self, hashes):
        return np.repeat(hashes, self._context.lengths) + self._position_hashes()

    def _answer_hashes(self, annotator_keys):
        return self._sum_tokens(super()._answer_hashes(annotator_keys))
