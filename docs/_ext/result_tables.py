"""Tables in the files of ``benchmarks/results``, read for the pages of the site."""

import re
from pathlib import Path
from typing import NamedTuple

RESULTS = Path(__file__).resolve().parents[2] / "benchmarks" / "results"


class Table(NamedTuple):
    """A table: titles of columns, how they are aligned, and rows by name."""

    titles: list[str]
    alignment: list[str]
    rows: dict[str, list[str]]


def read_tables(name: str) -> list[Table]:
    """Read all tables of a result.

    Parameters
    ----------
    name : str
        File in ``benchmarks/results``, without its ending.

    Returns
    -------
    list of Table
        A row is called after its first cell. Where several rows have the same one, the
        cell of the first column that tells them apart follows after a comma.
    """
    text = (RESULTS / f"{name}.md").read_text(encoding="utf-8")
    tables = []
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        titles, alignment, *rows = [cells(line) for line in table.strip().split("\n")]
        named = dict(zip(names(rows), rows, strict=True))
        tables.append(Table(titles, alignment, named))
    return tables


def names(rows: list[list[str]]) -> list[str]:
    """Name rows by their first cell, and a second one where that is not enough."""
    firsts = [row[0] for row in rows]
    for second in range(1, len(rows[0])):
        found = [
            first if firsts.count(first) == 1 else f"{first}, {row[second]}"
            for first, row in zip(firsts, rows, strict=True)
        ]
        if len(set(found)) == len(found):
            return found
    return firsts


def cells(line: str) -> list[str]:
    """Return the cells of a line of a markdown table."""
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def find(name: str, rows: list[str], columns: list[str]) -> Table:
    """Return the first table that has all rows and columns.

    Raises
    ------
    ValueError
        Where there is none.
    """
    for table in read_tables(name):
        if set(rows) <= set(table.rows) and set(columns) <= set(table.titles):
            return table
    raise ValueError(f"No table of {name} has the rows {rows} and columns {columns}.")


def select(name: str, rows: list[str], columns: list[str]) -> list[str]:
    """Return the lines of a markdown table with some rows and columns, or with all.

    The first column is always shown: the name of the row, where columns are chosen.
    """
    table = find(name, rows, columns)
    picked = [table.titles.index(title) for title in columns]
    shown = [0, *(n for n in picked if n)] if columns else range(len(table.titles))
    lines = [table.titles, table.alignment]
    for row in rows or table.rows:
        own = table.rows[row]
        lines.append([row, *own[1:]] if columns else own)
    return ["| " + " | ".join(line[n] for n in shown) + " |" for line in lines]


def figure(name: str, row: str, column: str) -> str:
    """Return one cell."""
    table = find(name, [row], [column])
    return table.rows[row][table.titles.index(column)]


def separated(text: str) -> list[str]:
    """Split at semicolons; names of rows and columns have commas."""
    return [part.strip() for part in text.split(";") if part.strip()]
