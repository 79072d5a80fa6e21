"""Columns that say which item a row is about."""

from skcrowd.reporting._elements import Column, name_cell, text_cell
from skcrowd.reporting._facts import Facts

__all__ = ["place_columns"]


def place_columns(facts: Facts) -> list[Column]:
    """Return the columns of the item, of tokens those of sequence, place and word."""
    if facts.kind != "tags":
        name = facts.items.index.name or "index"
        return [Column("Item", lambda row: name_cell(row.get("item", row.get(name))))]
    columns = [
        Column("Sequence", lambda row: name_cell(row["sequence"])),
        Column("Place", lambda row: name_cell(row["position"]), "number", True),
    ]
    if "token" in facts.items:
        columns.append(Column("Token", lambda row: text_cell(row["token"])))
    return columns
