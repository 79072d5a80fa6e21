"""``skcrowd report``: one page on the crowd and its labels."""

from __future__ import annotations

import argparse
from pathlib import Path

from skcrowd.annotations._answered import n_answered

from ._item_features import add_features, reader_options
from ._model import fit_model
from ._subcommand import Subcommand, add_input, check_installed, note, read_export

__all__ = ["REPORT"]

_DESCRIPTION = """\
One HTML page that anybody can read: whom to trust, how good the labels are, which look
wrong, what to ask next, how well people agree, who errs together.

  skcrowd report export.json -o report.html
  skcrowd report answers.csv --text comment -o report.html
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the page (default: report.html)", path="report.html")
    add_features(parser)
    parser.add_argument("--title", help="of the page (default: the name of the file)")


def _run(options: argparse.Namespace) -> None:
    from skcrowd.reporting import report

    check_installed("pandas", "pandas")
    export = read_export(options, **reader_options(options))
    fitted = fit_model(export, options)
    quality = dict(fitted.options)
    if not quality and n_answered(export.annotations) == 1:
        note(
            options,
            "a single item has answers: it is judged by the model that learned from it",
        )
        quality["cv"] = "prefit"
    made = report(
        fitted.estimator,
        fitted.X,
        export.annotations,
        path=options.output,
        title=options.title or Path(options.answers).name,
        **quality,
    )
    print(made)
    note(options, f"written: {options.output}")


REPORT = Subcommand(
    "report", "all of it, as one page", _DESCRIPTION, _add_arguments, _run
)
