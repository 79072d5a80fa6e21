"""``skcrowd annotators``: whom to trust."""

from __future__ import annotations

import argparse

from ._frame import write_frame
from ._model import add_features, fit_model, reader_options
from ._subcommand import Subcommand, add_input, read_export

__all__ = ["ANNOTATORS"]

_SKILLS = ("f1", "accuracy", "noise_std")  # what the report is sorted by
_ERRORS = ("noise_std",)

_DESCRIPTION = """\
Whom to trust: the report of annotators, best first.

Of labels how many of the answers of each annotator are right, with an interval; of
ratings offset, scale and noise; of spans precision, recall and F1. No gold labels are
needed. Features of the items, or their texts, make it more certain.

  skcrowd annotators export.json
  skcrowd annotators answers.csv --features vectors.npz -o annotators.csv
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the table as CSV; a table on stdout by default")
    add_features(parser)


def _run(options: argparse.Namespace) -> None:
    from skcrowd.inspection import insight

    export = read_export(options, **reader_options(options))
    fitted = fit_model(export, options)
    report = insight(fitted.estimator).annotator_report()
    best = next(name for name in _SKILLS if name in report)
    report = report.sort_values(best, ascending=best in _ERRORS, kind="stable")
    write_frame(report, options.output)


ANNOTATORS = Subcommand(
    "annotators", "whom to trust", _DESCRIPTION, _add_arguments, _run
)
