"""The training context where items are the tokens of sequences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from skcrowd.annotations._hashing import hash_uint64
from skcrowd.methods._row_order import SequenceRowOrder
from skcrowd.methods._training_context import TrainingContext

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray


__all__ = ["SequenceTrainingContext"]


@dataclass(frozen=True)
class SequenceTrainingContext(TrainingContext):
    """Sequences and the answers to their tokens.

    The items are the tokens: annotations, weights and targets have a row for each, so
    that every method for labels learns from them as it does from other items. Only
    `X`, a SequenceRows, has the boundaries of sequences; batches hold whole sequences.

    Attributes
    ----------
    transitions : bool ndarray of shape (n_classes + 1, n_classes) or None
        Which tag may follow which; the last row is for the first token. None to derive
        them from the names of the tags.
    """

    transitions: BoolArray | None = None

    @property
    def lengths(self) -> IntArray:
        """Number of tokens of each sequence, (n_sequences,)."""
        return self.X.lengths

    @property
    def n_rows(self) -> int:
        """Number of sequences, of which batches are made."""
        return len(self.lengths)

    @cached_property
    def row_order(self) -> SequenceRowOrder:
        """Distinct sequences in the order of their content."""
        return SequenceRowOrder(self)

    @property
    def sequence_weight(self) -> FloatArray:
        """Weights of the sequences to learn from, 0 for the others, (n_sequences,)."""
        begin = self.X.offsets[:-1]
        return self.sample_weight[begin] * self.any_of(self.training_weight > 0)

    def any_of(self, tokens: BoolArray) -> BoolArray:
        """Return whether any token of a sequence is marked.

        Parameters
        ----------
        tokens : bool ndarray of shape (n_tokens,)

        Returns
        -------
        marked : bool ndarray of shape (n_sequences,)
        """
        return np.logical_or.reduceat(tokens, self.X.offsets[:-1])

    def count_rows(self, group: BoolArray) -> int:
        """Return the number of sequences with a marked token, (n_tokens,)."""
        return int(np.count_nonzero(self.any_of(group)))

    @property
    def row_weight(self) -> FloatArray:
        """Weights of the sequences to learn from, (n_sequences,)."""
        return self.sequence_weight

    def items_of(self, rows: IntArray) -> IntArray:
        """Return the tokens of some sequences."""
        return self.X.token_rows(rows)

    def copies(self) -> IntArray:
        """Return how many sequences that differ in their answers have each content.

        Returns
        -------
        copies : ndarray of shape (n_sequences,)
            1 where no other sequence has the same content.
        """
        hashes = self.row_order.row_hashes()
        contents, group = np.unique(hashes, return_inverse=True)
        distinct, _ = self.row_order.distinct()
        counts = np.bincount(group[distinct], minlength=len(contents))
        return np.maximum(counts, 1)[group]

    def sample_rows(self, n_tokens: int) -> BoolArray:
        """Choose sequences to learn from by their content, of about `n_tokens` in all.

        Neither the order of the sequences nor how often each occurs decides anything.

        Parameters
        ----------
        n_tokens : int

        Returns
        -------
        chosen : bool ndarray of shape (n_sequences,)
            All sequences to learn from, where they are that few.
        """
        hashes = hash_uint64(self.row_order.row_hashes())
        is_used = self.sequence_weight > 0
        _, first = np.unique(hashes, return_index=True)
        distinct = np.intersect1d(first, np.flatnonzero(is_used))
        share = n_tokens / max(self.lengths[distinct].sum(), 1)
        is_chosen = hashes <= np.uint64(min(share, 1.0) * (2.0**64 - 2.0**11))
        if share >= 1 or not (is_chosen & is_used).any():
            return is_used
        return is_chosen & is_used
