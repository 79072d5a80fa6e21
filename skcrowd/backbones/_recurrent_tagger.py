"""A recurrent network for sequences of tokens."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from skcrowd.backbones._mlp import as_row, check_widths

__all__ = ["RecurrentTagger"]

INITIAL_STD = 0.1  # of the embeddings


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
    hidden : int, default=64
        Units of each direction and layer.
    n_layers : int, default=2
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
        trained. None replaces none.
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
        n_outputs,
        n_features=None,
        hidden=64,
        n_layers=2,
        dropout=0.3,
        input_dropout=0.2,
        affix_dropout=0.2,
        center=None,
        scale=None,
        n_words=None,
        n_shapes=None,
        n_affixes=None,
        n_codes=None,
        word_counts=None,
        word_units=64,
        shape_units=16,
        affix_units=16,
    ):
        super().__init__()
        check_widths(hidden=hidden, n_layers=n_layers)
        self.inputs: nn.Module
        if n_features is None:
            units = word_units, shape_units, affix_units
            sizes = n_words, n_shapes, n_affixes
            self.inputs = _Embedding(sizes, units, word_counts, affix_dropout)
            width = word_units + shape_units + affix_units * (n_codes - 2)
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

    def forward(self, X, lengths):
        """Return scores, (n_batch, longest, n_outputs); of classes before softmax.

        Parameters
        ----------
        X : Tensor of shape (n_batch, longest, n_features) or \
                (n_batch, longest, n_codes)
        lengths : int64 Tensor of shape (n_batch,)
        """
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


class _Scaling(nn.Module):
    """Center and scale features."""

    center: torch.Tensor
    scale: torch.Tensor

    def __init__(self, n_features, center, scale):
        super().__init__()
        self.register_buffer("center", as_row(center, n_features, "center"))
        self.register_buffer("scale", as_row(scale, n_features, "scale"))

    def forward(self, X):
        return (X - self.center.to(X.dtype)) / self.scale.to(X.dtype)


class _Embedding(nn.Module):
    """Embed word, shape and affixes, one beside the other."""

    unknown: torch.Tensor

    def __init__(self, sizes, units, word_counts, affix_dropout):
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

    def forward(self, X):
        X = X.long()
        words, shapes, affixes = self.tables
        word, affix = X[..., 0], X[..., 2:]
        if self.training:
            word = _forget(word, self.unknown[word])
            affix = _forget(affix, self.affix_dropout)
        own = words(word), shapes(X[..., 1]), affixes(affix).flatten(-2)
        return torch.cat(own, dim=-1)


def _forget(codes, share):
    """Read some as unknown, code 0."""
    return codes.masked_fill(torch.rand(codes.shape, device=codes.device) < share, 0)
