"""``skcrowd consensus``: one label, rating, set, score or list of tags an item."""

from __future__ import annotations

import argparse

from ._answer_kinds import KINDS, kind_of
from ._item_features import add_features, reader_options
from ._model import fit_model
from ._subcommand import Subcommand, add_input, check_installed, read_export
from ._write_rows import write_csv

__all__ = ["CONSENSUS"]

_DESCRIPTION = """\
Infer one label for each item from the answers, and from features if there are any.

Writes CSV with columns item, label, probability, n_answers and agreement (the share of
the answers that are this label), in the order of the file. Labels that have an order,
such as stars, are inferred as such with --ordinal or --order. Of ratings: item, rating
and n_answers. Of sets of labels: item, labels (a JSON list), n_answers and the
probability of every label. Of spans: item, tags and spans, JSON lists. Of preferences:
item, score, rank and n_comparisons, the best first. Numbers have all their digits.

With --features or --text a network learns from all answers, and items that nobody
answered get a label, too.

  skcrowd consensus answers.csv -o labels.csv
  skcrowd consensus export.json --method majority_vote
  skcrowd consensus export.json --text -o labels.csv
  skcrowd consensus answers.csv --order poor,fair,good -o labels.csv
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the labels; stdout by default")
    known = [method for kind in KINDS.values() for method in kind.methods]
    parser.add_argument(
        "--method",
        choices=list(dict.fromkeys(known)),
        help="aggregator without features (default: consensus, which compares models; "
        "of labels with an order ordinal, of preferences crowd_bradley_terry)",
    )
    add_features(parser)


def _run(options: argparse.Namespace) -> None:
    is_learned = options.features is not None or options.text is not None
    if is_learned and options.method is not None:
        raise ValueError(
            "--method is for answers without features; leave it out, or --features and "
            "--text."
        )
    if is_learned:
        check_installed("pandas", "pandas")
    export = read_export(options, **reader_options(options))
    kind = KINDS[kind_of(export)]
    if is_learned:
        table = kind.learned_consensus(export, fit_model(export, options))
    else:
        table = kind.consensus(export, kind.check_method(options))
    write_csv(table.header, table.rows, options.output)


CONSENSUS = Subcommand(
    "consensus",
    "one label for each item",
    _DESCRIPTION,
    _add_arguments,
    _run,
)
