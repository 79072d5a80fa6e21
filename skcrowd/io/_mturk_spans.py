"""Spans of text in the results of Mechanical Turk.

The element crowd-entity-annotation writes them
(https://docs.aws.amazon.com/sagemaker/latest/dg/sms-ui-template-crowd-entity-annotation.html).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ._collector import Collector
from ._json_records import Record, parse_json
from ._name_types import place_in_text, span_label
from ._offsets import NOT_IN_TEXT, OffsetUnit, Places
from ._question_answers import SPANS, Answer

__all__ = ["MTurkSpans", "fields_in"]

INPUT = "Input."
ENTITIES = "entities"


def fields_in(value: str, record: Record) -> dict[str, Any]:
    """Return the fields of a form of crowd HTML elements, which are written as JSON.

    Parameters
    ----------
    value : str
        Of the column ``Answer.taskAnswers``.
    record : Record
        The row, for error messages.

    Returns
    -------
    fields : dict from name to value

    Raises
    ------
    ValueError
        If it is no JSON, or a field is there twice.
    """
    try:
        parts = parse_json(value) if value else []
    except json.JSONDecodeError as error:
        raise ValueError(
            f"{record.where}: Answer.taskAnswers is no JSON: {error}."
        ) from error
    fields: dict[str, Any] = {}
    for part in parts if isinstance(parts, list) else [parts]:
        for name in fields.keys() & part.keys():
            raise ValueError(
                f"{record.where}: the field {name!r} is answered twice in "
                "Answer.taskAnswers; give fields of a form names of their own."
            )
        fields |= part
    return fields


class MTurkSpans:
    """Reads spans, in an input that the user names.

    Parameters
    ----------
    text : str or None
        The input that has the texts. None: it is not known.
    offsets : {"auto", "characters", "utf-16"}
    """

    def __init__(self, text: str | None, offsets: OffsetUnit) -> None:
        self.text = None if text is None else text.removeprefix(INPUT)
        self._places = Places(offsets, by_words=True)

    def read(
        self,
        value: str,
        inputs: Mapping[str, str],
        item: int,
        collector: Collector,
        record: Record,
    ) -> dict[str, Answer | None]:
        """Return the spans of each field, and keep the text.

        Parameters
        ----------
        value : str
            Of the column ``Answer.taskAnswers``.
        inputs : Mapping from name to str
        item : int
        collector : Collector
            Counts spans whose text is not known, or that are not in it.
        record : Record

        Returns
        -------
        answers : dict from field to Answer or None
            None where the text is not known.

        Raises
        ------
        ValueError
            If there is no such input, or it is not certain what is counted.
        """
        if self.text is not None and self.text not in inputs:
            raise ValueError(
                f"text={self.text!r} is no input; there are {list(inputs)}."
            )
        shown = None if self.text is None else inputs[self.text]
        if shown is not None:
            collector.texts.setdefault(item, shown)
        answers: dict[str, Answer | None] = {}
        for name, each in fields_in(value, record).items():
            entities = each.get(ENTITIES) if isinstance(each, Mapping) else None
            if isinstance(entities, list):
                answers[name] = self._placed(name, entities, shown, collector, record)
        return answers

    def _placed(
        self,
        name: str,
        entities: list[Any],
        shown: str | None,
        collector: Collector,
        record: Record,
    ) -> Answer | None:
        if shown is None:
            found = f"{name} (spans: pass text=, the input that they are in)"
            collector.unreadable[found] += 1
            return None
        placed = []
        for one in entities:
            ends = place_in_text(one["startOffset"]), place_in_text(one["endOffset"])
            place = self._places.find(shown, *ends, None, record.where)
            if place is None:
                collector.left_out[NOT_IN_TEXT] += 1
            else:
                placed.append((*place, span_label(one.get("label"))))
        return Answer(SPANS, tuple(placed))
