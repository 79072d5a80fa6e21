"""What is known of items: numbers in a file, or texts."""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["add_features", "read_features", "reader_options", "rows_of"]


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
        help="CSV or NPZ with a row of numbers for each item, first column the item in "
        "CSV, arrays 'items' and 'X' in NPZ",
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
    place = {str(name): row for row, name in enumerate(names)}
    missing = [item for item in items if str(item) not in place]
    if missing:
        raise ValueError(
            f"{path} has no features of {len(missing)} of {len(items)} items, such as "
            f"{missing[0]!r}; give each item of the answers a row."
        )
    return X[[place[str(item)] for item in items]]


def read_features(path: Path) -> tuple[list[Any], Any]:
    """Read names of items, and a row of features for each.

    Parameters
    ----------
    path : Path
        CSV, or NPZ where it is named so.

    Returns
    -------
    names : list
    X : ndarray of shape (n_items, n_features)

    Raises
    ------
    ValueError
        If the file is malformed, or names an item twice.
    """
    is_npz = path.suffix.lower() == ".npz"
    names, X = _npz_arrays(path) if is_npz else _csv_arrays(path)
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


def _npz_arrays(path: Path) -> tuple[list[Any], Any]:
    """Return the arrays of names and features."""
    with np.load(path, allow_pickle=False) as arrays:
        if not {"items", "X"} <= set(arrays):
            raise ValueError(
                f"{path} holds the arrays {sorted(arrays)}; it needs 'items', the "
                "names as in the answers, and 'X', a row of features for each."
            )
        names, X = arrays["items"], arrays["X"]
    if X.ndim != 2 or X.dtype.kind not in "biuf":
        raise ValueError(
            f"X of {path} has shape {X.shape} and type {X.dtype}; it needs a row of "
            "numbers for each item."
        )
    return names.tolist(), X.astype(np.float32)


def _csv_arrays(path: Path) -> tuple[list[Any], Any]:
    """Return the first column, and the others as numbers."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file)) or [[]]
    if len(header) < 2:
        raise ValueError(
            f"{path} has no features; its first column must name the item, and the "
            "others hold numbers."
        )
    names, numbers = [], []
    for line, row in enumerate(rows, start=2):
        try:
            numbers.append([float(value) for value in row[1:]])
        except ValueError as error:
            raise ValueError(
                f"line {line} of {path}: {error}; every column but the first must hold "
                "numbers."
            ) from error
        if len(row) != len(header):
            raise ValueError(
                f"line {line} of {path} has {len(row)} values, the first {len(header)}."
            )
        names.append(row[0])
    return names, np.array(numbers, dtype=np.float32)
