"""Available memory, and checks of what would exceed it."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = [
    "available_memory",
    "check_cell_matrix",
    "check_fits",
    "is_large",
    "row_blocks",
]

LARGE = 2**24  # numbers: a larger array is worked through in blocks, or not made at all
AT_ONCE = 2**19  # numbers of a block
POINTER = 8  # bytes of a cell of a matrix of objects
UNLIMITED = 2**60
AVAILABLE = re.compile(rb"^MemAvailable:\s*(\d+)", re.MULTILINE)  # in kB
GROUP = "/sys/fs/cgroup"
LIMITS = (  # of a container, in either version of control groups: limit, use, files
    ("memory.max", "memory.current", "inactive_file"),
    (
        "memory/memory.limit_in_bytes",
        "memory/memory.usage_in_bytes",
        "total_inactive_file",
    ),
)


def available_memory() -> int | None:
    """Bytes that a program may still take, or None where it is unknown.

    The smaller of what is available on the machine and in the container.
    """
    known = [_of_machine(), *(_of_group(*names) for names in LIMITS)]
    return min((n_bytes for n_bytes in known if n_bytes is not None), default=None)


def check_fits(n_bytes: int, what: str, way_out: str) -> None:
    """Raise, before allocation, if something would take more memory than available.

    Parameters
    ----------
    n_bytes : int
        Approximate peak.
    what : str
        What is allocated, with its sizes, for the message.
    way_out : str
        What to do instead, for the message.

    Raises
    ------
    ValueError
    """
    available = available_memory()
    if available is not None and n_bytes > available:
        raise ValueError(
            f"{what} would take about {in_words(n_bytes)} of memory, of which "
            f"{in_words(available)} are available; {way_out}."
        )


def check_cell_matrix(shape: tuple[int, int], rows: str, parts: str) -> None:
    """Raise if a matrix of cells would take more memory than there is.

    Parameters
    ----------
    shape : tuple (n_rows, n_annotators)
    rows, parts : str
        What the rows are, and the attribute that holds the parts of answers.
    """
    n_rows, n_annotators = shape
    check_fits(
        POINTER * n_rows * n_annotators,
        f"a matrix of {n_rows} {rows} and {n_annotators} annotators",
        f"use {parts}.to_sparse() or {parts}.to_long()",
    )


def is_large(*shape: Any) -> bool:
    """Whether an array of this shape is avoided, or processed in blocks."""
    return math.prod(map(int, shape)) > LARGE


def in_words(n_bytes: float) -> str:
    """Write a number of bytes, such as 1.5 GB."""
    is_small = n_bytes < 1e9
    return f"{n_bytes / 1e6:,.1f} MB" if is_small else f"{n_bytes / 1e9:,.1f} GB"


def row_blocks(n_rows: int, n_columns: int) -> Iterator[slice]:
    """Cut the rows of a large array into blocks; a small one is a single block.

    Parameters
    ----------
    n_rows, n_columns : int

    Yields
    ------
    rows : slice
    """
    step = n_rows
    if is_large(n_rows, n_columns):
        step = max(1, AT_ONCE // n_columns)
    for start in range(0, n_rows, max(step, 1)):
        yield slice(start, min(start + step, n_rows))


def _of_machine() -> int | None:
    """Return the available memory of the machine, or else its total memory."""
    try:
        found = AVAILABLE.search(Path("/proc/meminfo").read_bytes())
    except OSError:
        found = None
    if found:
        return int(found[1]) * 1024
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None


def _of_group(limit: str, used: str, reclaimable: str) -> int | None:
    """Return the memory that a control group still allows, None without a limit.

    Cached files count as available.
    """
    try:
        allowed, taken = (int((Path(GROUP) / n).read_text()) for n in (limit, used))
    except (OSError, ValueError):  # there is none, or it is "max"
        return None
    if allowed >= UNLIMITED:
        return None
    return max(allowed - taken + _of_files(Path(GROUP) / limit, reclaimable), 0)


def _of_files(limit: Path, name: str) -> int:
    """Return the bytes of cached files of a control group."""
    try:
        lines = limit.with_name("memory.stat").read_text().splitlines()
        return int(dict(line.split(" ", 1) for line in lines)[name])
    except (OSError, KeyError, ValueError):
        return 0
