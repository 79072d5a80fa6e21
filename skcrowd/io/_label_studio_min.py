"""Records of Label Studio's JSON-MIN as tasks of its JSON.

A record is one annotation: the data of the task, ``id``, the answers, ``annotator``,
and more about the annotation (https://labelstud.io/guide/export).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["as_task", "is_task"]

_OWN = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"}


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


def as_task(record: dict[str, Any], question: str | None) -> dict[str, Any]:
    """Write a record of JSON-MIN as a task of JSON with one annotation.

    Parameters
    ----------
    record : dict
    question : str or None
        The control whose answers are read.

    Returns
    -------
    task : dict

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
    names = _questions(record, question)
    result = [
        region
        for name in names
        if name in record
        for region in _regions(name, record[name])
    ]
    left = {*_OWN, *names}
    return {
        "id": record.get("id"),
        "data": {name: value for name, value in record.items() if name not in left},
        "annotations": [
            {
                "completed_by": record.get("annotator"),
                "lead_time": record.get("lead_time"),
                "result": result,
            }
        ],
    }


def _questions(record: dict[str, Any], question: str | None) -> list[str]:
    """Return the fields that are answers: they stand between "id" and "annotator"."""
    keys = list(record)
    if "id" in keys and "annotator" in keys[keys.index("id") :]:
        between = keys[keys.index("id") : keys.index("annotator")]
        return [key for key in between if key not in _OWN]
    if question is not None:
        return [question]
    raise ValueError(
        "it is not certain which field is the answer; pass question=, one of "
        f"{[key for key in keys if key not in _OWN]}."
    )


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
        type_ = "choices" if "choices" in value else "?"
        return [head | {"type": type_, "value": value}]
    return [head | {"type": _type_of(region), "value": region} for region in value]


def _type_of(region: Any) -> str:
    """Return the type of a region, by which spans are known, and others refused."""
    if isinstance(region, Mapping):
        return next((key for key in region if key.endswith("labels")), "?")
    return "taxonomy" if isinstance(region, list) else "textarea"
