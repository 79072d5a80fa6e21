"""Charts of HTML and SVG that follow the width of the page."""

from html import escape
from typing import Any

import numpy as np

from skcrowd.reporting._elements import number, percent, text

__all__ = ["heat_map", "interval_chart"]


def interval_chart(
    values: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    names: Any,
    mean: float,
    measure: str,
) -> str:
    """Draw sorted values with their intervals, one vertical line an annotator.

    Parameters
    ----------
    values, low, high : ndarray of shape (n_annotators,)
        From 0 to 1, or -1 to 1; sorted in descending order.
    names : array-like of shape (n_annotators,)
    mean : float
        Value of a dashed line.
    measure : str
        What the values are.
    """
    known = np.isfinite(values)
    values, low, high = values[known], low[known], high[known]
    bottom = -1.0 if (low < 0).any() else 0.0
    up = 100 / (1.0 - bottom)  # the SVG is 100 units high, and stretched to the page
    y, y_low, y_high = (up * (1 - np.clip(v, bottom, 1)) for v in (values, low, high))
    marks = [
        f"<g><title>{text(name)}: {_write(value, measure)}</title>"
        f'<path class="line" d="M{x + 0.5} {a:.1f}V{b:.1f}"/>'
        f'<path class="dot" d="M{x + 0.5} {c:.1f}h0"/></g>'
        for x, (name, value, a, b, c) in enumerate(
            zip(np.asarray(names)[known], values, y_low, y_high, y, strict=True)
        )
    ]
    crowd = ""
    if np.isfinite(mean):
        at = up * (1 - mean)
        crowd = f'<path class="mean" d="M0 {at:.1f}H{len(values)}"/>'
    ticks = "".join(
        f'<span style="top:{up * (1 - tick):.0f}%">{_write(tick, measure)}</span>'
        for tick in np.linspace(bottom, 1, 5)
    )
    size = "dense" if len(values) > 80 else ""
    return (
        f'<figure class="chart"><div class="axis" aria-hidden="true">{ticks}</div>'
        f'<svg class="{size}" viewBox="0 0 {len(values)} 100" role="img" '
        f'preserveAspectRatio="none" aria-label="{measure} of the annotators, sorted">'
        f"{crowd}{''.join(marks)}</svg><figcaption>Annotators from the highest "
        f"{measure} to the lowest; the dashed line is the mean over all answers."
        "</figcaption></figure>"
    )


def _write(value: float, measure: str) -> str:
    if measure != "accuracy":
        return number(value, 2)
    return "100\u202f%" if value == 1 else "0\u202f%" if value == 0 else percent(value)


def heat_map(matrix: np.ndarray, names: Any, caption: str) -> str:
    """Draw a square matrix of values from 0 to 1; negative ones count as 0.

    Parameters
    ----------
    matrix : ndarray of shape (n_annotators, n_annotators)
        NaN draws no cell.
    names : array-like of shape (n_annotators,)
    caption : str
        Plain text below.
    """
    n = len(matrix)
    cells = []
    for (row, column), value in np.ndenumerate(matrix):
        if row != column and np.isfinite(value):
            opacity = float(np.clip(value, 0.04, 1))
            cells.append(
                f'<rect x="{column}" y="{row}" width=".94" height=".94" '
                f'fill-opacity="{opacity:.2f}"><title>{text(names[row])} and '
                f"{text(names[column])}: {value:.2f}</title></rect>"
            )
    order = ", ".join(map(text, names))
    scale = '<span class="scale" aria-hidden="true"></span>'
    return (
        f'<figure class="heat"><svg viewBox="0 0 {n} {n}" role="img" '
        f'aria-label="agreement of every two annotators">{"".join(cells)}</svg>'
        f"<figcaption>0 {scale} 1. {escape(caption)} From the left: {order}."
        "</figcaption></figure>"
    )
