"""A network for lists of tokens."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import torch

from skcrowd.transformers._pretrained import make_tokenizer
from skcrowd.transformers._pretrained_module import PretrainedModule
from skcrowd.transformers._subwords import SubwordVocabulary

__all__ = ["TokenClassifierModule"]

# Byte-level tokenizers need it for words without a blank before them.
SPLIT_WORDS = {"add_prefix_space": True}


class _Packed(NamedTuple):
    """Pieces of a batch, packed into rows for the encoder, and where each went.

    Attributes
    ----------
    ids, mask : int64 Tensor of shape (n_rows, longest)
    row, column : int64 Tensor of shape (n_pieces,)
    token : int64 Tensor of shape (n_pieces,)
        Place of the token in the batch.
    """

    ids: torch.Tensor
    mask: torch.Tensor
    row: torch.Tensor
    column: torch.Tensor
    token: torch.Tensor


class TokenClassifierModule(PretrainedModule):
    """Scores of tokens by a pretrained encoder, fine-tuned with the annotators.

    It is the ``module`` of :class:`~skcrowd.CrowdSequenceTagger` where ``X`` is lists
    of tokens. The tokenizer cuts tokens into pieces; the encoder's states of the pieces
    of a token are pooled to one, so there is a row of scores for each token given.
    Sequences that are longer than the encoder can read are read in parts.

    Parameters
    ----------
    model, n_outputs, tokenizer, dropout, layer_decay, head_lr
        See :class:`TextClassifierModule`.
    pooling : {"mean", "first"}, default="mean"
        Mean of the last hidden states of the pieces of a token, or the first.
    max_length : int, default=None
        Largest number of pieces that are read together. None is the limit of the
        encoder.
    max_subwords : int, default=8
        Largest number of pieces of a token; the rest is cut off.

    Examples
    --------
    >>> import torch
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> from transformers import BertConfig, PreTrainedTokenizerFast
    >>> from skcrowd import CrowdSequenceTagger
    >>> from skcrowd.transformers import TokenClassifierModule
    >>> codes = {"[PAD]": 0, "[UNK]": 1, "ann": 2, "sees": 3, "rome": 4}
    >>> pieces = Tokenizer(models.WordPiece(codes, unk_token="[UNK]"))
    >>> pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> tokenizer = PreTrainedTokenizerFast(
    ...     tokenizer_object=pieces, pad_token="[PAD]", unk_token="[UNK]"
    ... )
    >>> config = BertConfig(
    ...     vocab_size=len(codes), hidden_size=16, num_hidden_layers=1,
    ...     num_attention_heads=2, intermediate_size=16,
    ... )
    >>> X = [["ann", "sees", "rome"], ["rome", "sees", "ann"], ["ann"]] * 4
    >>> person, place = "B-PER", "B-LOC"
    >>> tags = [[person, "O", place], [place, "O", person], [person]] * 4
    >>> y = [[sentence, sentence] for sentence in tags]  # of two annotators
    >>> tagger = CrowdSequenceTagger(
    ...     TokenClassifierModule,
    ...     module__model=config,  # or the name of a pretrained model
    ...     module__tokenizer=tokenizer,
    ...     optimizer=torch.optim.AdamW,
    ...     lr=1e-2,
    ...     max_epochs=10,
    ...     random_state=0,
    ... ).fit(X, y)
    >>> tagger.predict([["rome", "sees", "rome"]])[0].tolist()
    ['B-LOC', 'O', 'B-LOC']
    """

    def __init__(
        self,
        model: Any,
        n_outputs: int,
        tokenizer: Any = None,
        pooling: Literal["mean", "first"] = "mean",
        dropout: float = 0.1,
        max_length: int | None = None,
        layer_decay: float = 1.0,
        head_lr: float = 1.0,
        max_subwords: int = 8,
    ) -> None:
        super().__init__(
            model,
            n_outputs,
            tokenizer,
            pooling,
            dropout,
            max_length,
            layer_decay,
            head_lr,
            **SPLIT_WORDS,
        )
        self.vocabulary = SubwordVocabulary(self.tokenizer, max_subwords)
        self._prefix, self._suffix = _special_pieces(self.tokenizer)

    @staticmethod
    def make_vocabulary(
        model: Any, tokenizer: Any = None, max_subwords: int = 8, **_: Any
    ) -> SubwordVocabulary:
        """Return what encodes the tokens for a network of these parameters.

        Parameters
        ----------
        model, tokenizer, max_subwords
            As of the class.
        **_
            Its other parameters.

        Returns
        -------
        vocabulary : SubwordVocabulary
        """
        own = make_tokenizer(tokenizer, model, **SPLIT_WORDS)
        return SubwordVocabulary(own, max_subwords)

    def stored_parameters(self) -> dict[str, Any]:
        """Return parameters of ``__init__`` that build it again without a download."""
        most = self.vocabulary.max_subwords
        return {**super().stored_parameters(), "max_subwords": most}

    def forward(self, X: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Return the scores of tokens, (n_batch, longest, n_outputs).

        Parameters
        ----------
        X : integer Tensor of shape (n_batch, longest, max_subwords)
            Codes of :class:`SubwordVocabulary`.
        lengths : int64 Tensor of shape (n_batch,)
            Number of tokens of each sequence.
        """
        packed = self._pack(X.long())
        hidden = self.hidden(packed.ids, packed.mask)[packed.row, packed.column]
        shape = X.shape[0] * X.shape[1], hidden.shape[1]
        tokens = hidden.new_zeros(shape).index_add(0, packed.token, hidden)
        if self.pooling == "mean":
            counts = (X > 0).sum(dim=2).reshape(-1, 1).clamp_min(1)
            tokens = tokens / counts.to(hidden.dtype)
        return self.head(self.dropout(tokens)).reshape(*X.shape[:2], -1)

    def _pack(self, X: torch.Tensor) -> _Packed:
        """Pack the pieces of each sequence into rows of at most `max_length`."""
        n_special = len(self._prefix) + len(self._suffix)
        size = self.max_length - n_special
        pieces = X.flatten(1)
        is_piece = pieces > 0
        place = is_piece.cumsum(dim=1) - 1
        count = is_piece.sum(dim=1)
        n_rows = ((count + size - 1) // size).clamp_min(1)
        first_row = n_rows.cumsum(0) - n_rows
        row = (first_row[:, None] + place.div(size, rounding_mode="floor"))[is_piece]
        column = len(self._prefix) + place.remainder(size)[is_piece]
        per_row = torch.bincount(row, minlength=int(n_rows.sum()))
        width = int(per_row.max()) + n_special
        padding = self.tokenizer.pad_token_id or 0
        ids = X.new_full((len(per_row), width), padding)
        ids[:, : len(self._prefix)] = X.new_tensor(self._prefix)
        ids[row, column] = pieces[is_piece] - 1
        end = len(self._prefix) + per_row
        for k, code in enumerate(self._suffix):
            ids[torch.arange(len(ids), device=X.device), end + k] = code
        mask = torch.arange(width, device=X.device) < (end + len(self._suffix))[:, None]
        token = torch.arange(X.shape[0] * X.shape[1], device=X.device)
        token = token.repeat_interleave(X.shape[2]).reshape_as(pieces)[is_piece]
        packed = _Packed(ids, mask.long(), row, column, token)
        return packed if self.pooling == "mean" else _firsts(packed)


def _firsts(packed: _Packed) -> _Packed:
    """Keep the place of the first piece of each token only."""
    token = packed.token
    is_first = torch.ones_like(token, dtype=torch.bool)
    is_first[1:] = token[1:] != token[:-1]
    places = packed.row[is_first], packed.column[is_first], token[is_first]
    return _Packed(packed.ids, packed.mask, *places)


def _special_pieces(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Return the pieces that the encoder expects before and after a sequence."""
    encoded = tokenizer([["a"]], is_split_into_words=True)["input_ids"][0]
    options = {"is_split_into_words": True, "add_special_tokens": False}
    bare = tokenizer([["a"]], **options)["input_ids"][0]
    n_after = next(
        k
        for k in range(len(encoded) - len(bare) + 1)
        if encoded[len(encoded) - len(bare) - k : len(encoded) - k] == bare
    )
    n_before = len(encoded) - len(bare) - n_after
    return encoded[:n_before], encoded[len(encoded) - n_after :]
