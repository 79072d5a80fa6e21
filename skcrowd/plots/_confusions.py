"""The confusion matrices of the annotators as small multiples."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.plots._display import AS_IT_IS
from skcrowd.plots._panels import read_panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from skcrowd._typing import ArrayLike, FloatArray


MAX_VALUES = 4  # classes up to which the numbers are written into the cells
MAX_TICKS = 12  # class names written along an axis
LETTERS = 12  # letters an inch; class names that need more stand upright
UNKNOWN = "0.85"  # grey of the rows without data


def plot_confusions(
    confusion: Any,
    *,
    class_names: ArrayLike | None = None,
    annotator_names: ArrayLike | None = None,
    titles: list[Any] | None = None,
    max_annotators: int = 20,
    n_columns: int | None = None,
    cmap: Any = "Blues",
) -> Figure:
    """Draw the confusion matrices of the annotators side by side.

    One panel an annotator, truth by row and answer by column, all on one colour scale
    from 0 to 1. Rows without data (NaN) are grey. With up to 4 classes the numbers
    are written in the cells; some class names are omitted where they don't fit.

    Parameters
    ----------
    confusion : array-like of shape (n_annotators, n_classes, n_classes) or estimator
        The matrices, ``[r, i, j]`` = P(annotator r answers j | truth is i), or a fitted
        estimator with ``annotator_confusion_``; its ``classes_`` and ``annotators_``
        then give the names.
    class_names : array-like of shape (n_classes,), default=None
        Names along the axes; by default those of the estimator, or 0, 1, 2, ...
    annotator_names : array-like of shape (n_annotators,), default=None
        Names of the annotators; by default those of the estimator, or 0, 1, 2, ... The
        panel of annotator r is titled "annotator r" where r is a number, and by the
        name alone where it is text.
    titles : array-like of str of shape (n_annotators,), default=None
        Titles of the panels, in place of the annotators' names.
    max_annotators : int, default=20
        Number of annotators drawn, the first ones; a title notes that there are more.
    n_columns : int, default=None
        Panels in a row of the grid; by default a grid somewhat wider than high.
    cmap : str or matplotlib Colormap, default="Blues"
        Colours from 0 to 1.

    Returns
    -------
    matplotlib.figure.Figure
        A figure that pyplot does not hold: nothing to close, nothing is shown. Save it
        with ``figure.savefig(path)``; its ``axes`` are the panels and the colour bar.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    TypeError
        If `confusion` is neither an array of numbers nor a fitted estimator.
    ValueError
        If the matrices or names have the wrong shape, values are outside 0 to 1, or
        `max_annotators` or `n_columns` is less than 1.

    Examples
    --------
    >>> from skcrowd.datasets import annotator_confusions
    >>> from skcrowd.plots import plot_confusions
    >>> confusion, kind = annotator_confusions(6, n_classes=3, random_state=0)
    >>> figure = plot_confusions(
    ...     confusion, class_names=["cat", "dog", "fox"], titles=kind
    ... )
    >>> len(figure.axes)  # six panels and the colour bar
    7
    """
    panels = read_panels(confusion, class_names, annotator_names, titles)
    n_annotators = len(panels.confusion)
    n_panels = positive("max_annotators", max_annotators, n_annotators)
    columns = grid_columns(n_panels) if n_columns is None else n_columns
    columns = positive("n_columns", columns, n_panels)
    figure, grid = _make_figure(n_panels, columns, len(panels.classes))
    draw_panels(figure, grid, panels, columns, cmap)
    figure.supxlabel("answer")
    figure.supylabel("truth")
    if n_panels < n_annotators:
        figure.suptitle(f"The first {n_panels} of {n_annotators} annotators")
    return figure


def draw_panels(figure: Any, grid: Any, panels: Any, n_columns: int, cmap: Any) -> None:
    """Draw a matrix in each of the axes, and the colour bar."""
    colors = _colors(cmap)
    for number, axes in enumerate(grid):
        image = _draw(axes, panels.confusion[number], colors)
        axes.set_title(panels.titles[number], fontsize="medium", **AS_IT_IS)
        _label(axes, panels.classes, number, len(grid), n_columns)
    bar = figure.colorbar(image, ax=grid, shrink=0.8, aspect=30, pad=0.02)
    bar.set_label("P(answer | truth)")
    bar.outline.set_visible(False)


def positive(parameter: str, value: Any, most: int) -> int:
    """Check a count, and limit it to `most`."""
    if value < 1:
        raise ValueError(f"{parameter}={value}; it must be an integer of 1 or more.")
    return min(int(value), most)


def grid_columns(n_panels: int) -> int:
    """Between square and twice as wide as high, with the fewest empty places."""
    if n_panels <= 4:
        return n_panels
    choices = range(
        math.ceil(math.sqrt(n_panels)), math.ceil(math.sqrt(2 * n_panels)) + 1
    )
    return min(choices, key=lambda n_columns: -n_panels % n_columns)


def _make_figure(
    n_panels: int, n_columns: int, n_classes: int
) -> tuple[Any, list[Any]]:
    """Return a figure and its panels, without pyplot."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib, which is not installed; run: "
            'pip install "skcrowd[plot]"'
        ) from error
    n_rows = math.ceil(n_panels / n_columns)
    side = side_inches(n_classes)
    figure = Figure(
        figsize=(side * n_columns + 1.6, (side + 0.25) * n_rows + 1.0),
        layout="constrained",
    )
    grid = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
    for axes in grid[n_panels:]:
        axes.remove()
    return figure, list(grid[:n_panels])


def _colors(cmap: str) -> Any:
    from matplotlib import colormaps

    return colormaps.get_cmap(cmap).with_extremes(bad=UNKNOWN)


def _draw(axes: Any, confusion: FloatArray, colors: Any) -> Any:
    """Draw one matrix, with its numbers where there is room for them."""
    image = axes.imshow(confusion, cmap=colors, vmin=0.0, vmax=1.0)
    axes.tick_params(length=0, labelsize="small")
    axes.spines[:].set_color("0.6")
    if len(confusion) <= MAX_VALUES:
        for (row, column), value in np.ndenumerate(confusion):
            if not np.isnan(value):
                ink = _ink(colors(value))
                axes.text(column, row, f"{value:.2f}", ha="center", va="center", c=ink)
    return image


def _ink(color: tuple[float, float, float, float]) -> str:
    """Black on light colours, white on dark ones."""
    luminance = np.dot(color[:3], (0.299, 0.587, 0.114))
    return "black" if luminance > 0.5 else "white"


def _label(axes: Any, classes: Any, number: int, n_panels: int, n_columns: int) -> None:
    """Write the class names at the left and the lower edge of the grid only."""
    step = math.ceil(len(classes) / MAX_TICKS)
    ticks = np.arange(0, len(classes), step)
    names = classes[::step]
    letters = len(names) * (max(map(len, names)) + 1)
    upright = letters > LETTERS * side_inches(len(classes))
    axes.set(xticks=[], yticks=[])
    if number % n_columns == 0:
        axes.set_yticks(ticks, names, **AS_IT_IS)
    if number // n_columns == (n_panels - 1) // n_columns:
        axes.set_xticks(ticks, names, rotation=90 * upright, **AS_IT_IS)


def side_inches(n_classes: int) -> float:
    """Width of a panel in inches."""
    return min(1.7 + 0.06 * n_classes, 3.2)
