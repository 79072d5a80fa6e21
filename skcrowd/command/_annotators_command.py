"""``skcrowd annotators``: whom to trust."""

from __future__ import annotations

import argparse

from ._answer_kinds import KINDS, kind_of
from ._frame import write_frame
from ._item_features import add_features, reader_options
from ._model import fit_model
from ._subcommand import Subcommand, add_input, check_installed, read_export

__all__ = ["ANNOTATORS"]

_DESCRIPTION = """\
Whom to trust: the report of annotators, best first.

Of labels how many of the answers of each annotator are right, with an interval, and
where they have an order, how many steps off; of ratings offset, scale and noise; of
spans and sets of labels precision, recall and F1; of preferences also who minds the
place. No gold labels are needed. Features of the items, or their texts, make it more
certain.

  skcrowd annotators export.json
  skcrowd annotators answers.csv --features vectors.npz -o annotators.csv
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the table as CSV; a table on stdout by default")
    add_features(parser)


def _run(options: argparse.Namespace) -> None:
    from skcrowd.inspection import insight

    check_installed("pandas", "pandas")
    export = read_export(options, **reader_options(options))
    fitted = fit_model(export, options)
    report = insight(fitted.estimator).annotator_report()
    kind = KINDS[kind_of(export)]
    best = next(name for name in kind.skills if name in report)
    report = report.sort_values(best, ascending=kind.is_error, kind="stable")
    write_frame(report, options.output)


ANNOTATORS = Subcommand(
    "annotators", "whom to trust", _DESCRIPTION, _add_arguments, _run
)
