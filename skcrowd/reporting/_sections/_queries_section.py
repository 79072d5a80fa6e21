"""What to ask next."""

from skcrowd.reporting._elements import (
    Column,
    bar_cell,
    folded_table,
    name_cell,
    number,
    paragraph,
)
from skcrowd.reporting._facts import Facts

from ._section import Section

__all__ = ["queries"]


def queries(facts: Facts) -> Section | None:
    """List the queries that are expected to tell most."""
    asked = facts.queries
    if not len(asked):
        return None
    noun = "sequence" if "sequence" in asked else "item"
    people = asked["annotator"].value_counts()
    lead = (
        f"The {len(asked)} questions whose answers are expected to tell most of the "
        f"truth, for {len(people)} annotator{'s' * (len(people) > 1)}. More of them: "
        "<code>next_queries</code>."
    )
    most = float(asked["expected_gain"].max())
    unit = "reduction of the variance" if facts.kind == "numbers" else "nats"
    columns = [
        Column(noun.capitalize(), lambda row: name_cell(row[noun])),
        Column("Ask", lambda row: name_cell(row["annotator"])),
        Column(
            "Expected gain",
            lambda row: bar_cell(row["expected_gain"], most=most, caption=number),
            "bar",
            False,
            unit,
        ),
    ]
    html = paragraph(lead, "lead") + folded_table(columns, asked.to_dict("records"))
    return Section("queries", "What to ask next", html)
