"""How good: certainty of the consensus, and the items of which it is least sure."""

from typing import Any

import numpy as np

from skcrowd.reporting._elements import (
    Cell,
    Column,
    bar_cell,
    count,
    count_cell,
    fold,
    folded_table,
    number,
    number_cell,
    paragraph,
    percent,
    table,
    text_cell,
)
from skcrowd.reporting._facts import Facts

from ._places_section import place_columns
from ._section import Section

__all__ = ["labels"]

EDGES = np.array([0.0, 0.5, 0.7, 0.9, 0.95, 0.99, 1.0])
MOST_CLASSES = 30


def labels(facts: Facts) -> Section:
    """Describe how certain the consensus is."""
    if facts.kind == "numbers":
        parts = [paragraph(_lead_ratings(facts), "lead"), _uncertain_ratings(facts)]
    else:
        parts = [paragraph(_lead(facts), "lead"), _bins(facts), _uncertain(facts)]
        parts.append(fold(f"How frequent each {facts.words.label} is", _shares(facts)))
    return Section("labels", f"How good the {facts.words.label}s are", "".join(parts))


def _lead(facts: Facts) -> str:
    items, words = facts.items, facts.words
    same = (items["network_label"] == items["consensus_label"]).mean()
    return (
        f"The consensus combines all {words.answer}s, each weighted by how its "
        "annotator errs, with the prediction of the network. Of "
        f"{count(len(items))} {words.label}s, {number(facts.expected_wrong)} are "
        "expected to be wrong. The network by itself predicts the consensus "
        f"{words.label} of {percent(same)} of the {words.item}s."
    )


def _bins(facts: Facts) -> str:
    """Return a table of items by the probability of their consensus."""
    probability = facts.items["consensus_probability"].to_numpy()
    place = np.digitize(probability, EDGES[1:-1])
    rows = []
    for k in range(len(EDGES) - 1)[::-1]:
        inside = probability[place == k]
        if len(inside):
            name = f"{100 * EDGES[k]:.0f} to {100 * EDGES[k + 1]:.0f}\u202f%"
            rows.append({"name": name, "n": len(inside), "wrong": (1 - inside).sum()})
    most = max(row["n"] for row in rows)
    columns = [
        Column("Certainty", lambda row: Cell(row["name"], row["name"])),
        Column(
            f"{facts.words.item}s".capitalize(),
            lambda row: bar_cell(row["n"], most=most, caption=count),
            "bar",
        ),
        Column("Expected wrong", lambda row: number_cell(row["wrong"], 2), "number"),
    ]
    return table(columns, rows)


def _uncertain(facts: Facts) -> str:
    columns = [
        *place_columns(facts),
        Column("Consensus", lambda row: text_cell(row["consensus_label"])),
        Column("Certainty", lambda row: bar_cell(row["consensus_probability"]), "bar"),
        Column("Network", lambda row: text_cell(row["network_label"]), is_minor=True),
        Column("Answers", lambda row: count_cell(row["n_answers"]), "number", True),
        Column("Agree", _agreement, "number", True, "share that is the consensus"),
    ]
    rows = facts.items.reset_index().nsmallest(
        facts.n_rows, "consensus_probability", keep="first"
    )
    caption = f"The {len(rows)} least certain {facts.words.item}s: check these first"
    return folded_table(columns, rows.to_dict("records"), caption)


def _agreement(row: Any) -> Cell:
    return Cell(percent(float(row["agreement"])), float(row["agreement"]))


def _shares(facts: Facts) -> str:
    consensus = facts.items["consensus_label"].value_counts(normalize=True)
    answered = facts.answers["label"].value_counts(normalize=True)
    rows = [
        {"label": label, "share": share, "answered": answered.get(label, 0)}
        for label, share in consensus[:MOST_CLASSES].items()
    ]
    columns = [
        Column(facts.words.label.capitalize(), lambda row: text_cell(row["label"])),
        Column("Of the consensus", lambda row: bar_cell(row["share"]), "bar"),
        Column(
            f"Of the {facts.words.answer}s",
            lambda row: bar_cell(row["answered"]),
            "bar",
        ),
    ]
    return table(columns, rows)


def _lead_ratings(facts: Facts) -> str:
    std = facts.items["std"]
    return (
        "The consensus combines all ratings, each corrected for the offset and scale "
        "of its annotator and weighted by their noise, with the prediction of the "
        f"network. Half of the {count(len(std))} true values are known to within "
        f"{number(std.median())} (one standard deviation), the least certain one to "
        f"within {number(std.max())}."
    )


def _uncertain_ratings(facts: Facts) -> str:
    most = float(facts.items["std"].max())
    columns = [
        *place_columns(facts),
        Column("Consensus", lambda row: number_cell(row["consensus"], 4), "number"),
        Column(
            "Standard deviation",
            lambda row: bar_cell(row["std"], most=most, caption=number),
            "bar",
        ),
        Column("Network", lambda row: number_cell(row["network"], 4), "number", True),
        Column("Mean", lambda row: number_cell(row["mean_rating"], 4), "number", True),
        Column("Ratings", lambda row: count_cell(row["n_answers"]), "number", True),
    ]
    rows = facts.items.reset_index().nlargest(facts.n_rows, "std", keep="first")
    caption = f"The {len(rows)} least certain items: have these rated again first"
    return folded_table(columns, rows.to_dict("records"), caption)
