"""Which items are best, of those that were compared."""

from skcrowd.reporting._elements import (
    Cell,
    Column,
    count,
    count_cell,
    folded_table,
    name_cell,
    number_cell,
    paragraph,
)
from skcrowd.reporting._facts import Facts

from ._section import Section

__all__ = ["ranking"]


def ranking(facts: Facts) -> Section | None:
    """List the items by their scores, the best first."""
    scores = facts.scores
    if scores is None:
        return None
    lead = (
        f"{count(len(scores))} items by their scores. A difference of 1 means that the "
        "better one is preferred with a probability of 73\u202f%, one of 3 with "
        "95\u202f%."
    )
    columns = [
        Column("Rank", lambda row: count_cell(row["rank"]), "number"),
        Column("Item", lambda row: name_cell(row["item"])),
        Column("Score", _score, "number"),
        Column("Comparisons", lambda row: count_cell(row["n"]), "number", True),
    ]
    rows = scores[: facts.n_rows].to_dict("records")
    html = paragraph(lead, "lead") + folded_table(columns, rows)
    return Section("ranking", "Which items are best", html)


def _score(row: dict[str, float]) -> Cell:
    return number_cell(row["score"], is_signed=True)
