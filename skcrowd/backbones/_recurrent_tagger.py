"""A recurrent network for sequences of tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from skcrowd.backbones._mlp import as_row, check_widths

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike


__all__ = ["RecurrentTagger"]

INITIAL_STD = 0.1  # of the embeddings
# A recurrent network computes token after token, so that long sequences take long
# whatever the processor. Windows of them are computed side by side.
WINDOW, CONTEXT = 64, 8  # tokens of a window, and of each side that only give context
STRIDE = WINDOW - 2 * CONTEXT


class RecurrentTagger(nn.Module):
    """Scores of every token from a bidirectional recurrent network (GRU).

    Tokens are vectors of features, or the codes of a
    :class:`skcrowd.backbones.Vocabulary`, which are embedded.

    Parameters
    ----------
    n_outputs : int
        Number of scores per token, one per class.
    n_features : int, default=None
        Number of features of a token; None for codes.
    hidden : int, default=96
        Units of each direction and layer.
    n_layers : int, default=1
        Recurrent layers.
    dropout : float, default=0.3
        Share of units dropped in training, between and after the layers.
    input_dropout : float, default=0.2
        Share of features, or units of the embeddings, dropped in training.
    affix_dropout : float, default=0.2
        Share of affixes that are replaced by the unknown affix in training.
    center, scale : ndarray of shape (n_features,), default=None
        Features are centered by `center`, then divided by `scale`. Not trained.
    n_words, n_shapes, n_affixes, n_codes : int, default=None
        Sizes of the vocabulary.
    word_counts : ndarray of shape (n_words,), default=None
        Counts of the words. In training a word with count n is replaced by the unknown
        word with probability 1 / (1 + n), so that the embedding of unknown words is
        trained. With None no word is replaced.
    word_units, shape_units, affix_units : int, default=64, 16, 16
        Units of the embeddings of a word, a shape and an affix.

    Raises
    ------
    ValueError
        If `hidden` or `n_layers` is no positive integer, `center` is not finite, or
        `scale` not positive.

    Notes
    -----
    Padding has no effect: the backward direction starts at the last token of each
    sequence.

    Sequences of more than 64 tokens are cut into overlapping windows of 64, in training
    and in prediction. A token is scored in a window that has 8 more tokens of the
    sequence, if there are as many, on both sides.

    Examples
    --------
    >>> import torch
    >>> from skcrowd.backbones import RecurrentTagger
    >>> network = RecurrentTagger(n_outputs=3, n_features=5)
    >>> network(torch.zeros(2, 4, 5), torch.tensor([4, 1])).shape
    torch.Size([2, 4, 3])
    """

    def __init__(
        self,
        n_outputs: int,
        n_features: int | None = None,
        hidden: int = 96,
        n_layers: int = 1,
        dropout: float = 0.3,
        input_dropout: float = 0.2,
        affix_dropout: float = 0.2,
        center: ArrayLike | None = None,
        scale: ArrayLike | None = None,
        n_words: int | None = None,
        n_shapes: int | None = None,
        n_affixes: int | None = None,
        n_codes: int | None = None,
        word_counts: ArrayLike | None = None,
        word_units: int = 64,
        shape_units: int = 16,
        affix_units: int = 16,
    ) -> None:
        super().__init__()
        check_widths(hidden=hidden, n_layers=n_layers)
        self.inputs: nn.Module
        if n_features is None:
            units = word_units, shape_units, affix_units
            sizes = n_words, n_shapes, n_affixes
            self.inputs = _Embedding(sizes, units, word_counts, affix_dropout)
            width = word_units + shape_units + affix_units * (cast("int", n_codes) - 2)
        else:
            self.inputs = _Scaling(n_features, center, scale)
            width = n_features
        self.input_dropout = nn.Dropout(input_dropout)
        self.dropout = nn.Dropout(dropout)
        self.recurrent = nn.GRU(
            width,
            hidden,
            n_layers,
            batch_first=True,
            bidirectional=True,
            dropout=dropout if n_layers > 1 else 0.0,
        )
        self.output = nn.Linear(2 * hidden, n_outputs)

    def forward(self, X: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return scores, (n_batch, longest, n_outputs); of classes before softmax.

        Parameters
        ----------
        X : Tensor of shape (n_batch, longest, n_features) or \
                (n_batch, longest, n_codes)
        lengths : int64 Tensor of shape (n_batch,)
        """
        if X.shape[1] <= WINDOW:
            return self._scores(X, lengths)
        windows = _Windows(lengths, X.shape[1])
        return windows.join(self._scores(windows.cut(X), windows.lengths))

    def _scores(self, X: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = pack_padded_sequence(
            self.input_dropout(self.inputs(X)),
            lengths.cpu(),
            batch_first=True,
            enforce_sorted=False,
        )
        states, _ = pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=X.shape[1]
        )
        return self.output(self.dropout(states))


class _Windows:
    """Overlapping windows of padded sequences.

    Parameters
    ----------
    lengths : int64 Tensor of shape (n_batch,)
    longest : int
        Tokens of a sequence, padding included.

    Attributes
    ----------
    lengths : int64 Tensor of shape (n_windows,)
    """

    def __init__(self, lengths: torch.Tensor, longest: int) -> None:
        device = lengths.device
        last_start = (lengths - WINDOW).clamp(min=0)
        n_windows = 1 + (last_start + STRIDE - 1) // STRIDE
        first = n_windows.cumsum(0) - n_windows
        self._sequence = torch.arange(len(lengths), device=device).repeat_interleave(
            n_windows
        )
        number = torch.arange(len(self._sequence), device=device)
        number = number - first[self._sequence]
        start = torch.minimum(number * STRIDE, last_start[self._sequence])
        self.lengths = lengths[self._sequence].clamp(max=WINDOW)
        self._tokens = start[:, None] + torch.arange(WINDOW, device=device)
        # token t is scored in window (t - CONTEXT) // STRIDE, or the first or last one
        token = torch.arange(longest, device=device)
        number = ((token - CONTEXT) // STRIDE).clamp(min=0)
        self._window = first[:, None] + torch.minimum(number, n_windows[:, None] - 1)
        self._place = (token - start[self._window]).clamp(max=WINDOW - 1)

    def cut(self, X: torch.Tensor) -> torch.Tensor:
        """Return the windows, (n_windows, WINDOW, ...)."""
        tokens = self._tokens.clamp(max=X.shape[1] - 1)
        return X[self._sequence[:, None], tokens]

    def join(self, scores: torch.Tensor) -> torch.Tensor:
        """Return one row of scores a token, (n_batch, longest, n_outputs)."""
        return scores[self._window, self._place]


class _Scaling(nn.Module):
    """Center and scale features."""

    center: torch.Tensor
    scale: torch.Tensor

    def __init__(self, n_features: int, center: Any, scale: Any) -> None:
        super().__init__()
        self.register_buffer("center", as_row(center, n_features, "center"))
        self.register_buffer("scale", as_row(scale, n_features, "scale"))

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        return (X - self.center.to(X.dtype)) / self.scale.to(X.dtype)


class _Embedding(nn.Module):
    """Concatenated embeddings of word, shape and affixes."""

    unknown: torch.Tensor

    def __init__(
        self,
        sizes: Any,
        units: tuple[int, int, int],
        word_counts: Any,
        affix_dropout: float,
    ) -> None:
        super().__init__()
        tables = [nn.Embedding(*size) for size in zip(sizes, units, strict=True)]
        for table in tables:
            nn.init.normal_(table.weight, std=INITIAL_STD)
        self.tables = nn.ModuleList(tables)
        share = torch.zeros(sizes[0], dtype=torch.float64)
        if word_counts is not None:
            counts = np.asarray(word_counts, dtype=np.float64)
            share = torch.as_tensor(1 / (1 + counts))
        self.register_buffer("unknown", share)
        self.affix_dropout = affix_dropout

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        X = X.long()
        words, shapes, affixes = self.tables
        word, affix = X[..., 0], X[..., 2:]
        if self.training:
            word = _forget(word, self.unknown[word])
            affix = _forget(affix, self.affix_dropout)
        embedded = words(word), shapes(X[..., 1]), affixes(affix).flatten(-2)
        return torch.cat(embedded, dim=-1)


def _forget(codes: torch.Tensor, share: float | torch.Tensor) -> torch.Tensor:
    """Replace a random share of the codes by 0, the code of unknown values."""
    return codes.masked_fill(torch.rand(codes.shape, device=codes.device) < share, 0)
