"""Records of Label Studio's JSON-MIN as tasks of its JSON.

A record is one annotation: the data of the task, ``id``, the answers, ``annotator``,
and more about the annotation (https://labelstud.io/guide/export).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from skcrowd.annotations._usual_names import ANSWER, by_plain_name

__all__ = ["OWN", "SEVERAL", "MinTask", "as_task", "is_task"]

OWN = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"}
OWN |= {"was_cancelled", "agreement"}
"""Fields that say more about an annotation."""

SEVERAL = "textarea"
"""Type of the texts in a list: of several results, about regions, or lines of text."""

_OF_ANNOTATIONS = "lead_time", "was_cancelled", "created_at"
_SHOWN = {"text", "image", "audio", "video", "html", "url"}  # usual names of data
_TYPES = ("rating", "number", "choices", "taxonomy", "datetime", "ranker")


class MinTask(NamedTuple):
    """A record of JSON-MIN.

    Attributes
    ----------
    task : dict
        As a task of JSON with one annotation.
    identity : dict or None
        What identifies the item, where some of the data may be answers to other
        questions. None: all of the data.
    is_in_data : bool
        Whether the question stands among the data.
    """

    task: dict[str, Any]
    identity: dict[str, Any] | None
    is_in_data: bool


def is_task(record: Mapping[str, Any]) -> bool:
    """Return whether a record is a task of JSON, with whole annotations.

    Parameters
    ----------
    record : Mapping

    Returns
    -------
    bool
    """
    made = record.get("annotations", record.get("completions"))
    return isinstance(record.get("data"), dict) and isinstance(made, list)


def as_task(
    record: dict[str, Any], question: str | None, known: Collection[str] = ()
) -> MinTask:
    """Write a record of JSON-MIN as a task of JSON with one annotation.

    Parameters
    ----------
    record : dict
    question : str or None
        The control whose answers are read.
    known : collection of str, default=()
        Fields that are data.

    Returns
    -------
    task : MinTask

    Raises
    ------
    ValueError
        If it is no such record, or it is not certain which fields are answers.
    """
    if "annotator" not in record and "annotation_id" not in record:
        raise ValueError(
            "this is neither a task of JSON (with an object data and a list of "
            f"annotations) nor a record of JSON-MIN (with annotator): {list(record)}."
        )
    answers = _answers(record)
    is_certain = answers is not None and (
        question is None or next(iter(record)) != "id"
    )
    names = _chosen(record, answers if is_certain else None, question, known)
    names = [name for name in names if name not in known]
    result = [
        region
        for name in names
        if name in record
        for region in _regions(name, record[name])
    ]
    left = {*OWN, *names}
    data = {name: value for name, value in record.items() if name not in left}
    made = {name: record.get(name) for name in _OF_ANNOTATIONS}
    made |= {"completed_by": record.get("annotator"), "result": result}
    shown = {name: data[name] for name in _SHOWN & set(data)}
    return MinTask(
        {"id": record.get("id"), "data": data, "annotations": [made]},
        None if is_certain else shown,
        is_certain and question in names and question not in (answers or ()),
    )


def _answers(record: dict[str, Any]) -> list[str] | None:
    """Return the fields between "id" and "annotator", which are answers.

    None: in a table they stand in another order. Where "id" is the first, data have a
    field "id" of their own, and others of them may follow, such as "text".
    """
    keys = list(record)
    if "id" not in keys or "annotator" not in keys[keys.index("id") :]:
        return None
    between = keys[keys.index("id") : keys.index("annotator")]
    left = OWN | (_SHOWN if keys[0] == "id" else set())
    return [key for key in between if key not in left]


def _chosen(
    record: dict[str, Any],
    answers: list[str] | None,
    question: str | None,
    known: Collection[str],
) -> list[str]:
    """Return the fields that are answers, also the question if it stands elsewhere."""
    if answers is not None:
        is_elsewhere = question in record and question not in answers
        return [*answers, question] if is_elsewhere and question else answers
    if question is None:
        left = [key for key in record if key not in {*OWN, *_SHOWN, *known}]
        if len(left) < 2 and set(by_plain_name(left)) <= set(ANSWER):
            return left
        raise ValueError(
            "it is not certain which field is the answer; pass question=, one of "
            f"{[key for key in record if key not in OWN]}."
        )
    return [question]


def _regions(name: str, value: Any) -> list[dict[str, Any]]:
    """Write the value of a field as regions of JSON."""
    head = {"from_name": name}
    if isinstance(value, str):
        return [head | {"type": "choices", "value": {"choices": [value]}}]
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, (int, float)):
        return [head | {"type": "number", "value": {"number": value}}]
    if isinstance(value, Mapping):
        type_ = next((key for key in _TYPES if key in value), "?")
        return [head | {"type": type_, "value": value}]
    if any(isinstance(region, str) for region in value):
        return [head | {"type": SEVERAL, "value": {"text": value}}]
    return [head | {"type": _type_of(region), "value": region} for region in value]


def _type_of(region: Any) -> str:
    """Return the type of a region, by which spans are known, and others refused."""
    if not isinstance(region, Mapping):
        return "taxonomy" if isinstance(region, list) else SEVERAL
    labels = next((key for key in region if key.endswith("labels")), None)
    if labels is not None or "selected" in region:
        return labels or "pairwise"
    return next((key for key in _TYPES if key in region), "?")
