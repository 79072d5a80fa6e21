"""``skcrowd agreement``: coefficients of agreement with their intervals."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from skcrowd.annotations import SequenceAnnotations
from skcrowd.metrics import agreement

from ._subcommand import Subcommand, add_input, note, read_export
from ._write_rows import write_csv, write_table

if TYPE_CHECKING:
    from skcrowd.annotations import Annotations

__all__ = ["AGREEMENT"]

_DESCRIPTION = """\
How well annotators agree: coefficients with 95 % intervals over the items.

Of labels Krippendorff's alpha, Fleiss' kappa, Gwet's AC1 and the share of equal pairs;
of ratings Krippendorff's alpha (interval) and the intraclass correlation; of spans
Krippendorff's alpha of the tags. 1 is perfect, 0 what chance gives. Answers may be
missing anywhere.

  skcrowd agreement export.json
"""
_SETTINGS: dict[str, Any] = {"confidence_level": 0.95, "random_state": 0}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the coefficients as CSV; a table on stdout by default")


def _run(options: argparse.Namespace) -> None:
    annotations = read_export(options).annotations
    header = ["coefficient", "value", "low", "high"]
    rows = [(name, *interval) for name, interval in _coefficients(annotations)]
    if options.output is None:
        write_table(header, rows)
    else:
        write_csv(header, rows, options.output)
    answers: Any = getattr(annotations, "tokens", annotations)
    if max(answers.answers_per_item, default=0) < 2:
        note(options, "no item has two answers, so nothing can be compared")


def _coefficients(annotations: Any) -> list[tuple[str, Any]]:
    """Return names and values with intervals, for this kind of answers."""
    if isinstance(annotations, SequenceAnnotations):
        alpha = agreement.krippendorff_alpha(annotations.tokens, **_SETTINGS)
        return [("Krippendorff's alpha of the tags", alpha)]
    if annotations.kind == "numbers":
        return _of_ratings(annotations)
    return [
        (
            "Krippendorff's alpha",
            agreement.krippendorff_alpha(annotations, **_SETTINGS),
        ),
        ("Fleiss' kappa", agreement.fleiss_kappa(annotations, **_SETTINGS)),
        ("Gwet's AC1", agreement.gwet_ac1(annotations, **_SETTINGS)),
        ("equal pairs", agreement.percent_agreement(annotations, **_SETTINGS)),
    ]


def _of_ratings(annotations: Annotations) -> list[tuple[str, Any]]:
    """Return the coefficients of ratings."""
    alpha = agreement.krippendorff_alpha(annotations, level="interval", **_SETTINGS)
    correlation = agreement.intraclass_correlation(annotations, **_SETTINGS)
    return [
        ("Krippendorff's alpha (interval)", alpha),
        ("intraclass correlation", correlation),
    ]


AGREEMENT = Subcommand(
    "agreement", "how well people agree", _DESCRIPTION, _add_arguments, _run
)
