"""``skcrowd train``: learn a model from answers, and keep it in a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from ._answer_kinds import KINDS, kind_of
from ._item_features import add_features, feature_columns, reader_options
from ._model import fit_model
from ._model_file import save_model
from ._subcommand import Subcommand, add_input, check_installed, note, read_export

__all__ = ["TRAIN"]

_DESCRIPTION = """\
Learn a model from the answers, and write it into a file for "skcrowd predict".

What it learns from is --features or --text; spans are learned from their texts. The
file holds numbers and text, no code, and loads without running any. Models of
preferences cannot be kept: "skcrowd consensus --features" scores the items.

  skcrowd train export.json --text -o mood.model
  skcrowd train answers.csv --features vectors.npz -o mood.model
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the model (default: crowd.model)", path="crowd.model")
    add_features(parser)


def _run(options: argparse.Namespace) -> None:
    check_installed("safetensors", "safe")
    export = read_export(options, **reader_options(options))
    kind = kind_of(export)
    if kind == "preferences":
        raise ValueError(
            "models of preferences cannot be kept in a file; 'skcrowd consensus "
            "--features' writes the scores of the items."
        )
    is_known = options.features is not None or options.text is not None
    if not is_known and not KINDS[kind].learns_texts:
        raise ValueError(
            "there is nothing to learn from; pass --text where the file has the texts "
            "of the items, or --features, a table with a row of numbers for each."
        )
    path = Path(options.output)
    features = options.features
    columns = None if features is None else feature_columns(Path(features))
    save_model(path, kind, fit_model(export, options).estimator, columns)
    note(options, f"written: {path}")


TRAIN = Subcommand(
    "train", "learn a model, for predict", _DESCRIPTION, _add_arguments, _run
)
