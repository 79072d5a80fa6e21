"""What a subcommand consists of, and the arguments that all of them have."""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from skcrowd.io import FORMATS, read_answers

from ._ordinal_answers import in_order

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = [
    "Subcommand",
    "add_input",
    "as_options",
    "check_installed",
    "note",
    "read_export",
]


COLUMNS = ("item", "annotator", "answer")
DETAILS = {
    "gold": "what the true answer is",
    "confidence": "how sure the annotator was",
    "weight": "by how much an answer counts",
    "time": "how long an answer took, in seconds",
}
READER_OPTIONS = (
    *("question", "pair", "kind", "label", "separator", "nothing", "repeated"),
    *("annotators", "probabilities", "gold", "confidence", "weight", "time", "unsure"),
    *COLUMNS,
)


def _probabilities(given: str) -> str | dict[str, str]:
    """Return the beginning of the names of columns, or the column of each label."""
    if "=" not in given:
        return given
    parts = [one.strip().rpartition("=") for one in given.split(",")]
    if not all(label and column for label, _, column in parts):
        raise ValueError(
            f"--probabilities {given}: write the beginning of the names of the "
            "columns, or LABEL=COLUMN for each label, with commas between."
        )
    return {label: column for label, _, column in parts}


def _annotators(given: list[str]) -> list[str]:
    """Return the columns of annotators, which may be one text with commas between."""
    return given if len(given) > 1 else _parts(given[0])


def _parts(given: str) -> list[str]:
    """Return what stands between commas."""
    return [part.strip() for part in given.split(",") if part.strip()]


AS_READ: dict[str, Callable[[Any], object]] = {
    "annotators": _annotators,
    "pair": tuple,
    "probabilities": _probabilities,
    "unsure": _parts,
}
"""Options whose values the readers take in another form."""


class Subcommand(NamedTuple):
    """A subcommand.

    Attributes
    ----------
    name : str
    summary : str
        One line, for the list of commands.
    description : str
        What it does, for its help.
    add_arguments : callable
        Adds arguments to a parser.
    run : callable
        Does the work with the parsed arguments.
    """

    name: str
    summary: str
    description: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], None]


def add_input(
    parser: argparse.ArgumentParser, *, output: str, path: str | None = None
) -> None:
    """Add the arguments that say what is read, and where the result goes.

    Parameters
    ----------
    parser : ArgumentParser
    output : str
        What is written, for the help.
    path : str, default=None
        Where it is written by default; None: on stdout.
    """
    parser.add_argument(
        "answers",
        help="file of answers, a folder with a file for each annotator, or with parts "
        "of one table",
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        default=path,
        help=f"where to write {output}",
    )
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        help="the tool that wrote the file; recognised from the file by default",
    )
    parser.add_argument(
        "--question",
        metavar="NAME",
        help="the question, control or field, where the file has several",
    )
    for name in COLUMNS:
        parser.add_argument(
            f"--{name}", metavar="COLUMN", help=f"the column of {name}s of a table"
        )
    for name, held in DETAILS.items():
        parser.add_argument(
            f"--{name}",
            metavar="COLUMN",
            help=f"the column of a table that says {held}",
        )
    parser.add_argument(
        "--unsure",
        metavar="ANSWER,...",
        help="answers in a table that mean 'I don't know', with commas between",
    )
    parser.add_argument(
        "--annotators",
        nargs="+",
        metavar="COLUMN",
        help="of a table with a row for each item: the columns of the annotators, with "
        "spaces or commas between",
    )
    parser.add_argument(
        "--probabilities",
        metavar="COLUMNS",
        help="of a table whose answers give each label a probability: the beginning of "
        "the names of these columns, such as probability_, or "
        "label=column,...,label=column",
    )
    parser.add_argument(
        "--pair",
        nargs=2,
        metavar=("FIRST", "SECOND"),
        help="the columns of two items, one of which an answer prefers",
    )
    parser.add_argument(
        "--kind",
        choices=["labels", "numbers", "sets"],
        help="what an answer is; recognised from the file by default",
    )
    order = parser.add_mutually_exclusive_group()
    order.add_argument(
        "--ordinal",
        action="store_true",
        help="the labels are numbers that have an order, such as stars",
    )
    order.add_argument(
        "--order",
        metavar="LOW,...,HIGH",
        help="the labels have this order, from lowest to highest",
    )
    parser.add_argument(
        "--label",
        metavar="NAME",
        help="of sets of labels: read this one alone, as 1 or 0",
    )
    parser.add_argument(
        "--separator", metavar="TEXT", help="between the labels of a set in a table"
    )
    parser.add_argument(
        "--nothing",
        metavar="TEXT",
        help="the answer in a table that says that no label applies",
    )
    parser.add_argument(
        "--repeated",
        choices=["last", "first", "error"],
        help="which answer counts, where an annotator answers an item again",
    )
    parser.add_argument(
        "--quiet", action="store_true", help="no progress and no notes on stderr"
    )
    parser.add_argument(
        "--debug", action="store_true", help="show where in the code an error arose"
    )


def read_export(options: argparse.Namespace, **further: object) -> Export:
    """Read the answers, and say on stderr what was read and what was left out.

    Parameters
    ----------
    options : Namespace
    **further
        Options of the reader.

    Returns
    -------
    export : Export

    Raises
    ------
    ValueError
        If the answers cannot be read.
    """
    for name in READER_OPTIONS:
        if getattr(options, name) is not None:
            value = getattr(options, name)
            further[name] = AS_READ[name](value) if name in AS_READ else value
    if not options.quiet and sys.stderr.isatty():
        further["progress"] = _Progress()
    export = read_answers(options.answers, options.format, **further)
    if options.ordinal or options.order is not None:
        export = replace(export, annotations=in_order(export, options.order))
    note(options, repr(export))
    if export.gold:
        note(
            options,
            "true answers are not used here, where labels are inferred from the "
            "answers alone; in Python, pass them to fit: gold=export.gold",
        )
    return export


def check_installed(module: str, extra: str) -> None:
    """Refuse the call before it reads or trains, if what it ends with is missing.

    Parameters
    ----------
    module : str
        That the result is made with.
    extra : str
        Of skcrowd, which installs it.

    Raises
    ------
    ImportError
        If the module cannot be imported.
    """
    try:
        importlib.import_module(module)
    except ImportError as error:
        raise ImportError(
            f"this needs {module}, which is not installed: "
            f'pip install "skcrowd[{extra}]"'
        ) from error


def note(options: argparse.Namespace, text: str) -> None:
    """Write a note on stderr, unless the user wants quiet."""
    if not options.quiet:
        print(text, file=sys.stderr)


def as_options(message: str) -> str:
    """Write parameters that a message advises as options of the command.

    Parameters
    ----------
    message : str
        Such as "pass answer=, one of ['mood']" or "pass question='mood'".

    Returns
    -------
    message : str
    """
    message = message.replace("a dict from label to column", "LABEL=COLUMN for each")
    names = "|".join([*READER_OPTIONS, "format"])
    return re.sub(rf"\b({names})=(,?)", _as_option, message)


def _as_option(found: re.Match[str]) -> str:
    return f"--{found[1]}{found[2] or ' '}"


class _Progress:
    """Show on a terminal how much of the file has been read."""

    def __init__(self) -> None:
        self.shown = -1

    def __call__(self, done: int, total: int) -> None:
        percent = 100 * done // max(total, 1)
        if percent != self.shown:
            end = "\n" if percent == 100 else ""
            print(f"\rreading: {percent} %", end=end, file=sys.stderr, flush=True)
            self.shown = percent
