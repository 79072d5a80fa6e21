"""Write rows as CSV, or as a table on a terminal."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

__all__ = ["as_text", "write_csv", "write_table"]


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[Any]], path: str | None
) -> None:
    """Write rows as CSV into a file, or to stdout.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences
    path : str or None
        None: stdout.
    """
    if path is None:
        _write(header, rows, sys.stdout)
        return
    with Path(path).open("w", encoding="utf-8", newline="") as file:
        _write(header, rows, file)


def _write(header: Sequence[str], rows: Iterable[Sequence[Any]], file: TextIO) -> None:
    """Write rows as CSV to an open file."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([as_text(value) for value in row] for row in rows)


def write_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows on stdout, in columns, numbers to the right.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences
    """
    listed = [list(row) for row in rows]
    texts = [[as_text(value) for value in row] for row in listed]
    is_number = [
        all(isinstance(row[i], (int, float, np.number)) for row in listed)
        for i in range(len(header))
    ]
    widths = [max(map(len, column)) for column in zip(header, *texts, strict=True)]
    for row in [list(header), *texts]:
        cells = [
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(row, widths, is_number, strict=True)
        ]
        print("  ".join(cells).rstrip())


def as_text(value: Any) -> str:
    """Return a value as it is written: numbers with four decimals, no NaN."""
    if isinstance(value, (float, np.floating)):
        if np.isnan(value):
            return ""
        return f"{value:.4f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)
