"""Values as JSON has them, and files of these."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import PathLike

__all__ = ["plain", "write_json"]


def plain(value: Any) -> Any:
    """Return a value that JSON has.

    Parameters
    ----------
    value : object

    Returns
    -------
    plain : object
        Numbers of numpy become numbers, arrays lists, NaN None, what JSON lacks (dates,
        infinity) text; also inside of lists and dicts.
    """
    if isinstance(value, (np.generic, np.ndarray)):
        as_python = value.tolist()  # of dates and times nanoseconds become a number
        value = str(value) if value.dtype.kind in "mM" and not value.ndim else as_python
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    known = (bool, int, float, str, type(None))
    return value if isinstance(value, known) else str(value)


def write_json(path: PathLike, records: Iterable[Any], *, lines: bool = False) -> Path:
    """Write records as JSON or JSON Lines, in UTF-8.

    Parameters
    ----------
    path : path
    records : iterable
    lines : bool, default=False

    Returns
    -------
    path : Path
    """
    path = Path(path)
    texts = [
        json.dumps(record, ensure_ascii=False, allow_nan=False) for record in records
    ]
    text = "\n".join(texts) if lines else "[\n" + ",\n".join(texts) + "\n]"
    path.write_text(text + "\n", encoding="utf-8")
    return path
