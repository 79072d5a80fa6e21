"""Which answers look wrong, and which labels are mixed up."""

from typing import TYPE_CHECKING, Any

from skcrowd.reporting._elements import (
    Cell,
    Column,
    bar_cell,
    count,
    folded_table,
    name_cell,
    number_cell,
    paragraph,
    percent,
    table,
    text,
    text_cell,
)
from skcrowd.reporting._facts import Facts

from ._places_section import place_columns
from ._section import Section

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["answers"]

MOST_MISTAKES = 10
MOST_OF_ONE = 3  # answers of an annotator


def answers(facts: Facts) -> Section:
    """List the answers that are most probably wrong."""
    n_wrong, n_answers = int(facts.answers["looks_wrong"].sum()), len(facts.answers)
    lead = (
        f"{count(n_wrong)} of {count(n_answers)} {facts.words.answer}s "
        f"({percent(n_wrong / max(n_answers, 1))}) look wrong, given the network and "
        f"all {facts.words.answer}s."
    )
    suspects = _suspect_ratings if facts.kind == "numbers" else _suspect_labels
    parts = [paragraph(lead, "lead")]
    if facts.kind != "numbers":
        parts.append(_mistakes(facts))
    parts.append(suspects(facts) if n_wrong else "")
    title = f"{facts.words.answer.capitalize()}s that look wrong"
    return Section("answers", title, "".join(parts))


def _mistakes(facts: Facts) -> str:
    """Return a table of labels that were given in place of others."""
    wrong = facts.answers[facts.answers["looks_wrong"]]
    wrong = wrong[wrong["label"] != wrong["consensus_label"]]
    if not len(wrong):
        return ""
    pairs = wrong.groupby(["consensus_label", "label"]).size()
    pairs = pairs.sort_values(ascending=False, kind="stable")[:MOST_MISTAKES]
    rows = pairs.rename("n").reset_index().to_dict("records")
    columns = [
        Column("Mistake", _mistake),
        Column(
            "Times",
            lambda row: bar_cell(row["n"], most=int(pairs.max()), caption=count),
            "bar",
        ),
    ]
    caption = "Most frequent mistakes (consensus → answer)"
    return table(columns, rows, caption=caption)


def _mistake(row: Any) -> Cell:
    return Cell(
        f"{text(row['consensus_label'])} → {text(row['label'])}",
        str(row["consensus_label"]),
    )


def _suspect_labels(facts: Facts) -> str:
    wrong = facts.answers[facts.answers["looks_wrong"]]
    rows = _most_suspect(facts, wrong["probability"])
    columns = [
        *place_columns(facts),
        Column("Annotator", lambda row: name_cell(row["annotator"])),
        Column("Answer", lambda row: text_cell(row["label"])),
        Column("Consensus", lambda row: text_cell(row["consensus_label"])),
        Column("Right", lambda row: bar_cell(row["probability"]), "bar", True),
    ]
    return folded_table(columns, rows.to_dict("records"), _caption(facts, len(rows)))


def _suspect_ratings(facts: Facts) -> str:
    wrong = facts.answers[facts.answers["looks_wrong"]]
    rows = _most_suspect(facts, -wrong["residual"].abs())
    columns = [
        *place_columns(facts),
        Column("Annotator", lambda row: name_cell(row["annotator"])),
        Column("Rating", lambda row: number_cell(row["rating"], 4), "number"),
        Column("Expected", lambda row: number_cell(row["expected"], 4), "number"),
        Column(
            "Deviation",
            lambda row: number_cell(row["residual"], 2, is_signed=True),
            "number",
            True,
            "in standard deviations",
        ),
    ]
    return folded_table(columns, rows.to_dict("records"), _caption(facts, len(rows)))


def _most_suspect(facts: Facts, key: "pd.Series[float]") -> "pd.DataFrame":
    """Return the answers with the lowest keys, a few of each annotator.

    Without a limit a single bad annotator would fill the table.
    """
    ranked = facts.answers.loc[key.sort_values(kind="stable").index]
    return ranked.groupby("annotator", sort=False).head(MOST_OF_ONE)[: facts.n_rows]


def _caption(facts: Facts, n_rows: int) -> str:
    return (
        f"{n_rows} {facts.words.answer}s that look wrong most clearly, at most "
        f"{MOST_OF_ONE} of an annotator"
    )
