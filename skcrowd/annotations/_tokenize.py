"""Tokens of a text and where they stand in it, from any tokenizer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import Any, NamedTuple

__all__ = ["RegexTokenizer", "Tokens", "tokenize"]

# An emoji and what belongs to it: a skin tone, or further ones after a joiner.
_SKIN_TONES = "\U0001f3fb-\U0001f3ff"
_JOINER = "\u200d"


class Tokens(NamedTuple):
    """The tokens of one text.

    Attributes
    ----------
    tokens : list of str
    offsets : list of tuples (start, end)
        Places of the characters: a token is ``text[start:end]``.
    """

    tokens: list[str]
    offsets: list[tuple[int, int]]


class RegexTokenizer:
    r"""A tokenizer that finds tokens by a regular expression.

    Parameters
    ----------
    pattern : str, default=None
        What a token is, for :mod:`re`. None: a run of letters, digits and underscores
        with their combining marks, or another character that is no space, with its
        combining marks; an emoji sequence is one token.

    Examples
    --------
    >>> from skcrowd.annotations import RegexTokenizer
    >>> RegexTokenizer()("Ann's cat.")
    [(0, 3), (3, 4), (4, 5), (6, 9), (9, 10)]
    >>> RegexTokenizer(r"\S+")("Ann's cat.")
    [(0, 5), (6, 10)]
    """

    def __init__(self, pattern: str | None = None) -> None:
        self.pattern = pattern

    def __call__(self, text: str) -> list[tuple[int, int]]:
        """Return where the tokens of a text are.

        Parameters
        ----------
        text : str

        Returns
        -------
        offsets : list of tuples (start, end)
        """
        pattern = _default_pattern() if self.pattern is None else self.pattern
        return [match.span() for match in re.finditer(pattern, text)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RegexTokenizer) and self.pattern == other.pattern

    def __hash__(self) -> int:
        return hash((RegexTokenizer, self.pattern))

    def __repr__(self) -> str:
        shown = "" if self.pattern is None else repr(self.pattern)
        return f"RegexTokenizer({shown})"


@cache
def _default_pattern() -> str:
    marks = _combining_marks()
    return (
        rf"\w[\w{marks}]*"
        rf"|[^\w\s](?:[{marks}{_SKIN_TONES}]|{_JOINER}[^\w\s])*"
    )


def _combining_marks() -> str:
    """Return ranges of all combining marks, which are no letters for `re`."""
    ranges: list[list[int]] = []
    for code in chain(range(0x20000), range(0xE0000, 0xE1000)):  # others have none
        if unicodedata.category(chr(code))[0] != "M":
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


def tokenize(text: str, tokenizer: Any = None) -> Tokens:
    """Split a text by any tokenizer.

    Parameters
    ----------
    text : str
    tokenizer : callable, tokenizer of Hugging Face, str or None
        See `TokenizedTexts`.

    Returns
    -------
    tokens : Tokens

    Raises
    ------
    TypeError
        If the tokenizer is none, or returns neither tokens nor their offsets.
    ValueError
        If tokens do not occur in the text in this order.
    """
    if tokenizer is None or isinstance(tokenizer, str):
        found: Any = RegexTokenizer(tokenizer)(text)
    elif hasattr(tokenizer, "backend_tokenizer") or hasattr(tokenizer, "is_fast"):
        found = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    elif hasattr(tokenizer, "encode") and not callable(tokenizer):
        found = tokenizer.encode(text, add_special_tokens=False)
    elif callable(tokenizer):
        found = tokenizer(text)
    else:
        raise TypeError(
            f"tokenizer must be a callable that maps a text to tokens or to their "
            f"(start, end), a pattern, or a tokenizer of Hugging Face, got "
            f"{type(tokenizer).__name__}."
        )
    offsets = _checked(_offsets(found, text), text)
    return Tokens([text[start:end] for start, end in offsets], offsets)


def _offsets(found: Any, text: str) -> list[tuple[int, int]]:
    """Read what a tokenizer returned."""
    if isinstance(found, Mapping) or hasattr(found, "offset_mapping"):
        found = found["offset_mapping"]
    elif hasattr(found, "offsets"):
        found = found.offsets
    if isinstance(found, str) or not isinstance(found, Iterable):
        raise TypeError(
            f"the tokenizer returned a {type(found).__name__} for {text[:40]!r}; it "
            "must return a list of tokens, or of their (start, end)."
        )
    listed = list(found)
    if all(isinstance(token, str) for token in listed):
        return _found_in_order(listed, text)
    if all(hasattr(token, "idx") and hasattr(token, "text") for token in listed):
        return [(token.idx, token.idx + len(token.text)) for token in listed]
    try:
        return [(int(start), int(end)) for start, end in listed]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"the tokenizer returned {listed[:3]!r} for {text[:40]!r}; it must return "
            "a list of tokens, or of their (start, end)."
        ) from error


def _found_in_order(tokens: list[str], text: str) -> list[tuple[int, int]]:
    """Find each token after the one before."""
    offsets, place = [], 0
    for token in tokens:
        start = text.find(token, place)
        if start < 0:
            raise ValueError(
                f"the token {token!r} does not occur in {text[:60]!r} from character "
                f"{place} on; tokens must be pieces of the text, in order. A tokenizer "
                "that changes the text must return offsets (start, end)."
            )
        place = start + len(token)
        offsets.append((start, place))
    return offsets


def _checked(offsets: list[tuple[int, int]], text: str) -> list[tuple[int, int]]:
    """Leave out empty tokens and pieces of one character; check the order.

    Tokenizers of bytes return several tokens for one character, all with its offsets,
    and count the space before a word to it; white space is no part of a token.
    """
    kept: list[tuple[int, int]] = []
    last = 0
    for start, end in offsets:
        if 0 <= start < end <= len(text):
            word = text[start:end]
            start += len(word) - len(word.lstrip())
            end = start + len(word.strip())
        if start == end or (kept and kept[-1] == (start, end)):
            continue
        if not last <= start < end <= len(text):
            raise ValueError(
                f"the tokenizer returned offsets ({start}, {end}) after character "
                f"{last} of a text of {len(text)} characters; they must ascend, "
                "without overlap."
            )
        kept.append((start, end))
        last = end
    return kept
