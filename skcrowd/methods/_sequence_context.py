"""The training context where items are the tokens of sequences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

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
