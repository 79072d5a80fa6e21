"""Formats that have no answers of annotators, recognised to say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from skcrowd.annotations._usual_names import ANNOTATOR, by_plain_name

from ._tool import Format, Head

__all__ = ["APPEN_JSON", "CVAT", "GROUND_TRUTH", "ZIP"]

_MANIFEST = "source", "source-ref"
_METADATA = "-metadata"
_TASK = "datasetObjectId", "answers", "humanAnswers"


def read_cvat(path: Any, **_: Any) -> NoReturn:
    """Raise: CVAT and COCO describe boxes and masks, without annotators."""
    raise ValueError(
        f"{path} holds boxes, masks or tracks in images, as CVAT and COCO write them, "
        "and not who made them; such answers cannot be read. If several people "
        "labelled the same images as a whole, export each job by itself, and make a "
        "long table with columns item (the image), annotator (the assignee) and "
        "answer (the tag); read_table reads it."
    )


def read_ground_truth(path: Any, **_: Any) -> NoReturn:
    """Raise: a manifest has no workers, and a file of worker responses no item."""
    raise ValueError(
        f"{path} is of SageMaker Ground Truth. An output manifest holds one label for "
        "each item, and no worker. The answers of workers are in the folder "
        "annotations/worker-response, a file for each task: make a row of each, with "
        "columns item (the name of the file's folder), annotator (workerId) and answer "
        "(what answerContent holds); read_table reads it."
    )


def read_appen_json(path: Any, **_: Any) -> NoReturn:
    """Raise: the full report as CSV has a row for each answer."""
    raise ValueError(
        f"{path} is a report of Appen in JSON, with a record for each unit; download "
        "the full report as CSV, and pass answer=, the name of the question: "
        "_unit_id, _worker_id and the column of true answers are found by their names."
    )


def read_zip(path: Any, **_: Any) -> NoReturn:
    """Raise: archives are to be unpacked."""
    raise ValueError(
        f"{path} is an archive; unzip it and pass the folder (doccano: a file for each "
        "user; Potato: a folder for each), or the file that has the answers."
    )


def _is_cvat(head: Head) -> bool:
    is_xml = head.start.startswith("<") and "<annotations" in head.start
    return is_xml or {"images", "annotations", "categories"} <= set(head.record or {})


def _is_zip(head: Head) -> bool:
    return head.path.suffix.lower() == ".zip"


def _is_ground_truth(head: Head) -> bool:
    record = head.record or {}
    lists = (record.get(name) for name in _TASK[1:])
    of_workers = any(
        isinstance(each, list)
        and each
        and isinstance(each[0], dict)
        and "answerContent" in each[0]
        for each in lists
    )
    return _is_manifest(head) or _TASK[0] in record or of_workers


def _is_manifest(head: Head) -> bool:
    """Whether labels are described by objects beside them, and nobody is named."""
    record = head.record or {}
    names = set(by_plain_name(record))
    are_named = "annotator" in head.options or bool(names & set(ANNOTATOR))
    described = (
        name.removesuffix(_METADATA)
        for name, value in record.items()
        if name.endswith(_METADATA) and isinstance(value, Mapping)
    )
    has_labels = any(name in record and name not in _MANIFEST for name in described)
    return has_labels and not are_named and any(name in record for name in _MANIFEST)


def _is_appen_json(head: Head) -> bool:
    results = (head.record or {}).get("results")
    return isinstance(results, dict) and "judgments" in results


APPEN_JSON = Format("Appen", read_appen_json, _is_appen_json)
GROUND_TRUTH = Format("SageMaker Ground Truth", read_ground_truth, _is_ground_truth)
CVAT = Format("CVAT", read_cvat, _is_cvat)
ZIP = Format("an archive", read_zip, _is_zip)
