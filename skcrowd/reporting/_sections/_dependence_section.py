"""Which annotators err together."""

from typing import Any

import numpy as np

from skcrowd.reporting._elements import (
    Cell,
    Column,
    bar_cell,
    number_cell,
    paragraph,
    table,
    text,
)
from skcrowd.reporting._facts import Facts

from ._section import Section

__all__ = ["dependence"]

MOST_NAMES = 12


def dependence(facts: Facts) -> Section | None:
    """List the groups of annotators that err together."""
    found = facts.dependence
    if found is None:
        return None
    n_annotators, groups = len(found.group), found.groups
    some = facts.share_compared
    limit = "" if some is None else f" The answers to {some} were compared."
    if not groups:
        lead = f"No group among the {n_annotators} annotators errs together.{limit}"
        return Section("dependence", "Who errs together", paragraph(lead, "lead"))
    lead = (
        "These annotators make the same errors more often than truth and difficulty "
        "explain: copies, models of one family, or one person under two names. "
        f"{n_annotators} annotators count as {found.effective_votes:.1f} independent "
        f"ones.{limit}"
    )
    rows = [
        {"names": names, "excess": excess, "votes": votes}
        for names, excess, votes in zip(
            groups,
            np.asarray(found.group_excess),
            np.asarray(found.group_votes),
            strict=True,
        )
    ]
    columns = [
        Column("Group", _members),
        Column("Excess agreement", lambda row: bar_cell(row["excess"]), "bar"),
        Column("Count as", lambda row: number_cell(row["votes"], 2), "number"),
    ]
    html = paragraph(lead, "lead") + table(columns, rows)
    return Section("dependence", "Who errs together", html)


def _members(row: Any) -> Cell:
    names = [text(name) for name in row["names"]]
    rest = len(names) - MOST_NAMES
    more = f" and {rest} more" if rest > 0 else ""
    return Cell(", ".join(names[:MOST_NAMES]) + more, len(names))
