"""Fit an estimator to an export, with features if there are any."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import SequenceAnnotations

from ._subcommand import note

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["Fitted", "add_features", "fit_model", "reader_options"]


class Fitted:
    """A fitted estimator with what it was fitted to.

    Attributes
    ----------
    estimator : CrowdClassifier, CrowdRegressor, CrowdSequenceTagger or Pipeline
    X : object
        The items, as ``fit`` got them.
    options : dict
        Of the insight methods: without features nothing is to be cross-fitted.
    """

    def __init__(self, estimator: Any, X: Any, options: dict[str, Any]) -> None:
        self.estimator, self.X, self.options = estimator, X, options


def add_features(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that say what is known of the items."""
    known = parser.add_mutually_exclusive_group()
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
        "has several",
    )
    parser.add_argument("--seed", type=int, default=0, help="of training (default: 0)")


def reader_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the reader must keep of the items."""
    if options.text is None:
        return {}
    return {"data": [options.text] if options.text else True}


def fit_model(export: Export, options: argparse.Namespace) -> Fitted:
    """Fit the estimator for this kind of answers.

    Parameters
    ----------
    export : Export
    options : Namespace
        With the arguments of `add_features`.

    Returns
    -------
    fitted : Fitted
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline

    from skcrowd.estimators import (
        CrowdClassifier,
        CrowdRegressor,
        CrowdSequenceTagger,
    )

    settings: dict[str, Any] = {
        "random_state": options.seed,
        "verbose": 0 if options.quiet or not sys.stderr.isatty() else 1,
    }
    y = export.annotations
    if isinstance(y, SequenceAnnotations):
        tokens: Any = export.tokens
        return Fitted(CrowdSequenceTagger(**settings).fit(tokens, y), tokens, {})
    kind = CrowdRegressor if y.kind == "numbers" else CrowdClassifier
    estimator: Any = kind(**settings)
    if options.text is not None:
        texts = export.data[options.text] if options.text else export.texts
        estimator = make_pipeline(TfidfVectorizer(sublinear_tf=True), estimator)
        return Fitted(estimator.fit(texts, y), texts, {})
    if options.features is not None:
        X = _read_features(Path(options.features), export.items)
        return Fitted(estimator.fit(X, y), X, {})
    note(options, "no features: labels are inferred from the answers alone")
    X = np.zeros((len(export.items), 1), dtype=np.float32)
    return Fitted(estimator.fit(X, y), X, {"cv": "prefit"})


def _read_features(path: Path, items: list[Any]) -> Any:
    """Read the rows of features in the order of the items."""
    if path.suffix == ".npz":
        with np.load(path, allow_pickle=False) as arrays:
            names, X = _npz_arrays(arrays, path)
    else:
        names, X = _csv_arrays(path)
    place = {str(name): row for row, name in enumerate(names)}
    missing = [item for item in items if str(item) not in place]
    if missing:
        raise ValueError(
            f"{path} has no features of {len(missing)} of {len(items)} items, such as "
            f"{missing[0]!r}; give each item of the answers a row."
        )
    return X[[place[str(item)] for item in items]]


def _npz_arrays(arrays: Any, path: Path) -> tuple[Any, Any]:
    """Return the names of the items and their features."""
    if not {"items", "X"} <= set(arrays):
        raise ValueError(
            f"{path} holds the arrays {sorted(arrays)}; it needs 'items', the names as "
            "in the answers, and 'X', a row of features for each."
        )
    return arrays["items"].tolist(), arrays["X"]


def _csv_arrays(path: Path) -> tuple[list[str], Any]:
    """Return the first column, and the others as numbers."""
    import csv

    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
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
