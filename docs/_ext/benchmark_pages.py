"""Pages of the benchmarks: a figure of the first table, and what the script wrote."""

import re
from pathlib import Path
from typing import NamedTuple

from result_tables import RESULTS, cells

DOCS = Path(__file__).resolve().parents[1]
FIGURES = DOCS / "_generated"
COLOURS = {"light": ("#24292f", "#0a7d91"), "dark": ("#ced6dd", "#3fb1c5")}

# The column that is drawn: of the table that has it, one bar a row.
COLUMNS = {
    "conll_minilm": "test F1",
    "conll_tokens": "test F1",
    "crowds": "rank",
    "defaults": "mean",
    "gold_free_scores": "correlation",
    "labelme": "test accuracy %",
    "movie_reviews": "R²",
    "ordinal": "mixed",
    "rating_defaults": "mean of the simulated",
    "truth_inference": "mean",
    "tuning": "tuned on the answers",
}


class Bar(NamedTuple):
    """A row of a table: name, mean and standard deviation (0 where none is given)."""

    name: str
    mean: float
    std: float


def read_bars(text: str, column: str) -> list[Bar]:
    """Read a column from the first markdown table that has it.

    Parameters
    ----------
    text : str
        A page with tables whose first column names the row.
    column : str
        Title of the column.

    Returns
    -------
    list of Bar
        Rows without a number are left out.

    Raises
    ------
    ValueError
        Where no table has the column.
    """
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        head, _, *rows = [cells(line) for line in table.strip().split("\n")]
        if column in head:
            at = head.index(column)
            names = [row[0] for row in rows]
            found = [
                (
                    # Rows of one name differ in the next column.
                    row[0] if names.count(row[0]) == 1 else f"{row[0]}, {row[1]}",
                    re.findall(r"-?\d*\.?\d+", row[at]),
                )
                for row in rows
            ]
            return [
                Bar(name, float(n[0]), float(n[1]) if "±" in row[at] else 0.0)
                for (name, n), row in zip(found, rows, strict=True)
                if n
            ]
    raise ValueError(f"No table has a column {column!r}.")


def draw(bars: list[Bar], column: str, path: Path, scheme: str) -> None:
    """Draw bars with their standard deviations."""
    from matplotlib.figure import Figure

    ink, fill = COLOURS[scheme]
    figure = Figure(figsize=(7.2, 0.7 + 0.26 * len(bars)), layout="constrained")
    ax = figure.add_subplot()
    places = range(len(bars))
    means, stds = [b.mean for b in bars], [b.std for b in bars]
    ax.barh(places, means, xerr=stds, color=fill, ecolor=ink, height=0.7)
    ax.set_yticks(places, [b.name.replace("`", "").replace("*", "") for b in bars])
    ax.invert_yaxis()
    if min(means) > 0.4 * max(means):
        low = min(m - s for m, s in zip(means, stds, strict=True))
        ax.set_xlim(left=low - 0.25 * (max(means) - low))
    ax.set_xlabel(column, color=ink)
    ax.tick_params(colors=ink, labelsize=9)
    ax.spines[:].set_visible(False)
    figure.savefig(path, transparent=True, metadata={"Date": None})


def page(name: str) -> str:
    """Return the page of one benchmark, in Markdown."""
    text = (RESULTS / f"{name}.md").read_text(encoding="utf-8")
    title = (
        "" if text.startswith("# ") else f"# {name.replace('_', ' ').capitalize()}\n"
    )
    parts = [title, f"Written by `benchmarks/{name}.py`.\n" if is_script(name) else ""]
    if name in COLUMNS:
        parts += [
            f"```{{image}} ../_generated/{name}_{scheme}.svg\n"
            f":class: only-{scheme}\n"
            f":alt: {COLUMNS[name]}, by row of the first table\n```\n"
            for scheme in COLOURS
        ]
    heading, _, rest = text.partition("\n") if not title else ("", "", text)
    return "\n".join([heading, "", *parts, rest]).strip() + "\n"


def is_script(name: str) -> bool:
    """Whether a script of this name wrote the table."""
    return (RESULTS.parent / f"{name}.py").exists()


def write() -> None:
    """Write all pages and figures, and leave unchanged pages alone."""
    FIGURES.mkdir(exist_ok=True)
    for path in sorted(RESULTS.glob("*.md")):
        name = path.stem
        if name in COLUMNS:
            bars = read_bars(path.read_text(encoding="utf-8"), COLUMNS[name])
            for scheme in COLOURS:
                figure = FIGURES / f"{name}_{scheme}.svg"
                draw(bars, COLUMNS[name], figure, scheme)
        target, text = DOCS / "benchmarks" / f"{name}.md", page(name)
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
