"""Formats that have no answers of annotators, recognised to say so."""

from __future__ import annotations

from typing import Any, NoReturn

from ._tool import Format, Head

__all__ = ["CVAT", "ZIP"]


def read_cvat(path: Any, **_: Any) -> NoReturn:
    """Raise: CVAT and COCO describe boxes and masks, without annotators."""
    raise ValueError(
        f"{path} holds boxes, masks or tracks in images, as CVAT and COCO write them, "
        "and not who made them; such answers cannot be read. If several people "
        "labelled the same images as a whole, export each job by itself, and make a "
        "long table with columns item (the image), annotator (the assignee) and "
        "answer (the tag); read_table reads it."
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


CVAT = Format("CVAT", read_cvat, _is_cvat)
ZIP = Format("an archive", read_zip, _is_zip)
