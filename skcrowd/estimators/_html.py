"""Summary of the annotators in HTML, below scikit-learn's diagram, without scripts."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np

from skcrowd._sklearn_compat import StepHTML

__all__ = ["HTMLSummary", "bar", "ends_table", "rows_to_display", "table", "text"]

MARK = "skcrowd-glance"
MOST_ROWS = 20
LONGEST_NAME = 40
CELL = "padding:1px 10px;text-align:left;border:none"
TRACK = (
    "display:inline-block;position:relative;width:100px;height:0.7em;"
    "background:rgba(128,128,128,.25);vertical-align:middle;margin-right:6px"
)
FILL = "position:absolute;left:0;top:0;height:100%;background:#4c8bb5"
SPAN = "position:absolute;top:40%;height:20%;background:currentColor"


class HTMLSummary(StepHTML):
    """Add a summary of the annotators to the HTML of a fitted estimator.

    It stands in the estimator's own box, also inside pipelines and searches.
    """

    @property
    def _repr_html_(self) -> Any:
        """The HTML method; no attribute where scikit-learn is set to display text."""
        diagram = super()._repr_html_
        return lambda: self._with_crowd(diagram())

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        """Return what Jupyter displays."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] = self._with_crowd(bundle["text/html"])
        return bundle

    def _with_crowd(self, diagram: str) -> str:
        """Add the summary below a diagram that does not hold it."""
        return diagram if MARK in diagram else diagram + self._crowd_html()

    def _step_html(self) -> str:
        return self._crowd_html()

    def _crowd_html(self) -> str:
        if "annotator_confusion_" not in vars(self):
            return ""
        facts, annotators = self._html_summary()
        lines = "".join(f"<div>{fact}</div>" for fact in facts)
        return (
            f"<details open class='{MARK}' style='font-size:90%;"
            "margin:6px 8px'><summary>The crowd</summary>"
            f"{lines}{annotators}</details>"
        )

    def _html_summary(self) -> tuple[list[str], str]:
        """Return lines of HTML, and the HTML table of the annotators."""
        raise NotImplementedError


def rows_to_display(values: Any) -> list[Any]:
    """Choose the rows to display: all, or those of the highest and lowest values.

    Returns
    -------
    rows : list of int ndarray
        One array, or two between which rows are left out.
    """
    order = np.argsort(-values, kind="stable")
    if len(order) <= MOST_ROWS:
        return [order]
    return [order[: MOST_ROWS // 2], order[-(MOST_ROWS // 2) :]]


def text(value: Any) -> str:
    """Return a value as escaped, shortened text."""
    written = str(value)
    if len(written) > LONGEST_NAME:
        written = written[: LONGEST_NAME - 1] + "…"
    return escape(written, quote=True)


def bar(value: Any, low: Any = None, high: Any = None) -> str:
    """Return HTML of a bar for a share from 0 to 1, its interval, and the numbers.

    NaN, a share of nothing, is a dash.
    """
    if np.isnan(value):
        return "-"
    value = float(np.clip(value, 0, 1))
    line = caption = ""
    if low is not None:
        low, high = float(np.clip(low, 0, 1)), float(np.clip(high, 0, 1))
        place = f"left:{100 * low:.0f}%;width:{100 * (high - low):.0f}%"
        line = f"<span style='{SPAN};{place}'></span>"
        caption = f" ({low:.2f} to {high:.2f})"
    fill = f"<span style='{FILL};width:{100 * value:.0f}%'></span>"
    return f"<span style='{TRACK}'>{fill}{line}</span>{value:.2f}{caption}"


def ends_table(columns: list[str], values: Any, make_rows: Callable[[Any], Any]) -> str:
    """Return an HTML table of the rows of the highest and lowest values.

    Parameters
    ----------
    columns : list of str
    values : ndarray of shape (n_rows,)
    make_rows : callable
        Maps positions, an int ndarray, to rows of cells.
    """
    groups = rows_to_display(values)
    n_left_out = len(values) - sum(map(len, groups))
    return table(columns, [make_rows(group) for group in groups], n_left_out)


def table(columns: list[str], groups: list[Any], n_left_out: int) -> str:
    """Return an HTML table.

    Parameters
    ----------
    columns : list of str
    groups : list of list of row
        A row is a list of cells, which are HTML already.
    n_left_out : int
        Number of rows left out between the first group and the second.
    """
    head = "".join(f"<th style='{CELL}'>{escape(name)}</th>" for name in columns)
    gap = (
        f"<tr><td style='{CELL}' colspan='{len(columns)}'>… {n_left_out} more</td></tr>"
    )
    bodies = ["".join(map(_row, rows)) for rows in groups]
    body = gap.join(bodies) if n_left_out else "".join(bodies)
    return (
        "<table style='border-collapse:collapse;margin-top:4px'>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(cells: Any) -> str:
    inside = "".join(f"<td style='{CELL}'>{cell}</td>" for cell in cells)
    return f"<tr>{inside}</tr>"
