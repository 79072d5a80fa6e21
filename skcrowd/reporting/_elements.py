"""Pieces of HTML: numbers, bars, tables, cards; all text is escaped here."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "DASH",
    "MINUS",
    "Cell",
    "Column",
    "bar_cell",
    "card",
    "count",
    "count_cell",
    "fold",
    "folded_table",
    "name_cell",
    "number",
    "number_cell",
    "paragraph",
    "percent",
    "table",
    "text",
    "text_cell",
]

LONGEST_NAME = 60
DASH, MINUS = "\u2013", "\u2212"
MOST_ROWS = 10  # of a folded table that are always shown


class Cell(NamedTuple):
    """HTML of a cell of a table, and the value by which its column is sorted."""

    html: str
    key: Any


class Column(NamedTuple):
    """Title of a column, and how a cell is made of a row.

    Attributes
    ----------
    title : str
    cell : callable
        Maps a row, a mapping, to a Cell.
    kind : {"text", "number", "bar"}
        Alignment.
    is_minor : bool
        Hidden on narrow screens.
    hint : str
        Explanation of the title.
    """

    title: str
    cell: Callable[[Any], Cell]
    kind: str = "text"
    is_minor: bool = False
    hint: str = ""


def text(value: Any) -> str:
    """Return a value as escaped, shortened text."""
    written = str(value)
    if len(written) > LONGEST_NAME:
        written = written[: LONGEST_NAME - 1] + "…"
    return escape(written, quote=True)


def number(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits; a dash where it is not known."""
    if not np.isfinite(value):
        return DASH
    return f"{value:.{digits}g}".replace("-", MINUS)


def count(value: float) -> str:
    """Write a number of things, thousands set apart by a thin space."""
    return f"{round(value):,}".replace(",", "\u202f")


def percent(value: float) -> str:
    """Write a share in percent, with a decimal place near 0 and 100 %."""
    if not np.isfinite(value):
        return DASH
    if value in (0, 1):
        written = f"{100 * value:.0f}"
    elif value < 0.0005:
        written = "<0.1"
    elif value > 0.9995:
        written = ">99.9"
    else:
        digits = 0 if 0.01 <= value <= 0.99 else 1
        written = f"{100 * value:.{digits}f}"
    return f"{escape(written)}\u202f%"


def name_cell(value: Any) -> Cell:
    """Return a cell for the name of an item or annotator."""
    return Cell(text(value), value)


def text_cell(value: Any) -> Cell:
    """Return a cell for a label or other text."""
    return Cell(text(value), value)


def number_cell(value: float, digits: int = 3, *, is_signed: bool = False) -> Cell:
    """Return a cell for a number."""
    value = float(value)
    sign = "+" if is_signed and value > 0 else ""
    return Cell(sign + number(value, digits), value)


def count_cell(value: float) -> Cell:
    """Return a cell for a number of things."""
    return Cell(count(value), float(value))


def bar_cell(
    value: float,
    low: float = np.nan,
    high: float = np.nan,
    *,
    most: float = 1.0,
    caption: Callable[[float], str] = percent,
    tone: str = "",
) -> Cell:
    """Return a cell with a bar from 0 to `most`, its interval, and the numbers.

    Parameters
    ----------
    value : float
        NaN draws no bar.
    low, high : float
        Ends of an interval; NaN draws none.
    most : float
        Value at the right end.
    caption : callable
        Writes a value.
    tone : {"", "good", "bad"}
        Colour of the bar.
    """
    value, low, high = float(value), float(low), float(high)
    fill = line = ends = ""
    if np.isfinite(value):
        fill = f'<i style="width:{_place(value, most):.1f}%"></i>'
    if np.isfinite(low) and np.isfinite(high):
        left = _place(low, most)
        width = max(_place(high, most) - left, 0.5)
        line = f'<b style="left:{left:.1f}%;width:{width:.1f}%"></b>'
        ends = f'<span class="ends">{caption(low)} to {caption(high)}</span>'
    track = f'<span class="track {tone}" aria-hidden="true">{fill}{line}</span>'
    return Cell(f"{track}<span class='value'>{caption(value)}</span>{ends}", value)


def _place(value: float, most: float) -> float:
    share = value / most if most > 0 else 0.0
    return 100 * float(np.clip(share, 0, 1))


def table(
    columns: list[Column],
    rows: Iterable[Any],
    *,
    caption: str = "",
    is_long: bool = False,
) -> str:
    """Return an HTML table; a script of the page makes it sortable.

    Parameters
    ----------
    columns : list of Column
    rows : iterable of mapping
        What the columns make cells of.
    caption : str
        Plain text above the table.
    is_long : bool
        Whether the script adds a field to search for rows.
    """
    head = "".join(_head(column) for column in columns)
    body = "".join(_row(columns, row) for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    marker = " data-search" if is_long else ""
    return (
        f'<div class="wide"><table{marker}>{title}<thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def folded_table(columns: list[Column], rows: list[Any], caption: str = "") -> str:
    """Return a table of the first rows, and one of the others below a fold."""
    first, rest = rows[:MOST_ROWS], rows[MOST_ROWS:]
    html = table(columns, first, caption=caption)
    return html + (fold(f"{len(rest)} more", table(columns, rest)) if rest else "")


def _classes(column: Column) -> str:
    names = [column.kind] + ["minor"] * column.is_minor
    return f'class="{" ".join(names)}"'


def _head(column: Column) -> str:
    hint = f' title="{escape(column.hint, quote=True)}"' if column.hint else ""
    return f'<th scope="col" {_classes(column)}{hint}>{escape(column.title)}</th>'


def _row(columns: list[Column], row: Any) -> str:
    cells = []
    for place, column in enumerate(columns):
        cell = column.cell(row)
        tag = "td" if place else 'th scope="row"'
        key = text(cell.key)
        html = f'<{tag} {_classes(column)} data-key="{key}">{cell.html}</{tag[:2]}>'
        cells.append(html)
    return f"<tr>{''.join(cells)}</tr>"


def card(title: str, value: str, note: str = "", tone: str = "") -> str:
    """Return a figure with its title and a note; `value` and `note` are HTML."""
    below = f"<small>{note}</small>" if note else ""
    return (
        f'<div class="card {tone}"><span>{escape(title)}</span>'
        f"<strong>{value}</strong>{below}</div>"
    )


def paragraph(html: str, name: str = "") -> str:
    """Return a paragraph of HTML."""
    return f'<p class="{name}">{html}</p>' if name else f"<p>{html}</p>"


def fold(summary: str, html: str) -> str:
    """Return HTML that is shown on demand, below a line of plain text."""
    return f"<details><summary>{escape(summary)}</summary>{html}</details>"
