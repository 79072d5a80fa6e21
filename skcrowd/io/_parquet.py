"""Read Parquet files; by pyarrow a batch of rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
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
    if find_spec("pyarrow") is None:
        yield from _frame(path).iter_rows(named=True)
        return
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
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
    if find_spec("pyarrow") is None:
        return list(_frame(path).columns)
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        return list(file.schema_arrow.names)


def _frame(path: Path) -> Any:
    """Read a whole file by polars."""
    try:
        import polars as pl
    except ImportError as error:
        raise ImportError(
            f"{path.name} is read by pyarrow or polars: pip install pyarrow"
        ) from error
    return pl.read_parquet(path)
