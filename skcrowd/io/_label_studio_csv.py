"""Rows of Label Studio's CSV as records of its JSON-MIN.

What is no text stands as JSON in the cells; an empty cell has no value
(https://github.com/HumanSignal/label-studio-sdk, ``converter/exports/csv2.py``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ._csv_rows import read_rows
from ._json_records import Record, parse_json
from ._progress import Progress

__all__ = ["COLUMNS", "csv_records"]

COLUMNS = {"annotation_id", "annotator", "lead_time"}
_NUMBERS = {"id", "annotator", "annotation_id"}  # or email addresses


def csv_records(path: Path, progress: Progress) -> Iterator[Record]:
    """Yield the rows of a CSV or TSV file.

    Parameters
    ----------
    path : Path
    progress : bool, callable or None

    Yields
    ------
    record : Record
        As of JSON-MIN.
    """
    for row in read_rows(path, progress):
        data = {name: _value(name, cell) for name, cell in row.data.items() if cell}
        yield row._replace(data=data)


def _value(name: str, cell: str) -> Any:
    """Return the value that a cell holds."""
    if name == "was_cancelled":
        return cell.lower() in ("true", "1")
    if name in _NUMBERS:
        return int(cell) if cell.isdecimal() else cell
    if not cell.startswith(("[", "{")):
        return cell
    try:
        return parse_json(cell)
    except json.JSONDecodeError:
        return cell
