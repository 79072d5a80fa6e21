"""What is known of items: numbers in a file, or texts."""

from __future__ import annotations

import argparse
import zipfile
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from skcrowd.annotations._warn import warn
from skcrowd.io._contents import ROWS, content_of
from skcrowd.io._csv_rows import read_columns, read_rows
from skcrowd.io._decimal_numbers import NumberColumn, decimal_number
from skcrowd.io._files import check_no_pipe, start_of
from skcrowd.io._json_records import Record
from skcrowd.io._name_types import of_one_type, without_decimals

__all__ = [
    "add_features",
    "feature_columns",
    "in_columns",
    "read_features",
    "reader_options",
    "rows_of",
]

_NUMPY = b"PK", b"\x93NUMPY"  # how NPZ and NPY files begin
_DAMAGED = EOFError, ValueError, zipfile.BadZipFile, zlib.error


def add_features(parser: argparse.ArgumentParser, *, required: bool = False) -> None:
    """Add the arguments that say what is known of the items.

    Parameters
    ----------
    parser : ArgumentParser
    required : bool, default=False
        Whether one of them must be given.
    """
    known = parser.add_mutually_exclusive_group(required=required)
    known.add_argument(
        "--features",
        metavar="FILE",
        help="CSV, TSV or NPZ with a row of numbers for each item: the first column "
        "names the item, below a line with names of columns; in NPZ arrays 'items' and "
        "'X'",
    )
    known.add_argument(
        "--text",
        metavar="COLUMN",
        nargs="?",
        const="",
        help="learn from the texts of the items in the file (TF-IDF); COLUMN where it "
        "has several. Spans are always learned from their texts",
    )
    parser.add_argument("--seed", type=int, default=0, help="of training (default: 0)")
    parser.add_argument(
        "--epochs",
        type=int,
        metavar="N",
        help="passes over the items in training (default: that of the estimator)",
    )


def reader_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the reader must keep of the items."""
    if options.text is None:
        return {}
    return {"data": [options.text] if options.text else True}


def rows_of(path: Path, items: list[Any]) -> Any:
    """Read the rows of features in the order of the items.

    Parameters
    ----------
    path : Path
    items : list

    Returns
    -------
    X : ndarray of shape (n_items, n_features)

    Raises
    ------
    ValueError
        If an item has no features, or the file is malformed.
    """
    names, X = read_features(path)
    if all(isinstance(item, int) for item in items):
        names = without_decimals(names)
    place = {str(name): row for row, name in enumerate(names)}
    missing = [item for item in items if str(item) not in place]
    if missing:
        raise ValueError(
            f"{path} has no features of {len(missing)} of {len(items)} items, such as "
            f"{missing[0]!r}; its items are such as {names[0]!r}. Give each item of "
            "the answers a row."
        )
    return X[[place[str(item)] for item in items]]


def read_features(path: Path) -> tuple[list[Any], Any]:
    """Read names of items, and a row of features for each.

    Parameters
    ----------
    path : Path
        NPZ where it is named so or begins so, else CSV or TSV, as of answers.

    Returns
    -------
    names : list
    X : ndarray of shape (n_items, n_features)

    Raises
    ------
    ValueError
        If the file is malformed, or names an item twice.
    """
    names, X = _npz_arrays(path) if _is_npz(path) else _csv_arrays(path)
    if len(names) != len(X) or not len(names):
        raise ValueError(
            f"{path} has {len(names)} items and {len(X)} rows of features; give each "
            "item one row."
        )
    seen: set[str] = set()
    for name in map(str, names):
        if name in seen:
            raise ValueError(f"{path} has the item {name!r} twice; keep one row.")
        seen.add(name)
    if not np.isfinite(X).all():
        raise ValueError(f"{path} has a feature that is NaN or infinite; fill it in.")
    return names, X


def _is_npz(path: Path) -> bool:
    return path.suffix.lower() == ".npz" or start_of(path, 8).startswith(_NUMPY)


def feature_columns(path: Path) -> list[str] | None:
    """Return the names of the columns of features; None of NPZ, which has none.

    Parameters
    ----------
    path : Path
    """
    return None if _is_npz(path) else read_columns(path)[1:]


def in_columns(
    X: Any, columns: list[str] | None, learned: list[str] | None, path: Path
) -> Any:
    """Return the columns of features in the order in which they were learned from.

    Parameters
    ----------
    X : ndarray of shape (n_items, n_features)
    columns, learned : list of str or None
        The names of its columns, and of those that the model has learned from. None
        where they have no names: the order is taken to be the same.
    path : Path
        Where they are from, for the message.

    Returns
    -------
    X : ndarray of shape (n_items, n_features)

    Raises
    ------
    ValueError
        If the names are others.
    """
    if columns is None or learned is None or columns == learned:
        return X
    if sorted(columns) != sorted(learned):
        absent = [name for name in learned if name not in columns]
        further = [name for name in columns if name not in learned]
        raise ValueError(
            f"{path} lacks the columns {absent}, and has further ones, {further}; the "
            "model was learned from those of another file. Give the same columns."
        )
    return X[:, [columns.index(name) for name in learned]]


def _npz_arrays(path: Path) -> tuple[list[Any], Any]:
    """Return the arrays of names and features."""
    names, X = _loaded(path)
    if names.ndim != 1:
        raise ValueError(
            f"items of {path} has shape {names.shape}; it needs one name for each item."
        )
    if X.ndim != 2 or X.dtype.kind not in "biuf":
        raise ValueError(
            f"X of {path} has shape {X.shape} and type {X.dtype}; it needs a row of "
            "numbers for each item."
        )
    return _plain_names(names), X.astype(np.float32)


def _plain_names(names: Any) -> list[Any]:
    """Return names as those of answers are read: whole floats as integers."""
    if names.dtype.kind == "S":
        names = np.char.decode(names)
    return of_one_type(names.tolist()) if names.dtype.kind == "f" else names.tolist()


def _loaded(path: Path) -> tuple[Any, Any]:
    """Return the arrays "items" and "X" of a file."""
    check_no_pipe(path)
    try:
        with path.open("rb") as file:
            arrays: Any = np.load(file, allow_pickle=False)
            if isinstance(arrays, np.ndarray):
                raise ValueError("it holds one array without a name")
            if not {"items", "X"} <= set(arrays):
                raise ValueError(f"it holds the arrays {sorted(arrays)}")
            return arrays["items"], arrays["X"]
    except _DAMAGED as error:
        raise ValueError(
            f"{path} is no NPZ file of features, or is damaged: {error}. It needs "
            "'items', the names as in the answers, and 'X', a row of features for "
            "each: np.savez(path, items=np.array(names, dtype=str), X=X)."
        ) from error


def _csv_arrays(path: Path) -> tuple[list[Any], Any]:
    """Return the first column, and the others as numbers."""
    content = content_of(path)
    if content != ROWS:
        raise ValueError(f"{path} is {content}; features are read from {ROWS}, or NPZ.")
    records = list(read_rows(path))
    _check_header(list(records[0].data), path)
    names, *_ = zip(*(record.data.values() for record in records), strict=True)
    return list(names), np.array(_numbers(records, path), dtype=np.float32)


def _check_header(columns: list[str], path: Path) -> None:
    """Raise if there are no features; warn if the first line may be an item."""
    if len(columns) < 2:
        raise ValueError(
            f"{path} has no features; its first column must name the item, and the "
            "others hold numbers."
        )
    try:
        numbers = [decimal_number(column) for column in columns[1:]]
    except ValueError:
        return
    are_counted = all(after - before == 1 for before, after in pairwise(numbers))
    if not are_counted or not numbers[0].is_integer():
        warn(
            f"the first line of {path} holds numbers, such as {columns[1]!r}; it was "
            "read as the names of the columns. If it is an item, write names above it.",
            ("features", "header"),
        )


def _numbers(records: list[Record], path: Path) -> list[list[float]]:
    """Return the numbers of all rows, which have one sign for the decimal point."""
    cells = (cell for record in records for cell in record.data.values())
    column = NumberColumn()
    # Python reads plain numbers several times faster, but "1_5" as 15.
    read = column.read if any("," in x or "_" in x for x in cells) else float
    numbers = []
    for record in records:
        try:
            numbers.append([read(cell) for cell in list(record.data.values())[1:]])
        except ValueError as error:
            raise ValueError(
                f"{record.where}: {error}; every column but the first must hold "
                "numbers."
            ) from error
    column.check(str(path))
    return numbers
