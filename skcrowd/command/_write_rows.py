"""Write rows as CSV, or as a table on a terminal."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

__all__ = ["write_csv", "write_table"]

WIDEST = 50  # characters of a column on a terminal
SMALLEST = 1e-4  # number that four decimals show


def write_csv(
    header: Sequence[str], rows: Iterable[Sequence[Any]], path: str | None
) -> None:
    """Write rows as CSV into a file, or to stdout; numbers with all their digits.

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
    writer = csv.writer(_Lines(file), lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_exact(value) for value in row] for row in rows)


class _Lines:
    r"""Ends lines with "\n", of a writer that quotes fields with "\r", too."""

    def __init__(self, file: TextIO) -> None:
        self.file = file

    def write(self, line: str) -> None:
        r"""Write one line, which ends with "\r\n"."""
        self.file.write(line.removesuffix("\r\n") + "\n")


def write_table(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows on stdout, in columns, numbers to the right, long texts clipped.

    Parameters
    ----------
    header : sequence of str
    rows : iterable of sequences
    """
    listed = [list(row) for row in rows]
    texts = [[_clipped(_rounded(value)) for value in row] for row in listed]
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


def _clipped(text: str) -> str:
    """Return a text in one line that fits a column."""
    line = " ".join(text.split())
    return line if len(line) <= WIDEST else f"{line[: WIDEST - 1]}…"


def _exact(value: Any) -> str:
    """Return a value as it is written into files: numbers so that none is lost."""
    if value is None or (_is_float(value) and np.isnan(value)):
        return ""
    return str(value).removesuffix(".0") if _is_float(value) else str(value)


def _rounded(value: Any) -> str:
    """Return a value as it is shown: numbers with four decimals or four digits."""
    if not _is_float(value) or np.isnan(value):
        return _exact(value)
    if 0 < abs(value) < SMALLEST:
        return f"{value:.4g}"
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _is_float(value: Any) -> bool:
    return isinstance(value, (float, np.floating))
