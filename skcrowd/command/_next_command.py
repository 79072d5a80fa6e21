"""``skcrowd next``: whom to ask about what."""

from __future__ import annotations

import argparse

from ._frame import write_frame
from ._item_features import add_features, reader_options
from ._model import fit_model
from ._subcommand import Subcommand, add_input, check_installed, note, read_export

__all__ = ["NEXT"]

_DESCRIPTION = """\
Whom to ask about what: the pairs of item and annotator whose answers are expected to
tell most, best first.

  skcrowd next answers.csv --number 50 -o queue.csv
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the pairs as CSV; a table on stdout by default")
    add_features(parser)
    parser.add_argument(
        "-n", "--number", type=int, default=20, help="how many questions (default: 20)"
    )


def _run(options: argparse.Namespace) -> None:
    from skcrowd.inspection import insight

    check_installed("pandas", "pandas")
    export = read_export(options, **reader_options(options))
    fitted = fit_model(export, options)
    queries = insight(fitted.estimator).next_queries(
        fitted.X, export.annotations, options.number
    )
    if not len(queries):
        note(options, "everybody has answered everything: there is nothing to ask")
    write_frame(queries.rename_axis(None), options.output)


NEXT = Subcommand("next", "whom to ask about what", _DESCRIPTION, _add_arguments, _run)
