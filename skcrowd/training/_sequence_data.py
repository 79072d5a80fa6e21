"""Data set of sequences and answers, in padded batches of similar length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
import torch

from skcrowd.training._data import BATCHES_AT_ONCE, CrowdDataset, batch_sizes
from skcrowd.training._seeding import own_draws
from skcrowd.training._tensors import as_tensor, places_of

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features, IntArray


__all__ = ["SequenceDataset", "SequenceRows"]

# Number of batches that are sorted by length together: large enough for batches of
# similar length, small enough that batches differ between epochs.
POOL = 16
# Maximum number of tokens, padding included, of a batch in prediction; bounds memory.
MOST_TOKENS = 2**15


class SequenceRows:
    """Sequences whose tokens are concatenated; batches of them are padded.

    Parameters
    ----------
    tokens : ndarray of shape (n_tokens, ...)
        Features, or codes, of the tokens of all sequences in order.
    lengths : int64 ndarray of shape (n_sequences,)
        Tokens of every sequence.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.training import SequenceRows
    >>> rows = SequenceRows(np.arange(5), np.array([2, 3]))
    >>> len(rows)
    2
    """

    def __init__(self, tokens: Array, lengths: IntArray) -> None:
        self.tokens = tokens
        self.lengths = lengths
        self.offsets = np.concatenate([[0], np.cumsum(lengths)])
        self._tensors = as_tensor(tokens), as_tensor(lengths), as_tensor(self.offsets)

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, rows: Any) -> SequenceRows:
        """Select sequences by a slice, or an array of positions or booleans."""
        rows = np.arange(len(self))[rows]
        return SequenceRows(self.tokens[self.token_rows(rows)], self.lengths[rows])

    @property
    def shape(self) -> tuple[int]:
        """Shape as of an array of sequences."""
        return (len(self),)

    @property
    def dtype(self) -> Any:
        """Type of the features or codes."""
        return self.tokens.dtype

    @property
    def n_tokens(self) -> int:
        """Tokens of all sequences."""
        return len(self.tokens)

    def token_rows(self, rows: Any) -> IntArray:
        """Return the rows of `tokens` of some sequences."""
        return places_of(self._tensors[2], as_tensor(rows)).numpy()

    def padded(
        self, rows: torch.Tensor, tokens: torch.Tensor
    ) -> dict[str, torch.Tensor]:
        """Return sequences as one tensor, zeros after the end of each.

        Parameters
        ----------
        rows : int64 Tensor of shape (n_batch,)
            The sequences.
        tokens : int64 Tensor
            Rows of their tokens.

        Returns
        -------
        batch : dict of Tensor
            ``X`` of shape (n_batch, longest, ...) and ``lengths`` (n_batch,).
        """
        values, lengths, _ = self._tensors
        lengths = lengths[rows]
        X = values.new_zeros(len(rows), int(lengths.max()), *values.shape[1:])
        X[token_mask(lengths, X.shape[1])] = values[tokens]
        return {"X": X, "lengths": lengths}

    def __reduce__(self) -> tuple[Any, ...]:
        return SequenceRows, (self.tokens, self.lengths)


def token_mask(lengths: torch.Tensor, longest: int) -> torch.Tensor:
    """Return the mask of tokens, as opposed to padding, (n_batch, longest)."""
    return torch.arange(longest, device=lengths.device) < lengths[:, None]


def _shuffled(batches: tuple[Any, ...], order: torch.Tensor) -> Any:
    """Shuffle batches, seeded by the order of their sequences alone."""
    generator = torch.Generator().manual_seed(crc32(order.contiguous().numpy().data))
    permutation = torch.randperm(len(batches), generator=generator)
    return [batches[i] for i in permutation.tolist()]


class SequenceDataset(CrowdDataset):
    """Sequences with the answers that their tokens got, in batches of similar length.

    Parameters
    ----------
    X : SequenceRows
    y : dict of Tensor, default=None
        As for :class:`CrowdDataset`; an item is a token.
    rows : Tensor of shape (n_rows,), default=None
        The sequences of this data set; all by default.
    """

    def __init__(
        self,
        X: Features,
        y: dict[str, torch.Tensor] | None = None,
        rows: torch.Tensor | None = None,
    ) -> None:
        self.X = X
        self.y = y
        self.rows = rows

    def subset(self, rows: IntArray) -> SequenceDataset:
        """Return a view on some sequences, given by their index in the whole."""
        return SequenceDataset(self.X, self.y, torch.as_tensor(rows))

    def __getitem__(self, batch: tuple[Any, ...]) -> tuple[Any, Any]:
        """Return a padded batch and its answers.

        Parameters
        ----------
        batch : tuple
            Sequences, rows of their tokens, and their answers.

        Returns
        -------
        X : dict of Tensor
            See :meth:`SequenceRows.padded`.
        y : dict of Tensor
            As of :class:`CrowdDataset`; items are the tokens of the batch, without
            padding, and ``n_rows`` is the number of sequences.
        """
        rows, tokens, answers = batch
        if self.y is None:
            return self.X.padded(rows, tokens), torch.empty(0)
        n_rows = torch.tensor(len(rows))
        y = answers | self.item_values(tokens) | {"n_rows": n_rows}
        if self.part is None:
            return self.X.padded(rows, tokens), y
        sizes = self.part.sizes(len(rows))
        own = rows[self.part.own(sizes)]
        with own_draws(self.part.rank):
            X = self.X.padded(own, places_of(as_tensor(self.X.offsets), own))
        lengths = as_tensor(self.X.lengths)[rows].split(sizes)
        n_tokens = torch.stack([part.sum() for part in lengths])
        return X, y | {"part_sizes": n_tokens}

    def batches(
        self, order: torch.Tensor | None, batch_size: int
    ) -> Iterator[tuple[Any, ...]]:
        """Cut sequences into batches of similar length and gather their answers.

        Parameters
        ----------
        order : Tensor of shape (n,) or None
            Positions of the sequences, in random order; None takes all, the shortest
            first.
        batch_size : int
            Sequences per batch; fewer in prediction if they are long.

        Yields
        ------
        batch : tuple
            Argument of ``__getitem__``.
        """
        if order is None:
            batches = self._bounded(self.by_length(), batch_size)
        else:
            rows = self._pooled(order, batch_size)
            batches = _shuffled(rows.split(batch_sizes(len(rows), batch_size)), order)
        offsets = as_tensor(self.X.offsets)
        for first in range(0, len(batches), BATCHES_AT_ONCE):
            block = batches[first : first + BATCHES_AT_ONCE]
            tokens = [places_of(offsets, rows) for rows in block]
            sizes = [len(part) for part in tokens]
            answers = self._answers_of(torch.cat(tokens), sizes)
            yield from zip(block, tokens, answers, strict=True)

    def by_length(self) -> torch.Tensor:
        """Return the sequences in the order in which they are predicted."""
        rows = torch.arange(len(self.X)) if self.rows is None else self.rows
        return rows[as_tensor(self.X.lengths)[rows].argsort(stable=True)]

    def token_order(self) -> torch.Tensor:
        """Return rows of the tokens in the order in which they are predicted."""
        return places_of(as_tensor(self.X.offsets), self.by_length())

    def _bounded(self, rows: torch.Tensor, batch_size: int) -> tuple[Any, ...]:
        """Cut sorted sequences into batches of at most MOST_TOKENS tokens."""
        lengths, start, sizes = self.X.lengths[rows.numpy()], 0, []
        while start < len(rows):
            size = min(batch_size, len(rows) - start)
            if size * lengths[start + size - 1] > MOST_TOKENS:
                size = min(size, max(1, MOST_TOKENS // lengths[start + size - 1]))
            sizes.append(int(size))
            start += sizes[-1]
        return rows.split(sizes)

    def _pooled(self, order: torch.Tensor, batch_size: int) -> torch.Tensor:
        """Sort by length within pools of some batches."""
        rows = order if self.rows is None else self.rows[order]
        pool = torch.arange(len(rows)) // (POOL * batch_size)
        lengths = as_tensor(self.X.lengths)[rows]
        return rows[(pool * (lengths.max() + 1) + lengths).argsort(stable=True)]
