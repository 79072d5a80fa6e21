"""Spans of text in the output of Potato."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from ._collector import Collector
from ._json_records import Record
from ._name_types import place_in_text, span_label
from ._offsets import MISPLACED, OffsetUnit, Places, is_of_words
from ._question_answers import SPANS, Answer

__all__ = ["PotatoSpans"]

NO_TEXT = "spans, of whose texts the output has none: pass texts="
_UNREAD = 0, 0  # of spans of another scheme
_CHARACTER = re.compile(r"&#?\w+;|.", re.DOTALL)  # as HTML escapes it, or itself


class PotatoSpans:
    """Reads spans, and finds schemes whose spans are in several fields.

    Parameters
    ----------
    question : str or None
        The scheme whose answers are read. None: the only one.
    offsets : {"auto", "characters", "utf-16"}
        What the places of spans count.
    """

    def __init__(self, question: str | None, offsets: OffsetUnit) -> None:
        self.question, self.offsets = question, offsets
        self._places = Places(offsets, by_words=True)
        self._fields: dict[str, set[str]] = {}

    def read(
        self, given: Any, text: Any, record: Record, collector: Collector
    ) -> dict[str, Answer]:
        """Return the spans of each scheme.

        Parameters
        ----------
        given : list, Mapping or None
            Spans, also by scheme, or keys such as "entities:PER:0:3".
        text : str or None
            What was shown, if that is known.
        record : Record
        collector : Collector
            Counts spans that are not where they should be, or whose text is not known.

        Returns
        -------
        answers : dict from scheme to Answer

        Raises
        ------
        ValueError
            If they are malformed, or those of the question are in several fields.
        """
        spans: dict[str, list[Any]] = {}
        for scheme, span in _listed(given, record):
            is_read = self.question in (None, scheme)
            if text is None and is_read:
                collector.unreadable[f"{scheme} ({NO_TEXT})"] += 1
                continue
            self._check_field(scheme, span.get("target_field"))
            found = spans.setdefault(scheme, [])
            place = self._place(span, text or "", record) if is_read else _UNREAD
            if place is None:
                collector.left_out[MISPLACED] += 1
            else:
                found.append((*place, span_label(span["label"])))
        return {scheme: Answer(SPANS, tuple(each)) for scheme, each in spans.items()}

    def _place(
        self, span: Mapping[str, Any], text: str, record: Record
    ) -> tuple[int, int] | None:
        """Return where a span is; None if the text that it covers is not there."""
        begin, end = place_in_text(span["start"]), place_in_text(span["end"])
        covered = span.get("text", span.get("span"))
        if not isinstance(covered, str) or not covered:
            covered = None
        place = self._places.find(text, begin, end, covered, record.where)
        shown = unescape(text)
        if place is None and covered is not None and shown != text:
            place = self._places.find(shown, begin, end, covered, record.where)
            return place and _in_source(text, *place)
        return self._whole(place, text, begin, end) if covered else place

    def _whole(
        self, place: tuple[int, int] | None, text: str, begin: int, end: int
    ) -> tuple[int, int] | None:
        """Return the place, or that in UTF-16, if only this is one of whole words.

        Exports of version 2 cut the covered text in characters, whatever was counted.
        """
        if place is None or self.offsets != "auto" or is_of_words(text, *place):
            return place
        other = Places("utf-16").find(text, begin, end, None, "")
        return other if other and is_of_words(text, *other) else place

    def _check_field(self, scheme: str, field: Any) -> None:
        """Raise if spans of the question are in several fields."""
        fields = self._fields.setdefault(scheme, set())
        fields.add(str(field or ""))
        if len(fields) > 1 and self.question in (None, scheme):
            raise ValueError(
                f"the spans of {scheme!r} are in several fields, {sorted(fields)}, but "
                "the output has one text; export those of one field."
            )


def _in_source(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return where a span of what is shown is in a text with escaped characters."""
    begins: list[int] = []
    for found in _CHARACTER.finditer(text):
        shown = unescape(found[0])
        step = int(shown == found[0])  # an unknown name is shown as it is
        begins += [found.start() + step * k for k in range(len(shown))]
    begins.append(len(text))
    return begins[begin], begins[end]


def _listed(given: Any, record: Record) -> list[tuple[str, Mapping[str, Any]]]:
    """Return scheme and span of all spans, in any form."""
    if not given:
        return []
    if isinstance(given, Mapping) and all(isinstance(v, list) for v in given.values()):
        given = [{"schema": name} | span for name in given for span in given[name]]
    if isinstance(given, Mapping):
        return [_split(key, record) for key in given]
    if not isinstance(given, list):
        raise ValueError(
            f"{record.where}: the spans are {given!r}, where a list is expected; "
            "export it again."
        )
    return [(span.get("schema") or "spans", span | _label(span)) for span in given]


def _label(span: Mapping[str, Any]) -> dict[str, Any]:
    label = span.get("name") or span.get("label") or span.get("annotation")
    return {"label": label}


def _split(key: str, record: Record) -> tuple[str, Mapping[str, Any]]:
    try:
        scheme, label, start, end = key.rsplit(":", 3)
        return scheme, {"label": label, "start": int(start), "end": int(end)}
    except ValueError as error:
        raise ValueError(
            f"{record.where}: a span is scheme:label:start:end, got {key!r}."
        ) from error
