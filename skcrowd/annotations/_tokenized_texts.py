"""Tokenized texts, which know where their tokens are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from ._char_spans import (
    Span,
    check_scheme,
    read_spans,
    spans_as_tags,
    tags_as_spans,
    warn_of_losses,
)
from ._tokenize import RegexTokenizer, Tokens, tokenize

if TYPE_CHECKING:
    from skcrowd._typing import Array

__all__ = ["TokenizedTexts"]


class TokenizedTexts(list[list[str]]):
    """Texts as lists of tokens, with the places of the tokens in the texts.

    It is a list of lists of tokens, and so an ``X`` of
    :class:`~skcrowd.CrowdSequenceTagger`, which then predicts character spans of other
    texts, too (`predict_spans`).

    Parameters
    ----------
    texts : iterable of str
    tokenizer : callable, str or None, default=None
        How texts are split. A callable returns, for a text, a list of tokens (pieces
        of the text in order), a list of their (start, end), a ``Doc`` of spaCy, or an
        encoding with offsets. A fast tokenizer of transformers and a
        ``tokenizers.Tokenizer`` are called for offsets, without special tokens. A
        string is a pattern of :mod:`re`. None is :class:`RegexTokenizer`.

    Attributes
    ----------
    texts : list of str
    offsets : list of lists of tuples (start, end)
        Where the tokens are, in characters (code points) of each text.
    tokenizer : callable or None
        None where tokens were given by `from_offsets`.

    Raises
    ------
    TypeError
        If a text is no string, or the tokenizer is none.

    Examples
    --------
    >>> from skcrowd.annotations import TokenizedTexts
    >>> X = TokenizedTexts(["Ann met Bob Lee."])
    >>> X
    [['Ann', 'met', 'Bob', 'Lee', '.']]
    >>> X.offsets[0][:2]
    [(0, 3), (4, 7)]
    >>> tags = X.tags([[(0, 3, "PER"), (8, 15, "PER")]])
    >>> tags
    [['B-PER', 'O', 'B-PER', 'I-PER', 'O']]
    >>> X.spans(tags)
    [[Span(start=0, end=3, label='PER'), Span(start=8, end=15, label='PER')]]
    """

    texts: list[str]
    offsets: list[list[tuple[int, int]]]
    tokenizer: Any

    def __init__(self, texts: Iterable[str], tokenizer: Any = None) -> None:
        if isinstance(texts, str):
            raise TypeError("texts must be a list of texts; pass [text] for one.")
        if tokenizer is None or isinstance(tokenizer, str):
            tokenizer = RegexTokenizer(tokenizer)
        self.texts = list(texts)
        self.tokenizer = tokenizer
        for k, text in enumerate(self.texts):
            if not isinstance(text, str):
                raise TypeError(
                    f"text {k} is a {type(text).__name__}, expected a string; leave "
                    "out items that have no text."
                )
        split: list[Tokens] = [tokenize(text, tokenizer) for text in self.texts]
        self.offsets = [tokens.offsets for tokens in split]
        super().__init__(tokens.tokens for tokens in split)

    @classmethod
    def from_offsets(
        cls, texts: Sequence[str], offsets: Sequence[Sequence[Any]]
    ) -> TokenizedTexts:
        """Cut texts where somebody else found tokens.

        Parameters
        ----------
        texts : sequence of str
        offsets : sequence of n_texts lists of tuples (start, end)

        Returns
        -------
        tokens : TokenizedTexts
            Its `tokenizer` is None: other texts are split by what you pass.

        Raises
        ------
        ValueError
            If there are not as many lists of offsets as texts, or an offset does not
            lie in its text.

        Examples
        --------
        >>> from skcrowd.annotations import TokenizedTexts
        >>> TokenizedTexts.from_offsets(["don't"], [[(0, 2), (2, 5)]])
        [['do', "n't"]]
        """
        if len(offsets) != len(texts):
            raise ValueError(
                f"offsets holds {len(offsets)} lists, texts {len(texts)} texts; give "
                "the tokens of every text."
            )
        given = dict(enumerate(offsets))
        tokens = cls([])
        tokens.tokenizer = None
        for k, text in enumerate(texts):
            split = tokenize(text, lambda _, k=k: given[k])
            tokens.texts.append(text)
            tokens.offsets.append(split.offsets)
            tokens.append(split.tokens)
        return tokens

    @overload  # type: ignore[override]
    def __getitem__(self, rows: int) -> list[str]: ...

    @overload
    def __getitem__(self, rows: slice | Sequence[int] | Array) -> TokenizedTexts: ...

    def __getitem__(
        self, rows: int | slice | Sequence[int] | Array
    ) -> list[str] | TokenizedTexts:
        """Return the tokens of one text, or some of the texts.

        Parameters
        ----------
        rows : int, slice, int or bool array-like

        Returns
        -------
        selected : list of str or TokenizedTexts
        """
        if isinstance(rows, (int, np.integer)):
            return super().__getitem__(rows)
        places = np.arange(len(self))[rows].tolist()
        selected = TokenizedTexts([])
        selected.extend(list.__getitem__(self, k) for k in places)
        selected.texts = [self.texts[k] for k in places]
        selected.offsets = [self.offsets[k] for k in places]
        selected.tokenizer = self.tokenizer
        return selected

    def __reduce__(self) -> Any:
        return _restored, (self.texts, self.offsets, self.tokenizer)

    def tags(
        self, spans: Sequence[Iterable[Any]], *, scheme: str = "IOB2"
    ) -> list[list[str]]:
        """Write character spans as tags of the tokens.

        Parameters
        ----------
        spans : sequence of n_texts lists of spans
            Tuples (start, end, label), or mappings with these keys, in characters.
        scheme : {"IOB2", "BIOES"}, default="IOB2"

        Returns
        -------
        tags : list of n_texts lists of str

        Raises
        ------
        ValueError
            If a span does not lie in its text.

        Warns
        -----
        CrowdWarning
            If tags cannot say all that the spans say: spans that cut a token (they are
            widened), overlap or are nested (the longest is kept), each counted.
        """
        check_scheme(scheme)
        if len(spans) != len(self):
            raise ValueError(
                f"spans are of {len(spans)} texts, but there are {len(self)}; give a "
                "list, perhaps empty, for each."
            )
        losses: Counter[str] = Counter()
        tags, n_spans = [], 0
        for k, (text, offsets) in enumerate(zip(self.texts, self.offsets, strict=True)):
            read = read_spans(spans[k], text, f"text {k}")
            n_spans += len(read)
            tags.append(spans_as_tags(read, offsets, scheme, losses))
        warn_of_losses(losses, n_spans)
        return tags

    def spans(self, tags: Sequence[Any]) -> list[list[Span]]:
        """Read tags as character spans.

        Parameters
        ----------
        tags : sequence of n_texts tag sequences
            In IOB2, BIOES or BILOU, one tag for each token.

        Returns
        -------
        spans : list of n_texts lists of Span

        Raises
        ------
        ValueError
            If a tag sequence has a wrong length.
        """
        found = []
        for k, (offsets, sequence) in enumerate(zip(self.offsets, tags, strict=True)):
            if len(sequence) != len(offsets):
                raise ValueError(
                    f"tag sequence {k} has {len(sequence)} tags, but its text has "
                    f"{len(offsets)} tokens."
                )
            found.append(tags_as_spans(sequence, offsets))
        return found


def _restored(
    texts: list[str], offsets: list[list[tuple[int, int]]], tokenizer: Any
) -> TokenizedTexts:
    """Make tokenized texts of their attributes."""
    tokens = TokenizedTexts.from_offsets(texts, offsets)
    tokens.tokenizer = tokenizer
    return tokens
