"""Read Parquet files, a batch of rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

__all__ = ["parquet_columns", "parquet_rows"]


def parquet_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file.

    Parameters
    ----------
    path : Path

    Yields
    ------
    row : dict
    """
    with _opened(path) as file:
        for batch in file.iter_batches():
            yield from batch.to_pylist()


def parquet_columns(path: Path) -> list[str]:
    """Return the names of the columns of a file.

    Parameters
    ----------
    path : Path

    Returns
    -------
    columns : list of str
    """
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def _opened(path: Path) -> Any:
    try:
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise ImportError(
            f"{path.name} is read by pyarrow: pip install pyarrow"
        ) from error
    return ParquetFile(path)
