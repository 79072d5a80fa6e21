"""How often annotator_dependence is wrong, and what it finds.

Simulated crowds answer items of strongly uneven difficulty, so that errors go together
although the annotators are independent.
"""

import argparse
from functools import partial

import numpy as np
from _common import (
    add_output,
    environment,
    environment_line,
    markdown_table,
    write_results,
)
from _dependent_crowds import N_COPIES, better, labels, majority, ratings, tags

from skcrowd.metrics import annotator_dependence

FORMS = {
    **{f"{k} classes": partial(labels, n_classes=k) for k in (2, 5, 10)},
    "ratings to a decimal": partial(ratings, stars=False),
    "five stars": partial(ratings, stars=True),
    "tags": tags,
}
CROWDS = {  # annotators, answers an item
    "5 annotators": (5, None),
    "5 annotators, 3 answers": (5, 3),
    "10 annotators": (10, None),
    "40 annotators, 5 answers": (40, 5),
    "40 annotators": (40, None),
}
FACTOR = 5  # as many items where copies are most annotators
GROUPS = {  # members, share of answers that are the group's
    "copy": (2, 1.0),
    "copy, 10 % own answers": (2, 0.9),
    "family of 3, 10 % own answers": (3, 0.9),
    "family of 4, 20 % own answers": (4, 0.8),
}
MOSTLY = {  # others, share of right answers of the copied one, own answers of copies
    f"{100 * accuracy:.0f} % right, {100 * own:.0f} % own answers": (3, accuracy, own)
    for accuracy in (0.45, 0.5, 0.55, 0.6, 0.7, 0.85)
    for own in (0.0, 0.02, 0.05, 0.1)
}
GOOD = {  # others, share of right answers of those who are good
    "4 always right, 3 others": (3, 1.0, 1.0),
    "4 always right, 6 others": (6, 1.0, 1.0),
    "4 right in 97 %, 3 others": (3, 0.97, 1.0),
    "4 right in 97 %, 6 others": (6, 0.97, 1.0),
}
BETTER = {  # annotators, copies among them, share of right answers of the copied one
    f"{m} copies of {n} annotators, {100 * accuracy:.0f} % right": (n, m, accuracy)
    for n, m in ((8, 2), (8, 3), (30, 10))
    for accuracy in (0.9, 0.95)
}
MOST_CAPTION = """\
Four copies of one annotator and three others, who are right in 85 % of {items} items:
of 100 crowds, how many have exactly the copies named, and how many another group. All
items are equally hard. Below it, the same of exact copies of an annotator who is better
than the others, who are right in 75 %; and of 100 crowds of independent annotators,
some of whom are better than others, how many have a group named.
"""
CAPTION = """\
Of 100 crowds (measured on {crowds} a cell, {items} items). Labels: abilities N(1.2,
0.5) less difficulties N(0, 1.5) are the log-odds of a right answer; half of the wrong
answers are a class that the item suggests. Ratings: scales, offsets and noise of raters
differ, and the noise of items by a factor of e^N(0, 0.5). Tags: a third as many
sequences of five places, two in five with a span; they differ in difficulty as items of
labels do, and half of the errors (spans missed, invented, of another kind or length)
are one that the place suggests.
"""


def groups_of(crowds, draw, *sizes):
    """List the groups named in each of some crowds."""
    rngs = map(np.random.default_rng, range(crowds))
    return [annotator_dependence(draw(rng, *sizes)).groups for rng in rngs]


def share_of(crowds, is_hit, draw, *sizes):
    """Percentage of crowds whose groups are a hit."""
    return 100 * float(np.mean(list(map(is_hit, groups_of(crowds, draw, *sizes)))))


def false_alarms(args):
    """Percentage of independent crowds with a group, by crowd and form of answers."""
    return {
        name: {
            form: share_of(args.seeds, bool, draw, args.items, n, None, per_item)
            for form, draw in FORMS.items()
        }
        for name, (n, per_item) in CROWDS.items()
    }


def power(args, n_annotators):
    """Percentage of crowds whose group is named exactly, by group and form."""
    return {
        name: {
            form: share_of(
                args.seeds,
                lambda groups, size=group[0]: groups == [list(range(size))],
                draw,
                args.items,
                n_annotators,
                group,
                None,
            )
            for form, draw in FORMS.items()
        }
        for name, group in GROUPS.items()
    }


def copies_named(args, n_copies, draw, *sizes):
    """Percentages of crowds whose copies, or others, are named, by classes."""
    copies, cells = [list(range(n_copies))], {}
    for k in (2, 5):
        found = groups_of(args.seeds, draw, FACTOR * args.items, k, *sizes)
        others = [groups for groups in found if groups not in ([], copies)]
        cells |= {
            f"{k} classes, named": 100 * found.count(copies) / args.seeds,
            f"{k} classes, others named": 100 * len(others) / args.seeds,
        }
    return cells


def copied_most(args):
    """Return the cells of copies who are most annotators."""
    return {
        name: copies_named(args, N_COPIES, majority, *group)
        for name, group in MOSTLY.items()
    }


def copied_better(args):
    """Return the cells of copies who are better than the others."""
    return {
        name: copies_named(args, group[1], better, *group)
        for name, group in BETTER.items()
    }


def good_alarms(args):
    """Percentage of crowds of independent good annotators and others with a group."""
    return {
        name: {
            f"{k} classes": share_of(
                args.seeds, bool, majority, FACTOR * args.items, k, *group
            )
            for k in (2, 5, 10)
        }
        for name, group in GOOD.items()
    }


def table(title, cells):
    """Write a section with its table."""
    columns = [title, *next(iter(cells.values()))]
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
    most = {
        "Copies who are most annotators": copied_most(args),
        "Copies who are better than the others": copied_better(args),
        "False alarms, good annotators": good_alarms(args),
    }
    described = environment(args.threads)
    text = "\n\n".join(
        [
            "# Dependence of annotators",
            CAPTION.format(crowds=args.seeds, items=args.items),
            *(table(title, part) for title, part in cells.items()),
            MOST_CAPTION.format(items=FACTOR * args.items),
            *(table(title, part) for title, part in most.items()),
            environment_line(described),
        ]
    )
    cells |= most
    raw = {"crowds": args.seeds, "items": args.items, "cells": cells}
    write_results(args.output, "dependence", text, {**raw, "environment": described})


if __name__ == "__main__":
    main()
