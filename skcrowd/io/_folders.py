"""Folders of files that name their annotators, as parts of one table do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ._files import first_with_record
from ._table_columns import table_columns
from ._tool import Head

__all__ = ["PARTS", "parts_in"]

_ENDINGS = "csv", "tsv", "jsonl", "json", "parquet"
PARTS = "item", "annotator", "answer"


def parts_in(
    folder: Path, options: Mapping[str, Any], read_head: Callable[[Path], Head]
) -> list[Path]:
    """Return the files of a folder, if the first with a record is a table of answers.

    Parameters
    ----------
    folder : Path
    options : Mapping
        Of the reader; its columns may be among them.
    read_head : callable
        Reads the beginning of a file.

    Returns
    -------
    files : list of Path
        Sorted; empty if the first one has no column of annotators, as where each file
        is that of one annotator.
    """
    found = (path for ending in _ENDINGS for path in folder.glob(f"*.{ending}"))
    files = sorted(path for path in found if not path.name.startswith("."))
    if not files:
        return []
    head = read_head(first_with_record(files))
    given = {part: options.get(part) for part in PARTS}
    try:
        table_columns(head.columns or list(head.record or {}), given)
    except ValueError:
        return []
    return files
