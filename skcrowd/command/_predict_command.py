"""``skcrowd predict``: labels of new items by a model that was learned."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from skcrowd.io import read_items

from ._answer_kinds import KINDS
from ._item_features import feature_columns, in_columns, read_features
from ._model_file import Model, load_model
from ._subcommand import Subcommand
from ._write_rows import write_csv

__all__ = ["PREDICT"]

_DESCRIPTION = """\
Predict new items by a model of "skcrowd train".

NEW is a table of features as for --features (CSV, TSV or NPZ; columns with names in any
order), or, where the model was
learned from texts, a CSV, TSV or JSON Lines file with a column of texts; a column of
names is taken if there is one. Writes CSV: item, label and probability; of ratings item
and rating; of sets item, labels and the probability of each; of spans item and spans.

  skcrowd predict mood.model new.csv -o labels.csv
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", help="file that 'skcrowd train' has written")
    parser.add_argument("new", metavar="NEW", help="features or texts of the items")
    parser.add_argument(
        "-o", "--output", metavar="FILE", help="the predictions; stdout by default"
    )
    parser.add_argument("--item", metavar="COLUMN", help="the column of names")
    parser.add_argument("--text", metavar="COLUMN", help="the column of texts")
    parser.add_argument(
        "--debug", action="store_true", help="show where in the code an error arose"
    )


def _run(options: argparse.Namespace) -> None:
    model = load_model(Path(options.model))
    items, X = _read(model, options)
    table = KINDS[model.kind].predictions(model.estimator, items, X)
    write_csv(table.header, table.rows, options.output)


def _read(model: Model, options: argparse.Namespace) -> tuple[list[Any], Any]:
    """Read what the model takes."""
    path = Path(options.new)
    if model.takes_texts:
        return read_items(path, item=options.item, text=options.text)
    if options.item is not None or options.text is not None:
        raise ValueError(
            "the model was learned from features, whose first column is the item; "
            "leave out --item and --text."
        )
    items, X = read_features(path)
    return items, in_columns(X, feature_columns(path), model.columns, path)


PREDICT = Subcommand(
    "predict", "labels of new items, by a model", _DESCRIPTION, _add_arguments, _run
)
