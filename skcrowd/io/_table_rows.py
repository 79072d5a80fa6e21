"""Yield the rows of any table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from skcrowd.annotations._usual_names import ANNOTATOR, ANSWER, ITEM, by_plain_name
from skcrowd.annotations._warn import warn

from ._contents import JSON, PARQUET, SPREADSHEET, content_of
from ._csv_rows import check_distinct, read_rows
from ._files import paths_of
from ._json_records import Record, read_records
from ._json_tables import rows_in
from ._parquet import parquet_rows
from ._progress import Progress
from ._table_columns import held_by_name

__all__ = ["in_memory", "is_pandas", "table_rows", "with_index"]

_USUAL = {*ITEM, *ANNOTATOR, *ANSWER}


def in_memory(table: Any) -> Any:
    """Return a table whose columns and rows can be read; anything else as it is.

    Parameters
    ----------
    table : object
        A query of polars, a stream of Arrow or a Series of pandas becomes a table.
    """
    if hasattr(table, "collect") and hasattr(table, "collect_schema"):
        return table.collect()
    if hasattr(table, "read_all") and hasattr(table, "schema"):
        return table.read_all()
    return table.to_frame() if hasattr(table, "to_frame") else table


def is_pandas(table: Any) -> bool:
    """Return whether a table is a DataFrame of pandas."""
    return hasattr(table, "reset_index") and hasattr(table, "columns")


def with_index(
    frame: Any, names_items: bool, asked: Collection[str], answered: Collection[str]
) -> Any:
    """Return a DataFrame of pandas with its index as columns, if the index has names.

    Parameters
    ----------
    frame : DataFrame
    names_items : bool
        Whether an index without a name is a column, too: that of the items.
    asked : collection of str
        The columns that the user named.
    answered : collection of str
        The columns of annotators, whose names say nothing else.

    Returns
    -------
    frame : DataFrame
        Without an index that has the usual name of what a column holds.
    """
    names = list(frame.index.names)
    if names == [None] and names_items:
        return frame.rename_axis("item").reset_index()
    known = [str(name) for name in frame.columns]
    held = held_by_name(name for name in known if name not in answered)
    kept = [
        name
        for name in names
        if name is not None
        and str(name) not in known
        and (str(name) in asked or not held_by_name([str(name)]) & held)
    ]
    return frame.reset_index(level=kept) if kept else frame


def table_rows(table: Any, progress: Progress) -> Iterator[Record]:
    """Yield the rows of any table.

    Parameters
    ----------
    table : path, list of paths, DataFrame, or iterable of tuples or mappings
    progress : bool, callable or None

    Yields
    ------
    record : Record
        The names of its columns are texts.

    Raises
    ------
    TypeError
        If it is no table, or a row is neither a tuple nor a mapping.
    ValueError
        If a file is malformed, columns have one name or not one length, or the first
        tuple holds names of columns.
    """
    paths = paths_of(table)
    if paths is not None:
        for path in paths:
            yield from _rows_of_file(path, progress)
    elif hasattr(table, "iter_rows"):  # polars
        yield from read_records(table.iter_rows(named=True))
    elif hasattr(table, "to_pylist"):  # Arrow
        check_distinct(list(table.column_names), "the table")
        yield from read_records(table.to_pylist())
    elif is_pandas(table):
        yield from read_records(map(dict, _pandas_rows(table)))
    elif isinstance(table, Mapping):
        yield from read_records(_rows_of_columns(table))
    elif hasattr(table, "read") or not isinstance(table, Iterable):
        what = "an open file" if hasattr(table, "read") else type(table).__name__
        raise TypeError(
            "a table is a path, a list of paths, a DataFrame, or an iterable of tuples "
            f"(item, annotator, answer) or of dicts, got {what}."
        )
    else:
        yield from read_records(_named_rows(table))


def _pandas_rows(frame: Any) -> Iterator[Iterable[tuple[str, Any]]]:
    names = [str(name) for name in frame.columns]
    check_distinct(names, "the table")
    frame = frame.astype(object).where(frame.notna(), None)
    for row in frame.itertuples(index=False, name=None):
        if any(value is not None for value in row):
            yield zip(names, row, strict=True)


def _rows_of_columns(table: Mapping[Any, Any]) -> Iterator[dict[str, Any]]:
    for name, values in table.items():
        if not isinstance(values, Iterable):
            raise ValueError(
                f"a dict is a table of columns, but {str(name)!r} holds {values!r}; "
                "pass lists of one length, or a list of dicts, one for each answer."
            )
    columns = {str(name): list(values) for name, values in table.items()}
    sizes = {name: len(values) for name, values in columns.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(f"the columns of a table are equally long, got {sizes}.")
    for row in zip(*columns.values(), strict=True):
        yield dict(zip(columns, row, strict=True))


def _named_rows(rows: Iterable[Any]) -> Iterator[Any]:
    """Name the parts of rows that are tuples (item, annotator, answer)."""
    listed = iter(rows)
    first = next(listed, None)
    if first is None:
        return
    if isinstance(first, (tuple, list)) and _are_names(first):
        raise ValueError(
            f"the first row, {tuple(first)}, holds names of columns, not an answer; "
            "leave it out, or pass dicts."
        )
    yield from map(_named, chain([first], listed))


def _are_names(row: Sequence[Any]) -> bool:
    """Return whether a row holds the usual names of columns, as a header does."""
    are_texts = not hasattr(row, "_fields") and all(isinstance(x, str) for x in row)
    return are_texts and len(row) == 3 and set(by_plain_name(row)) <= _USUAL


def _named(row: Any) -> Any:
    """Return a row by the names of its columns."""
    if hasattr(row, "_asdict"):
        return row._asdict()
    if isinstance(row, np.void) and row.dtype.names:
        return dict(zip(row.dtype.names, row.tolist(), strict=True))
    if isinstance(row, Mapping):
        return {str(name): value for name, value in row.items()}
    row = row.tolist() if isinstance(row, np.ndarray) else row
    if isinstance(row, (tuple, list)) and len(row) == 3:
        return dict(zip(("item", "annotator", "answer"), row, strict=True))
    raise TypeError(
        f"a row must be a tuple (item, annotator, answer) or a dict, got {row!r}."
    )


def _rows_of_file(path: Path, progress: Progress) -> Iterator[Record]:
    content = content_of(path)
    if content == JSON:
        yield from rows_in(read_records(path, progress))
    elif content == PARQUET:
        yield from read_records(parquet_rows(path))
    elif content == SPREADSHEET:
        yield from table_rows(_spreadsheet(path), None)
    else:
        yield from read_rows(path, progress)


def _spreadsheet(path: Path) -> Any:
    """Return the first sheet that is not empty; texts such as "NA" are kept."""
    try:
        import pandas as pd

        sheets = pd.read_excel(
            path, sheet_name=None, keep_default_na=False, na_values=[""]
        )
    except (BadZipFile, KeyError) as error:
        raise ValueError(f"{path.name} is no spreadsheet: {error}.") from error
    except ImportError as error:
        raise ImportError(
            f"{path.name} is read by pandas and openpyxl: pip install pandas openpyxl; "
            "or save it as CSV."
        ) from error
    first, *others = [name for name in sheets if len(sheets[name])] or list(sheets)
    if others:
        warn(
            f"{path.name} has the sheets {[first, *others]}; {first!r} alone was read. "
            "Save others as CSV, and pass a list of files.",
            ("table", "sheets"),
        )
    return sheets[first]
