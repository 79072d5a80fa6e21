"""Figures on pages are those of the tables that the benchmarks wrote."""

import re
import sys

import pytest
from _pages import DOCS, pages

sys.path.insert(0, str(DOCS / "_ext"))

import result_tables

BLOCK = re.compile(
    r"```\{benchmark-table\} (\w+)\n(?::columns: ([^\n]*)\n)?(.*?)```", re.DOTALL
)
ROLE = re.compile(r"\{benchmark\}`([^`]*)`")
NUMBER = re.compile(r"[-+]?\d*\.\d+ ?%?( ± [\d.]+)?( \([^)]*\))?")


def test_rows_and_columns_exist():
    # `select` and `figure` name the table, the rows and the columns that they miss.
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages())
    for name, columns, body in BLOCK.findall(text):
        rows = [line for line in body.split("\n") if line]
        lines = result_tables.select(name, rows, result_tables.separated(columns))
        assert len(lines) == 2 + len(rows) or not rows
    for name, row, column in map(result_tables.separated, ROLE.findall(text)):
        assert result_tables.figure(name, row, column)


def test_no_table_of_figures_is_typed_by_hand():
    found = [
        (page.stem, line)
        for page in (DOCS / "guide").glob("*.md")
        for line in re.findall(r"^\|.*", page.read_text(encoding="utf-8"), re.MULTILINE)
        if sum(map(is_number, result_tables.cells(line))) > 1
    ]
    assert not found


def is_number(cell):
    return NUMBER.fullmatch(cell) is not None


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A result with two tables."""
    (tmp_path / "speed.md").write_text(
        "# Speed\n\n| net | MB |\n| --- | ---: |\n| a | 1 |\n\n"
        "| net | data | s | MB |\n| --- | --- | ---: | ---: |\n"
        "| a | iris | 2 ± 1 | 3 |\n| a | digits | 4 | 5 |\n| b | iris | 6 | 7 |\n"
    )
    monkeypatch.setattr(result_tables, "RESULTS", tmp_path)


def test_rows_of_one_name_are_told_apart(results):
    assert result_tables.select("speed", ["a, digits", "b"], ["s"]) == [
        "| net | s |",
        "| --- | ---: |",
        "| a, digits | 4 |",
        "| b | 6 |",
    ]


def test_the_first_table_that_fits_is_taken(results):
    assert result_tables.figure("speed", "a", "MB") == "1"
    assert result_tables.figure("speed", "a, iris", "MB") == "3"
    assert result_tables.select("speed", [], [])[2:] == ["| a | 1 |"]
    assert result_tables.select("speed", [], ["s"])[-1] == "| b | 6 |"


def test_what_no_table_has_is_an_error(results):
    with pytest.raises(ValueError, match="No table of speed has the rows"):
        result_tables.select("speed", ["c"], ["s"])
