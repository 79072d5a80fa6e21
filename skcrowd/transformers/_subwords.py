"""Encoding of tokens by the pieces that a tokenizer cuts them into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


__all__ = ["SubwordVocabulary"]


class SubwordVocabulary:
    """The pieces of tokens, as integer codes.

    It stands in place of :class:`skcrowd.backbones.Vocabulary` where the network is a
    :class:`TokenClassifierModule`.

    Parameters
    ----------
    tokenizer : PreTrainedTokenizerFast
    max_subwords : int, default=8
        Largest number of pieces of a token; the rest is cut off.

    Examples
    --------
    >>> from tokenizers import Tokenizer, models, pre_tokenizers
    >>> from transformers import PreTrainedTokenizerFast
    >>> from skcrowd.transformers import SubwordVocabulary
    >>> codes = {"[PAD]": 0, "[UNK]": 1, "happy": 2, "un": 3, "##happy": 4}
    >>> pieces = Tokenizer(models.WordPiece(codes, unk_token="[UNK]"))
    >>> pieces.pre_tokenizer = pre_tokenizers.Whitespace()
    >>> tokenizer = PreTrainedTokenizerFast(
    ...     tokenizer_object=pieces, pad_token="[PAD]", unk_token="[UNK]"
    ... )
    >>> SubwordVocabulary(tokenizer, 2).encode(["unhappy", "happy", "sad"])
    array([[4, 5],
           [3, 0],
           [2, 0]], dtype=int32)
    """

    def __init__(self, tokenizer: Any, max_subwords: int = 8) -> None:
        self.tokenizer = tokenizer
        self.max_subwords = max_subwords

    @property
    def sizes(self) -> dict[str, Any]:
        """Sizes by the names of parameters of a network."""
        return {"n_codes": self.max_subwords}

    def encode(self, tokens: Any) -> NDArray[np.int32]:
        """Return the codes of tokens.

        Parameters
        ----------
        tokens : sequence of str

        Returns
        -------
        codes : int32 ndarray of shape (n_tokens, max_subwords)
            Number of each piece in the tokenizer, plus 1; 0 after the last.
        """
        number = {token: k for k, token in enumerate(dict.fromkeys(tokens))}
        pieces = self.tokenizer(
            [[token] for token in number],
            is_split_into_words=True,
            add_special_tokens=False,
            return_attention_mask=False,
        )["input_ids"]
        table = np.zeros((len(number), self.max_subwords), dtype=np.int32)
        unknown = self.tokenizer.unk_token_id or 0
        for row, ids in zip(table, pieces, strict=True):
            ids = (ids or [unknown])[: self.max_subwords]
            row[: len(ids)] = np.array(ids) + 1
        return table[[number[token] for token in tokens]]
