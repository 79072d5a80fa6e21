"""What a file holds: by the ending of its name, or by its beginning."""

from __future__ import annotations

import re
from pathlib import Path

from ._files import encoding_of, ending_of, start_of

__all__ = ["JSON", "PARQUET", "ROWS", "SPREADSHEET", "content_of"]

JSON, PARQUET, ROWS, SPREADSHEET = "JSON", "Parquet", "CSV or TSV", "a spreadsheet"
_BY_ENDING = {
    ".json": JSON,
    ".jsonl": JSON,
    ".ndjson": JSON,
    ".parquet": PARQUET,
    ".pq": PARQUET,
    ".xlsx": SPREADSHEET,
    ".xls": SPREADSHEET,
    ".ods": SPREADSHEET,
}
_PARQUET_BEGINS = b"PAR1"
_JSON_BEGINS = re.compile(r'\ufeff?\s*(\[\s*)?\{\s*["}]')
_START = 2**12


def content_of(path: Path) -> str:
    """Return what a file holds.

    Parameters
    ----------
    path : Path

    Returns
    -------
    content : str
        `JSON` (Lines, too), `PARQUET` or `SPREADSHEET` where the name ends as those of
        such files do, or it begins as JSON or Parquet; else `ROWS`.
    """
    known = _BY_ENDING.get(ending_of(path))
    if known is not None:
        return known
    start = start_of(path, _START)
    if start.startswith(_PARQUET_BEGINS):
        return PARQUET
    text = start.decode(encoding_of(start), errors="replace")
    return JSON if _JSON_BEGINS.match(text) else ROWS
