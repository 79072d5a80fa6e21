"""Encoding of tokens by integer codes of word, shape and affixes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.exceptions import NotFittedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from skcrowd._typing import IntArray


__all__ = ["Vocabulary"]

LONGEST_SHAPE = 12


class Vocabulary:
    """Words, shapes and affixes of tokens, as integer codes.

    A word is the token in lower case, its digits replaced by 0. A shape
    has X for capitals, x for small letters and d for digits ("Xxxd" for "Berlin7"; of
    more than two equal ones in a row two are kept). Affixes are the first and the last
    one, two, ... characters, in their case. Values that do not occur in ``fit`` have
    code 0.

    Parameters
    ----------
    longest_affix : int, default=4
        Characters of the longest prefix and suffix.
    min_count : int, default=2
        Smallest number of tokens with which a shape or an affix gets a code.

    Attributes
    ----------
    words_, shapes_, affixes_ : dict
        Codes from 1.
    word_counts_ : int64 ndarray of shape (n_words,)
        Number of occurrences of the word of each code; 0 for code 0.

    Examples
    --------
    >>> from skcrowd.backbones import Vocabulary
    >>> vocabulary = Vocabulary(longest_affix=2).fit(["Bob", "met", "Rob", "ROB"])
    >>> vocabulary.encode(["rob", "Zoe"])
    array([[3, 0, 0, 2, 0, 3],
           [0, 1, 0, 0, 0, 0]], dtype=int32)
    """

    def __init__(self, longest_affix: int = 4, min_count: int = 2) -> None:
        self.longest_affix = longest_affix
        self.min_count = min_count

    def fit(self, tokens: Iterable[str]) -> Self:
        """Learn words, shapes and affixes.

        Parameters
        ----------
        tokens : iterable of str

        Returns
        -------
        self : Vocabulary
        """
        counts = Counter(tokens)
        words = _count(counts, lambda token: [_word(token)])
        self.words_ = _codes(words, 1)
        self.word_counts_ = np.array([0, *(words[word] for word in self.words_)])
        self.shapes_ = _codes(_count(counts, lambda t: [_shape(t)]), self.min_count)
        self.affixes_ = _codes(_count(counts, self._affixes), self.min_count)
        return self

    @property
    def sizes(self) -> dict[str, int | IntArray]:
        """Sizes of the vocabulary, by the names of parameters of a network."""
        return {
            "n_words": len(self.words_) + 1,
            "n_shapes": len(self.shapes_) + 1,
            "n_affixes": len(self.affixes_) + 1,
            "n_codes": 2 + 2 * self.longest_affix,
            "word_counts": self.word_counts_,
        }

    def encode(self, tokens: Any[str]) -> NDArray[np.int32]:
        """Return the codes of tokens.

        Parameters
        ----------
        tokens : sequence of str

        Returns
        -------
        codes : int32 ndarray of shape (n_tokens, 2 + 2 * longest_affix)
            Word, shape, then prefix and suffix of one character, of two, ...

        Raises
        ------
        NotFittedError
            If ``fit`` was not called.
        """
        if not hasattr(self, "words_"):
            raise NotFittedError("this Vocabulary is not fitted; call fit first.")
        number = {token: k for k, token in enumerate(dict.fromkeys(tokens))}
        table = np.array([self._encode_one(token) for token in number], dtype=np.int32)
        return table[[number[token] for token in tokens]]

    def _encode_one(self, token: str) -> list[int]:
        return [
            self.words_.get(_word(token), 0),
            self.shapes_.get(_shape(token), 0),
            *(self.affixes_.get(affix, 0) for affix in self._affixes(token)),
        ]

    def _affixes(self, token: str) -> Any:
        """Prefix and suffix of one character, of two, ..."""
        lengths = range(1, self.longest_affix + 1)
        pairs = ((("prefix", n, token[:n]), ("suffix", n, token[-n:])) for n in lengths)
        return chain.from_iterable(pairs)


def _word(token: str) -> str:
    return re.sub(r"\d", "0", token.lower())


def _shape(token: str) -> str:
    kinds = "".join(map(_kind, token))
    return re.sub(r"(.)\1\1+", r"\1\1", kinds)[:LONGEST_SHAPE]


def _kind(character: str) -> str:
    """Return the class of a character; punctuation is its own class."""
    if character.isdigit():
        return "d"
    if character.isupper():
        return "X"
    return "x" if character.isalpha() else character


def _count(counts: Any, parts_of: Callable[..., Any]) -> Any:
    """Count the parts of tokens, each as often as the token occurs."""
    total: Counter[Any] = Counter()
    for token, count in counts.items():
        for part in parts_of(token):
            total[part] += count
    return total


def _codes(counts: Any, min_count: int) -> dict[Any, Any]:
    """Return codes, in alphabetic order, of parts that occur often enough."""
    known = sorted(part for part, count in counts.items() if count >= min_count)
    return {part: code for code, part in enumerate(known, start=1)}
