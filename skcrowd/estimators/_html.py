"""Summary of the annotators in HTML, below scikit-learn's diagram, without scripts."""

from html import escape

import numpy as np
from sklearn.base import BaseEstimator

__all__ = ["HTMLSummary", "bar", "rows_to_display", "table", "text"]

MOST_ROWS = 20
LONGEST_NAME = 40
CELL = "padding:1px 10px;text-align:left;border:none"
TRACK = (
    "display:inline-block;position:relative;width:100px;height:0.7em;"
    "background:rgba(128,128,128,.25);vertical-align:middle;margin-right:6px"
)
FILL = "position:absolute;left:0;top:0;height:100%;background:#4c8bb5"
SPAN = "position:absolute;top:40%;height:20%;background:currentColor"


class HTMLSummary(BaseEstimator):
    """Add a summary of the annotators to the HTML of a fitted estimator."""

    @property
    def _repr_html_(self):
        """The HTML method; no attribute where scikit-learn is set to display text."""
        diagram = super()._repr_html_
        return lambda: diagram() + self._crowd_html()

    def _repr_mimebundle_(self, **kwargs):
        """Return what Jupyter displays."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._crowd_html()
        return bundle

    def _crowd_html(self):
        if "annotator_confusion_" not in vars(self):
            return ""
        facts, annotators = self._html_summary()
        lines = "".join(f"<div>{fact}</div>" for fact in facts)
        return (
            "<details open class='skcrowd-glance' style='font-size:90%;"
            "margin-top:6px'><summary>The crowd</summary>"
            f"{lines}{annotators}</details>"
        )

    def _html_summary(self):
        """Return lines of HTML, and the HTML table of the annotators."""
        raise NotImplementedError


def rows_to_display(values):
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


def text(value):
    """Return a value as escaped, shortened text."""
    written = str(value)
    if len(written) > LONGEST_NAME:
        written = written[: LONGEST_NAME - 1] + "…"
    return escape(written, quote=True)


def bar(value, low=None, high=None):
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


def table(columns, groups, n_left_out):
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


def _row(cells):
    inside = "".join(f"<td style='{CELL}'>{cell}</td>" for cell in cells)
    return f"<tr>{inside}</tr>"
