"""Answers in the cells of a CSV file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ._collector import Collector
from ._json_records import parse_json
from ._lists_in_cells import list_in_text
from ._name_types import is_missing
from ._question_answers import LABEL, SET, Answer

__all__ = [
    "answer_of",
    "counted_answer",
    "is_flag",
    "is_true",
    "label_list",
    "read_single_boxes",
    "ticked",
]

_TRUE, _FALSE = ("true", "on", "yes", "1"), ("false", "off", "no", "0", "")


def is_flag(value: Any) -> bool:
    """Return whether a value says whether a box is ticked."""
    return value is None or str(value).strip().lower() in ("true", "false", "")


def is_true(value: Any) -> bool:
    """Return whether a box is ticked."""
    return value is not None and str(value).strip().lower() in _TRUE


def label_list(value: Any, what: str) -> tuple[Any, ...]:
    """Return the labels of a list.

    Parameters
    ----------
    value : list or None
    what : str
        What it is, for error messages.

    Returns
    -------
    labels : tuple
        Empty if the value is None.

    Raises
    ------
    ValueError
        If it is no list, or holds an empty value.
    """
    if value is not None and not isinstance(value, (list, tuple)):
        raise ValueError(
            f"{what} {value!r}, where a list of labels is expected; export it again."
        )
    labels = tuple(value or ())
    if any(is_missing(label) for label in labels):
        raise ValueError(
            f"{what} {list(labels)}, a list with an empty value, which may be a label "
            "that was lost; correct it, or leave the answer out."
        )
    return labels


def ticked(boxes: Mapping[str, Any]) -> Answer:
    """Return the boxes that are ticked, as a set of labels.

    Parameters
    ----------
    boxes : Mapping from label to value
        A single box "on", which is the value of a box without one in HTML, is a
        question of its own.

    Returns
    -------
    answer : Answer
        Of a single box "on" the label "true" or "false".
    """
    if set(boxes) == {"on"}:
        return Answer(LABEL, "true" if is_true(boxes["on"]) else "false")
    return Answer(SET, tuple(label for label, value in boxes.items() if is_true(value)))


def answer_of(value: Any) -> Answer | None:
    """Return the answer that a cell or a value of JSON is.

    Parameters
    ----------
    value : object
        Text, a number, a list of labels (also as a text in JSON or of Python), a
        mapping of labels to whether they are ticked, or with the keys "label" or
        "labels".

    Returns
    -------
    answer : Answer or None
        None if the value is empty or something else.
    """
    if is_missing(value):
        return None
    if isinstance(value, str) and value.startswith(("[", "{")):
        try:
            return answer_of(parse_json(value))
        except json.JSONDecodeError:
            chosen = list_in_text(value)
            return Answer(LABEL, value) if chosen is None else answer_of(chosen)
    if isinstance(value, Mapping):
        if set(value) == {"label"} or set(value) == {"labels"}:
            return answer_of(next(iter(value.values())))
        return ticked(value) if value and all(map(is_flag, value.values())) else None
    if isinstance(value, list):
        are_labels = all(isinstance(one, (str, int)) for one in value)
        return Answer(SET, tuple(value)) if are_labels else None
    return Answer(LABEL, value)


def counted_answer(name: str, value: Any, collector: Collector) -> Answer | None:
    """Return the answer that a value is; count a value that cannot be read.

    Parameters
    ----------
    name : str
        Of the question.
    value : object
        See `answer_of`.
    collector : Collector

    Returns
    -------
    answer : Answer or None
        None if the value is empty, too.
    """
    answer = answer_of(value)
    if isinstance(value, Mapping) and value and all(map(is_flag, value.values())):
        collector.boxes.setdefault(name, set()).update(value)
    if answer is None and not is_missing(value) and value not in ({}, "{}"):
        collector.unreadable[f"{name} (boxes, spans or other)"] += 1
    return answer


def read_single_boxes(collector: Collector) -> None:
    """Read questions of one box as "true" and "false", where somebody left it out.

    A box "on" is read so anyway; see `ticked`.

    Parameters
    ----------
    collector : Collector
    """
    for name, boxes in collector.boxes.items():
        question = collector.questions.get(name)
        if question is None or question.kind != SET or len(boxes) > 1:
            continue
        if set(question.codes) == {(), tuple(boxes)}:
            question.kind = LABEL
            question.codes = {
                "true" if chosen else "false": code
                for chosen, code in question.codes.items()
            }
