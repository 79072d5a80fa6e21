"""The training context where items are the tokens of sequences."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from skcrowd.methods._row_order import SequenceRowOrder
from skcrowd.methods._training_context import TrainingContext
from skcrowd.training._hashing import hash_uint64

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

    transitions: np.ndarray | None = None

    @property
    def lengths(self):
        """Number of tokens of each sequence, (n_sequences,)."""
        return self.X.lengths

    @property
    def n_rows(self):
        """Number of sequences, of which batches are made."""
        return len(self.lengths)

    @cached_property
    def row_order(self):
        """Distinct sequences in the order of their content."""
        return SequenceRowOrder(self)

    @property
    def sequence_weight(self):
        """Weights of the sequences to learn from, 0 for the others, (n_sequences,)."""
        begin = self.X.offsets[:-1]
        return self.sample_weight[begin] * self.any_of(self.training_weight > 0)

    def any_of(self, tokens):
        """Return whether any token of a sequence is marked.

        Parameters
        ----------
        tokens : bool ndarray of shape (n_tokens,)

        Returns
        -------
        marked : bool ndarray of shape (n_sequences,)
        """
        return np.logical_or.reduceat(tokens, self.X.offsets[:-1])

    def count_rows(self, group):
        """Return the number of sequences with a marked token, (n_tokens,)."""
        return np.count_nonzero(self.any_of(group))

    def select(self, rows, **changes):
        """Return the context of some sequences, for an auxiliary network.

        Parameters
        ----------
        rows : ndarray
            Positions of the sequences.
        **changes
            Attributes of the factory to replace, such as ``max_epochs``.

        Returns
        -------
        context : SequenceTrainingContext
            Without early stopping.
        """
        tokens = self.X.token_rows(rows)
        return replace(
            self,
            X=self.X[rows],
            annotations=self.annotations[tokens],
            sample_weight=self.sample_weight[tokens],
            held_out=self.held_out[tokens],
            side_information=self._side_information_of(tokens),
            factory=self.factory.fresh().quiet(
                patience=None, train_split=None, **changes
            ),
        )

    def _side_information_of(self, tokens):
        """Select known truths; auxiliary networks continue no previous fit."""
        gold = self.side_information.gold
        return replace(
            self.side_information,
            previous_fit=None,
            gold=None if gold is None else gold[tokens],
        )

    def folds(self, n_folds, round_number=0):
        """Assign the sequences to folds by their content.

        Equal sequences are in the same fold, so that no network predicts a sequence
        that it was trained on; the assignment depends neither on their order nor on
        how often each occurs.

        Parameters
        ----------
        n_folds : int
        round_number : int, default=0
            Every round has another assignment.

        Returns
        -------
        fold : ndarray of shape (n_sequences,)
            From 0 to the number of folds less 1, which is smaller where there are
            fewer different sequences to learn from.
        """
        hashes = hash_uint64(self.row_order.row_hashes() + np.uint64(round_number))
        learnable = np.unique(hashes[self.sequence_weight > 0])
        rank = np.searchsorted(learnable, hashes)
        return rank % min(n_folds, len(learnable))
