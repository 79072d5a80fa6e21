"""The problem of a fit on sequences: its items are the tokens."""

from dataclasses import dataclass, replace

import numpy as np

from skcrowd.methods._base import TrainingContext
from skcrowd.training import SequenceDataset, content_hashes, hash_uint64, sum_hashes

__all__ = ["SequenceTrainingContext"]


@dataclass(frozen=True)
class SequenceTrainingContext(TrainingContext):
    """Sequences and the answers to their tokens.

    The items are the tokens: annotations, weights and targets have a row for each, so
    that every method for labels learns from them as it does from other items. Only
    `X`, a SequenceRows, knows where sequences begin; batches are made of whole ones.

    Attributes
    ----------
    transitions : bool ndarray of shape (n_classes + 1, n_classes) or None
        Which tag may follow which; the last row is for the first token. None where
        the names of the tags say so.
    """

    transitions: np.ndarray | None = None

    @property
    def lengths(self):
        """Tokens of every sequence, (n_sequences,)."""
        return self.X.lengths

    @property
    def n_rows(self):
        """Number of sequences, which batches are made of."""
        return len(self.lengths)

    @property
    def sequence_weight(self):
        """Weights of sequences that may be learned from, zero for the others."""
        begin = self.X.offsets[:-1]
        return self.sample_weight[begin] * self.any_of(self.training_weight > 0)

    def _dataset(self, y, rows):
        return SequenceDataset(self.X, y, rows)

    @property
    def _features(self):
        return self.X.tokens

    def _content(self, features):
        return self._summed(content_hashes(features))

    def _summed(self, token_keys):
        """Sum what belongs to the tokens, each scattered by its position."""
        return sum_hashes(hash_uint64(token_keys + self._places()), self.X.offsets)

    def _places(self):
        """Return a number for every token that depends on its position alone."""
        offsets = self.X.offsets
        position = np.arange(offsets[-1]) - np.repeat(offsets[:-1], self.lengths)
        return hash_uint64(position.astype(np.uint64))

    def _states(self):
        begin = self.X.offsets[:-1]
        known = self.any_of(self.is_known | self.include_unlabeled)
        state = known * np.where(self.held_out[begin], 2, 1)
        return state, self.sample_weight[begin]

    def _gold_keys(self):
        if self.side_information.gold is None:
            return np.zeros(len(self.lengths), dtype=np.uint64)
        return self._summed(super()._gold_keys())

    def _of_items(self, content):
        return np.repeat(content, self.lengths) + self._places()

    def _answer_keys(self, who):
        return self._summed(super()._answer_keys(who))

    def _on_items(self, rows, row_weight):
        shown, weight = np.zeros((2, len(self.lengths)))
        shown[rows], weight[rows] = True, row_weight
        both = shown.astype(bool), weight
        return tuple(np.repeat(values, self.lengths) for values in both)

    def any_of(self, tokens):
        """Whether a sequence has one of the tokens marked, (n_sequences,)."""
        return np.logical_or.reduceat(tokens, self.X.offsets[:-1])

    def _count_rows(self, group):
        """Count the sequences: the loss of a batch is divided by their number."""
        return np.count_nonzero(self.any_of(group))

    def select(self, rows, **changes):
        """Return the problem of some sequences, for a network that trains beside.

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
        """Select known truths; fresh networks go on from no earlier fit."""
        gold = self.side_information.gold
        return replace(
            self.side_information,
            previous_fit=None,
            gold=None if gold is None else gold[tokens],
        )

    def folds(self, n_folds, round_number=0):
        """Deal the sequences to folds by their content.

        Equal sequences come to the same fold, so that no network is asked about a
        sequence that it was trained on; and neither their order nor how often each
        occurs decides anything.

        Parameters
        ----------
        n_folds : int
        round_number : int, default=0
            Every round deals anew.

        Returns
        -------
        fold : ndarray of shape (n_sequences,)
            From 0 to the number of folds less 1, which is smaller where there are
            fewer different sequences to learn from.
        """
        digests = hash_uint64(self.content() + np.uint64(round_number))
        learnable = np.unique(digests[self.sequence_weight > 0])
        rank = np.searchsorted(learnable, digests)
        return rank % min(n_folds, len(learnable))
