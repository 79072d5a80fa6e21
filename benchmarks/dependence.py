"""How often annotator_dependence is wrong, and what it finds.

Simulated crowds answer items of strongly uneven difficulty, so that errors go together
although the annotators are independent.
"""

import argparse

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)

from skcrowd.annotations import Annotations
from skcrowd.metrics import annotator_dependence

CLASSES = (2, 5, 10)
CROWDS = {  # annotators, answers an item
    "5 annotators": (5, None),
    "5 annotators, 3 answers": (5, 3),
    "10 annotators": (10, None),
    "40 annotators, 5 answers": (40, 5),
    "40 annotators": (40, None),
}
GROUPS = {  # members, share of answers that are the group's
    "copy": (2, 1.0),
    "copy, 10 % own answers": (2, 0.9),
    "family of 3, 10 % own answers": (3, 0.9),
    "family of 4, 20 % own answers": (4, 0.8),
}
CAPTION = """\
Of 100 crowds (measured on {crowds} a cell, {items} items). Abilities N(1.2, 0.5) less
difficulties N(0, 1.5) are the log-odds of a right answer; half of the wrong answers are
a class that the item suggests.
"""


def simulate(rng, n_items, n_annotators, n_classes, group=None, per_item=None):
    """Draw answers; the members of a group are the first annotators."""
    truth = rng.integers(n_classes, size=(n_items, 1))
    suggested = (truth + rng.integers(1, n_classes, size=truth.shape)) % n_classes
    difficulty = rng.normal(0, 1.5, truth.shape)

    def answer(n):
        shape = n_items, n
        log_odds = rng.normal(1.2, 0.5, n) - difficulty
        is_right = rng.random(shape) < 1 / (1 + np.exp(-log_odds))
        other = (truth + rng.integers(1, n_classes, size=shape)) % n_classes
        wrong = np.where(rng.random(shape) < 0.5, suggested, other)
        return np.where(is_right, truth, wrong)

    answers = answer(n_annotators)
    if group is not None:
        size, share = group
        is_common = rng.random((n_items, size)) < share
        answers[:, :size] = np.where(is_common, answer(1), answers[:, :size])
    if per_item is not None:
        order = np.argsort(rng.random(answers.shape), axis=1)
        np.put_along_axis(answers, order[:, per_item:], -1, axis=1)
    return Annotations.from_dense(answers, classes=np.arange(n_classes))


def share_of(crowds, is_hit, *sizes, **options):
    """Percentage of crowds whose groups are a hit."""
    hits = [
        is_hit(annotator_dependence(simulate(rng, *sizes, **options)).groups)
        for rng in map(np.random.default_rng, range(crowds))
    ]
    return 100 * float(np.mean(hits))


def false_alarms(args):
    """Percentage of independent crowds with a group, by crowd and classes."""
    return {
        name: {
            k: share_of(args.seeds, bool, args.items, n, k, per_item=per_item)
            for k in CLASSES
        }
        for name, (n, per_item) in CROWDS.items()
    }


def power(args, n_annotators):
    """Percentage of crowds whose group is named exactly, by group and classes."""
    return {
        name: {
            k: share_of(
                args.seeds,
                lambda groups, size=group[0]: groups == [list(range(size))],
                args.items,
                n_annotators,
                k,
                group=group,
            )
            for k in CLASSES
        }
        for name, group in GROUPS.items()
    }


def table(title, cells):
    """Write a section with its table."""
    columns = [title, *(f"{k} classes" for k in CLASSES)]
    rows = [[name, *(f"{v:.0f}" for v in row.values())] for name, row in cells.items()]
    return f"## {title}\n\n{markdown_table(columns, rows)}"


def main():
    """Measure, print and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100, help="crowds a cell")
    parser.add_argument("--items", type=int, default=100, help="items of a crowd")
    parser.add_argument("--quick", action="store_true", help="one crowd a cell")
    add_output(parser)
    args = parser.parse_args()
    if args.quick:
        args.seeds = 1
    cells = {"False alarms": false_alarms(args)}
    for n in (10, 20):
        cells[f"Groups named exactly, {n} annotators"] = power(args, n)
    described = environment(args.threads)
    text = "\n\n".join(
        [
            "# Dependence of annotators",
            CAPTION.format(crowds=args.seeds, items=args.items),
            *(table(title, part) for title, part in cells.items()),
            environment_line(described),
        ]
    )
    raw = {"crowds": args.seeds, "items": args.items, "cells": cells}
    write_results(args.output, "dependence", text, {**raw, "environment": described})


if __name__ == "__main__":
    main()
