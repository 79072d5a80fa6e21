"""What an object of Label Studio shows, and where spans are in it.

Places in HTML are counted over its text nodes, with one for each ``br``
(https://github.com/HumanSignal/label-studio, ``tags/object/RichText/domManager.md``);
those in dialogues in the turn in which a span begins or ends
(https://labelstud.io/tags/paragraphs).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any, ClassVar

from ._markup import text_of_markup
from ._name_types import place_in_text
from ._offsets import Places, is_of_words, place_of, places_between

__all__ = ["Dialogue", "Markup", "Text", "shown_by"]

_ADDRESS = re.compile(r"(?:https?|s3|gs|azure-blob|ftp)://\S+|/data/\S+")
_SPEAKERS = {"author", "name", "speaker", "role", "user"}
_TURN = "text"


class Text:
    """A text.

    Parameters
    ----------
    raw : str
        As it is in the data of the task.
    """

    title: ClassVar[str] = "text"

    def __init__(self, raw: Any) -> None:
        self.text = str(raw)

    @staticmethod
    def has(raw: Any) -> bool:
        """Return whether a field of the data may be shown so."""
        return isinstance(raw, str)

    def find(
        self, value: Mapping[str, Any], places: Places, where: str
    ) -> tuple[int, int] | None:
        """Return where a span is in `text`; None if it is not where it should be.

        Parameters
        ----------
        value : Mapping
            Of a region.
        places : Places
        where : str
            The record, for error messages.

        Raises
        ------
        ValueError
            If the text is an address, or it is not certain what is counted.
        """
        place = self._place(value, places, where)
        is_certain = place is not None and _covered(value) is not None
        if not is_certain and _ADDRESS.fullmatch(self.text.strip()):
            raise ValueError(
                f"{where}: the text for its spans is an address, {self.text!r}; pass "
                "text=, the field of the data that has the text itself, write the "
                "texts into the data of the tasks, or pass question=, if another one "
                "is to be read."
            )
        return place

    def _place(
        self, value: Mapping[str, Any], places: Places, where: str
    ) -> tuple[int, int] | None:
        start, end = place_in_text(value["start"]), place_in_text(value["end"])
        return places.find(self.text, start, end, _covered(value), where)


class Markup(Text):
    """HTML, of which the text is read (HyperText)."""

    title: ClassVar[str] = "HTML"

    def __init__(self, raw: Any) -> None:
        self.text, self._counted, self._at = text_of_markup(str(raw))

    def _place(
        self, value: Mapping[str, Any], places: Places, where: str
    ) -> tuple[int, int] | None:
        ends, covered = value["globalOffsets"], _covered(value)
        start, end = place_in_text(ends["start"]), place_in_text(ends["end"])
        if self.text == self._counted:
            return places.find(self.text, start, end, covered, where)

        def locate(unit: str, has_short_lines: bool) -> tuple[int, int] | None:
            found = places_between(self._counted, start, end, unit, has_short_lines)
            return found and (self._at[found[0]], self._at[found[1] - 1] + 1)

        place = places.find_by(self.text, locate, covered, where)
        if covered is not None:
            return place or self._only(covered)
        return place if place and is_of_words(self.text, *place) else None

    def _only(self, covered: str) -> tuple[int, int] | None:
        """Return where the only occurrence of a text is, None if there is no such."""
        words = covered.replace("\\n", "\n").split()
        pattern = r"\s+".join(map(re.escape, words))
        found = list(re.finditer(pattern, self.text)) if pattern else []
        return found[0].span() if len(found) == 1 else None


class Dialogue(Text):
    """Turns of a dialogue, each on a line (Paragraphs)."""

    title: ClassVar[str] = "turns of a dialogue"

    def __init__(self, raw: Any) -> None:
        key = _turn_key(raw)
        self._turns = [str(turn[key]) for turn in raw]
        self.text = "\n".join(self._turns)
        lengths = (len(turn) + 1 for turn in self._turns)
        self._begins = list(accumulate(lengths, initial=0))

    @staticmethod
    def has(raw: Any) -> bool:
        """Return whether a field is a list of objects with a text."""
        return isinstance(raw, list) and _turn_key(raw) is not None

    def _place(
        self, value: Mapping[str, Any], places: Places, where: str
    ) -> tuple[int, int] | None:
        first, last = place_in_text(value["start"]), place_in_text(value["end"])
        start = place_in_text(value["startOffset"])
        end = place_in_text(value["endOffset"])
        if not first <= last < len(self._turns):
            return None

        def locate(unit: str, has_short_lines: bool) -> tuple[int, int] | None:
            ends = [
                place_of(self._turns[turn], offset, unit, has_short_lines)
                for turn, offset in ((first, start), (last, end))
            ]
            if ends[0] is None or ends[1] is None:
                return None
            place = self._begins[first] + ends[0], self._begins[last] + ends[1]
            return place if place[0] < place[1] else None

        # What covers several turns has the names of the speakers, too.
        covered = _covered(value) if first == last else None
        return places.find_by(self.text, locate, covered, where)


def _turn_key(raw: Any) -> str | None:
    """Return the key of the texts of turns, None if it is not certain."""
    if not raw or not all(isinstance(turn, Mapping) for turn in raw):
        return None
    keys = [
        key for key in raw[0] if all(isinstance(turn.get(key), str) for turn in raw)
    ]
    if _TURN in keys:
        return _TURN
    others = [key for key in keys if key.lower() not in _SPEAKERS]
    return others[0] if len(others) == 1 else None


def _covered(value: Mapping[str, Any]) -> str | None:
    covered = value.get("text")
    return covered if isinstance(covered, str) and covered else None


def shown_by(value: Mapping[str, Any], result: Mapping[str, Any]) -> type[Text] | None:
    """Return what the object shows that a region is in; None if that has no text.

    Times in audio are numbers without the text that is covered, or beside a channel;
    places in HTML are paths of elements, beside offsets in them.

    Parameters
    ----------
    value : Mapping
        Of the region.
    result : Mapping
        Which has it.

    Returns
    -------
    shown : type or None
    """
    if "original_length" in result or "channel" in value:  # of audio
        return None
    if isinstance(value.get("globalOffsets"), Mapping):
        return Markup
    start, end = value.get("start"), value.get("end")
    is_offset = "startOffset" in value
    if is_offset and "endOffset" in value and _are_turns(start, end):
        return Dialogue
    is_fraction = isinstance(end, float) and not end.is_integer()
    if is_fraction and "text" not in value:
        return None
    if isinstance(start, int):
        return Text
    is_written = isinstance(start, (str, float)) and not is_offset
    return Text if is_written and isinstance(value.get("text"), str) else None


def _are_turns(*ends: Any) -> bool:
    """Whether a region begins and ends at numbers of turns."""
    return all(isinstance(end, int) or str(end).isdecimal() for end in ends)
