"""Draw a matrix of values for every two annotators."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.plots._display import AS_IT_IS, axes_of, name_texts, tick_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["annotator_matrix"]

UNKNOWN = "0.85"  # grey of pairs without a value


def annotator_matrix(
    ax: "Axes | None",
    matrix: np.ndarray,
    names: Any,
    *,
    label: str,
    limits: tuple[float, float],
    cmap: Any,
) -> "tuple[Any, Axes]":
    """Draw a square matrix with names and a colour bar; return figure and axes."""
    from matplotlib import colormaps

    side = 3.5 + 0.1 * min(len(matrix), 45)
    figure, axes = axes_of(ax, (side + 1.0, side))
    colors = colormaps.get_cmap(cmap).with_extremes(bad=UNKNOWN)
    image = axes.imshow(matrix, cmap=colors, vmin=limits[0], vmax=limits[1])
    figure.colorbar(image, ax=axes, label=label, shrink=0.8)
    rows = tick_rows(len(matrix))
    if len(rows) == len(matrix):
        texts = name_texts(names)
        axes.set_xticks(rows, texts, rotation=90, **AS_IT_IS)
        axes.set_yticks(rows, texts, **AS_IT_IS)
        axes.tick_params(length=0, labelsize="small")
    else:
        axes.set(xticks=[], yticks=[])
    axes.set(xlabel="annotator", ylabel="annotator")
    return figure, axes
