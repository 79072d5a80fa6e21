"""Read Parquet files; by pyarrow a batch of rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ._csv_rows import check_distinct

__all__ = ["parquet_categories", "parquet_columns", "parquet_rows"]


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
        check_distinct(list(file.schema_arrow.names), path.name)
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


def parquet_categories(path: Path, name: str) -> list[Any] | None:
    """Return the categories of a column, if they are ordered.

    Parameters
    ----------
    path : Path
    name : str
        Of the column.

    Returns
    -------
    categories : list or None
        From lowest to highest. None without pyarrow, too.
    """
    if find_spec("pyarrow") is None:
        return None
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        if not getattr(file.schema_arrow.field(name).type, "ordered", False):
            return None
        first = next(file.iter_batches(batch_size=1, columns=[name]), None)
        return None if first is None else list(first.column(0).dictionary.to_pylist())


def _frame(path: Path) -> Any:
    """Read a whole file by polars."""
    try:
        import polars as pl
    except ImportError as error:
        raise ImportError(
            f"{path.name} is read by pyarrow or polars: pip install pyarrow"
        ) from error
    return pl.read_parquet(path)
