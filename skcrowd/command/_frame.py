"""Write a table of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._write_rows import write_csv, write_table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["write_frame"]


def write_frame(table: pd.DataFrame, path: str | None) -> None:
    """Write a table as CSV into a file, or in columns on stdout.

    Parameters
    ----------
    table : pandas.DataFrame
        A named index is the first column.
    path : str or None
    """
    if table.index.name is not None:
        table = table.reset_index()
    header, rows = list(map(str, table.columns)), table.itertuples(index=False)
    if path is None:
        write_table(header, rows)
    else:
        write_csv(header, rows, path)
