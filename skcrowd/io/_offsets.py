"""Places in a text that a tool counted in units of its own."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection
from functools import lru_cache, partial
from html import unescape
from itertools import accumulate
from typing import Literal, TypeAlias

__all__ = [
    "MISPLACED",
    "NOT_IN_TEXT",
    "OffsetUnit",
    "Places",
    "is_of_words",
    "place_of",
    "places_between",
]

MISPLACED = "spans that are not where they should be"
NOT_IN_TEXT = "spans that are not in the text"

OffsetUnit: TypeAlias = Literal["auto", "characters", "utf-16"]

CHARACTERS, UTF_16 = "characters", "utf-16"
_Unit: TypeAlias = tuple[str, bool]  # and whether Windows line ends count as one
_Locate: TypeAlias = Callable[[str, bool], tuple[int, int] | None]


class Places:
    """Find spans of text by places whose unit is not known.

    JavaScript counts UTF-16 code units, of which an emoji has two, Python characters
    (code points). Tools written in both have exported either. Where the covered text is
    exported, too, it decides; Windows line ends may have been counted as one. It may
    differ in white space, and in characters that HTML escapes.

    Parameters
    ----------
    unit : {"auto", "characters", "utf-16"}
        "auto" decides for each span.
    by_words : bool, default=False
        Whether "auto" takes the unit in which spans are whole words, where the covered
        text was not exported. Line ends are counted as they are there.
    """

    def __init__(self, unit: OffsetUnit = "auto", *, by_words: bool = False) -> None:
        if unit not in ("auto", CHARACTERS, UTF_16):
            raise ValueError(
                f"offsets must be 'auto', 'characters' or 'utf-16', got {unit!r}."
            )
        self.unit, self.by_words = unit, by_words
        self.confirmed: Counter[_Unit] = Counter()
        self._of_words: set[_Unit] = set()  # in which spans are whole words

    def find(
        self, text: str, start: int, end: int, covered: str | None, where: str
    ) -> tuple[int, int] | None:
        """Return where a span is in characters, or None if it is not there.

        Parameters
        ----------
        text : str
        start, end : int
            As exported.
        covered : str or None
            The text of the span, if it was exported.
        where : str
            The record, for error messages.

        Returns
        -------
        place : tuple (start, end) or None

        Raises
        ------
        ValueError
            If the units differ, and nothing decides between them.
        """
        return self.find_by(
            text, partial(places_between, text, start, end), covered, where
        )

    def find_by(
        self, text: str, locate: _Locate, covered: str | None, where: str
    ) -> tuple[int, int] | None:
        """Return where a span is that is counted from somewhere else.

        Parameters
        ----------
        text : str
        locate : callable
            Maps a unit, and whether Windows line ends count as one, to the place in
            characters, None if it is not in the text.
        covered : str or None
        where : str
            See `find`.

        Returns
        -------
        place : tuple (start, end) or None
        """
        if self.unit != "auto":
            return locate(self.unit, False)
        if covered is not None:
            place = self._covering(text, locate, covered, _plain)
            return place or self._covering(text, locate, covered, _words)
        found = {
            unit: place
            for unit in self._by_frequency()
            if (place := locate(*unit)) is not None and not (self.by_words and unit[1])
        }
        if len(set(found.values())) < 2 or self.confirmed:
            return next(iter(found.values()), None)
        place = self._of_whole_words(text, found) if self.by_words else None
        if place is None:
            raise ValueError(
                f"{where}: a span, {_either(found.values())}, follows an emoji or so, "
                "and its text is not exported, so that it is not certain what is "
                "counted; pass offsets='characters' (as Python counts) or 'utf-16' (as "
                "browsers do)."
            )
        return place

    def _of_whole_words(
        self, text: str, found: dict[_Unit, tuple[int, int]]
    ) -> tuple[int, int] | None:
        """Return the place of whole words, None if it is not certain which that is.

        Where none of the places is one, or all are, that of the unit counts in which
        other spans were.
        """
        whole = [unit for unit, place in found.items() if is_of_words(text, *place)]
        if len(whole) == 1:
            self._of_words.add(whole[0])
        unit = next(iter(self._of_words), None)
        return found.get(unit) if unit and len(self._of_words) == 1 else None

    def _covering(
        self,
        text: str,
        locate: _Locate,
        covered: str,
        read: Callable[[str], str],
    ) -> tuple[int, int] | None:
        """Return the place whose text reads as the covered one, or None."""
        for unit, has_short_lines in self._by_frequency():
            place = locate(unit, has_short_lines)
            if place and read(text[place[0] : place[1]]) == read(covered):
                self.confirmed[unit, has_short_lines] += 1
                return place
        return None

    def _by_frequency(self) -> list[_Unit]:
        """Return the units, those that were confirmed most often first."""
        units = [
            (CHARACTERS, False),
            (UTF_16, False),
            (CHARACTERS, True),
            (UTF_16, True),
        ]
        return sorted(units, key=lambda unit: -self.confirmed[unit])


def _either(places: Collection[tuple[int, int]]) -> str:
    return " or ".join(f"{start} to {end}" for start, end in sorted(set(places)))


def places_between(
    text: str, start: int, end: int, unit: str, has_short_lines: bool
) -> tuple[int, int] | None:
    """Convert the places of a span to characters.

    Parameters
    ----------
    text : str
    start, end : int
    unit : {"characters", "utf-16"}
    has_short_lines : bool
        Whether Windows line ends count as one.

    Returns
    -------
    places : tuple of two int or None
        None if they are not in the text.
    """
    if (unit == CHARACTERS or text.isascii()) and not has_short_lines:
        return (start, end) if 0 <= start < end <= len(text) else None
    begin = place_of(text, start, unit, has_short_lines)
    stop = place_of(text, end, unit, has_short_lines)
    if begin is None or stop is None or not begin < stop:
        return None
    return begin, stop


def place_of(text: str, offset: int, unit: str, has_short_lines: bool) -> int | None:
    """Convert a place to characters; None if it is not in the text.

    Parameters
    ----------
    text : str
    offset : int
    unit : {"characters", "utf-16"}
    has_short_lines : bool

    Returns
    -------
    place : int or None
    """
    return _character_at(text, unit, has_short_lines).get(offset)


@lru_cache(maxsize=4)  # the spans of one text are asked for one after another
def _character_at(text: str, unit: str, has_short_lines: bool) -> dict[int, int]:
    """Return the character at each place in another unit."""
    widths = [
        2 if unit == UTF_16 and ord(character) > 0xFFFF else 1 for character in text
    ]
    if has_short_lines:
        for match in re.finditer("\r\n", text):
            widths[match.start()] = 0
    place: dict[int, int] = {}
    for k, total in enumerate(accumulate(widths, initial=0)):
        place.setdefault(total, k)
    return place


def is_of_words(text: str, start: int, end: int) -> bool:
    """Return whether a span cuts no word, and has no white space at its ends.

    Parameters
    ----------
    text : str
    start, end : int

    Returns
    -------
    bool
    """
    covered = text[start:end]
    return covered == covered.strip() and not any(
        0 < place < len(text)
        and _is_in_word(text[place - 1])
        and _is_in_word(text[place])
        for place in (start, end)
    )


def _is_in_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMN"


def _plain(text: str) -> str:
    """Return a text with one kind of line end, escaped or not."""
    return text.replace("\r\n", "\n").replace("\\r\\n", "\n").replace("\\n", "\n")


def _words(text: str) -> str:
    """Return a text as HTML shows it: with single spaces, and none outside."""
    return " ".join(unescape(_plain(text)).split())
