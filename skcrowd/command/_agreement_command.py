"""``skcrowd agreement``: coefficients of agreement with their intervals."""

from __future__ import annotations

import argparse

from ._answer_kinds import KINDS, kind_of
from ._subcommand import Subcommand, add_input, read_export
from ._write_rows import write_csv, write_table

__all__ = ["AGREEMENT"]

_DESCRIPTION = """\
How well annotators agree: coefficients with 95 % intervals over the items.

Of labels Krippendorff's alpha, Fleiss' kappa, Gwet's AC1 and the share of equal pairs,
and so of sets for the decisions to tick a label or not, and of preferences for pairs of
items; of labels with an order Krippendorff's alpha (ordinal); of ratings Krippendorff's
alpha (interval) and the intraclass correlation; of spans Krippendorff's alpha of the
tags. 1 is perfect, 0 what chance gives. Answers may be missing anywhere.

  skcrowd agreement export.json
  skcrowd agreement answers.csv --order poor,fair,good
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the coefficients as CSV; a table on stdout by default")


def _run(options: argparse.Namespace) -> None:
    export = read_export(options)
    found = KINDS[kind_of(export)].agreement(export.annotations)
    header = ["coefficient", "value", "low", "high"]
    rows = [(name, *interval) for name, interval in found]
    if options.output is None:
        write_table(header, rows)
    else:
        write_csv(header, rows, options.output)


AGREEMENT = Subcommand(
    "agreement", "how well people agree", _DESCRIPTION, _add_arguments, _run
)
