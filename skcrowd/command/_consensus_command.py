"""``skcrowd consensus``: one label, rating or list of tags for each item."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import (
    LABEL_AGGREGATORS,
    RATING_AGGREGATORS,
    sequence_dawid_skene,
)
from skcrowd.annotations import SequenceAnnotations

from ._subcommand import Subcommand, add_input, read_export
from ._write_rows import write_csv

if TYPE_CHECKING:
    from skcrowd.annotations import Annotations
    from skcrowd.io import Export

__all__ = ["CONSENSUS"]

_DESCRIPTION = """\
Infer one label for each item from the answers, without features.

Writes CSV with columns item, label, probability, n_answers and agreement (the share of
the answers that are this label), in the order of the file. Of ratings: item, rating and
n_answers. Of spans: item and tags, a JSON list.

  skcrowd consensus answers.csv -o labels.csv
  skcrowd consensus export.json --method majority_vote
"""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_input(parser, output="the labels; stdout by default")
    parser.add_argument(
        "--method",
        choices=list(dict.fromkeys([*LABEL_AGGREGATORS, *RATING_AGGREGATORS])),
        default="consensus",
        help="aggregator of labels or ratings (default: consensus, which compares "
        "models)",
    )


def _run(options: argparse.Namespace) -> None:
    export = read_export(options)
    annotations = export.annotations
    if isinstance(annotations, SequenceAnnotations):
        header, rows = ["item", "tags"], _tag_rows(export, annotations)
    elif annotations.kind == "numbers":
        header = ["item", "rating", "n_answers"]
        rows = _rating_rows(export, annotations, options.method)
    else:
        header = ["item", "label", "probability", "n_answers", "agreement"]
        rows = _label_rows(export, annotations, options.method)
    write_csv(header, rows, options.output)


def _label_rows(
    export: Export, annotations: Annotations, method: str
) -> Iterator[tuple[Any, ...]]:
    """Yield item, label, its probability, and how many answers say so."""
    aggregator = _aggregator(LABEL_AGGREGATORS, method).fit(annotations)
    proba = aggregator.predict_proba()
    best = proba.argmax(axis=1)
    is_best = annotations.answer == best[annotations.item]
    n_answers = annotations.answers_per_item
    n_equal = np.bincount(annotations.item[is_best], minlength=annotations.n_items)
    labels = aggregator.classes_[best].tolist()
    for row, item in enumerate(export.items):
        share = n_equal[row] / n_answers[row] if n_answers[row] else np.nan
        yield item, labels[row], proba[row, best[row]], n_answers[row], share


def _rating_rows(
    export: Export, annotations: Annotations, method: str
) -> Iterator[tuple[Any, ...]]:
    """Yield item, inferred rating, number of answers."""
    ratings = _aggregator(RATING_AGGREGATORS, method).fit(annotations).predict()
    yield from zip(export.items, ratings, annotations.answers_per_item, strict=True)


def _aggregator(known: Mapping[str, type[Any]], method: str) -> Any:
    """Return an aggregator for this kind of answers."""
    if method not in known:
        raise ValueError(
            f"--method {method} is not for this kind of answers; choose one of "
            f"{', '.join(known)}."
        )
    return known[method]()


def _tag_rows(
    export: Export, annotations: SequenceAnnotations
) -> Iterator[tuple[Any, str]]:
    """Yield item and tags."""
    inferred = sequence_dawid_skene(annotations)
    tags = annotations.split(annotations.classes[inferred.tags])
    for item, listed in zip(export.items, tags, strict=True):
        yield item, json.dumps(listed.tolist(), ensure_ascii=False)


CONSENSUS = Subcommand(
    "consensus",
    "one label for each item",
    _DESCRIPTION,
    _add_arguments,
    _run,
)
