"""Read the arguments, run a subcommand, and report errors."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ._agreement_command import AGREEMENT
from ._annotators_command import ANNOTATORS
from ._check_files import check_files
from ._consensus_command import CONSENSUS
from ._next_command import NEXT
from ._predict_command import PREDICT
from ._report_command import REPORT
from ._subcommand import as_options
from ._train_command import TRAIN

if TYPE_CHECKING:
    from ._subcommand import Subcommand

__all__ = ["SUBCOMMANDS", "main"]

SUBCOMMANDS: tuple[Subcommand, ...] = (
    CONSENSUS,
    ANNOTATORS,
    AGREEMENT,
    NEXT,
    REPORT,
    TRAIN,
    PREDICT,
)

_EPILOG = """\
examples:
  skcrowd consensus answers.csv -o labels.csv     one label for each item
  skcrowd annotators export.json                  whom to trust
  skcrowd agreement export.jsonl                  how well people agree
  skcrowd next answers.csv --number 50            whom to ask about what
  skcrowd report export.json -o report.html       all of it, as one page
  skcrowd train export.json --text -o mood.model  a model that learns from everybody
  skcrowd predict mood.model new.csv              its labels of new texts

A table needs columns item, annotator and answer, a row for each answer; columns first,
second and preferred where an answer prefers one of two items; columns with the
probability of each label where an answer states these (--probabilities). Exports of
Label Studio, doccano, Prodigy, Argilla, Mechanical Turk, Toloka and Potato are
recognised. Answers are labels, ratings, sets of labels, spans of text or preferences.
"skcrowd COMMAND --help" says more. An output is none of the inputs, and no input is a
pipe.

exit codes: 0 done, 1 the file cannot be used, 2 the command was called wrongly
"""


def main(arguments: Sequence[str] | None = None) -> int:
    r"""Run the command ``skcrowd``.

    Parameters
    ----------
    arguments : sequence of str, default=None
        Those of the command line; None takes those of the process.

    Returns
    -------
    code : int
        0: done. 1: the file cannot be used; the reason is on stderr. Wrong arguments
        end the process with 2, as argparse does.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.command import main
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "answers.csv"
    ...     table = "item,annotator,answer\n1,ann,yes\n1,bo,yes\n1,eve,no\n1,al,yes\n"
    ...     _ = path.write_text(table)
    ...     call = ["consensus", "--quiet", "--method", "majority_vote", str(path)]
    ...     code = main(call)
    item,label,probability,n_answers,agreement
    1,yes,0.75,4,0.75
    >>> code
    0
    """
    options = _parser().parse_args(arguments)
    if options.run is None:
        _parser().print_help()
        return 2
    try:
        with warnings.catch_warnings():
            warnings.showwarning = _show_warning
            check_files(options)
            options.run(options)
    except BrokenPipeError:  # of "| head", which has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("skcrowd: interrupted", file=sys.stderr)
        return 130
    except (ValueError, TypeError, OSError, ImportError) as error:
        if options.debug:
            raise
        print(f"skcrowd: error: {as_options(str(error))}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the parser of all subcommands."""
    parser = argparse.ArgumentParser(
        prog="skcrowd",
        description="Labels, annotators and reports from the answers of a crowd.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shown = f"skcrowd {version('skcrowd')}"
    parser.add_argument("--version", action="version", version=shown)
    parser.set_defaults(run=None)
    added = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in SUBCOMMANDS:
        part = added.add_parser(
            command.name,
            help=command.summary,
            description=command.description,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(part)
        part.set_defaults(run=command.run)
    return parser


def _show_warning(
    message: Warning | str, category: type[Warning], *_: Any, **__: Any
) -> None:
    """Write a warning as one line on stderr."""
    print(f"skcrowd: warning: {message}", file=sys.stderr)
