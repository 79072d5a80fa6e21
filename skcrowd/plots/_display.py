"""What all displays share: pyplot on demand, axes, and names that fit."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "AS_IT_IS",
    "MOST_NAMES",
    "axes_of",
    "import_pyplot",
    "name_texts",
    "tick_rows",
]

MOST_NAMES = 40  # names written along an axis
LONGEST_NAME = 24
AS_IT_IS: Any = {"parse_math": False}  # in a name "$" is a letter


def import_pyplot() -> Any:
    """Import pyplot, or say how to get it."""
    try:
        import matplotlib.pyplot as plt
    except ImportError as error:
        raise ImportError(
            "Plots need matplotlib, which is not installed; run: "
            'pip install "skcrowd[plot]"'
        ) from error
    return plt


def axes_of(ax: "Axes | None", figsize: tuple[float, float]) -> "tuple[Any, Axes]":
    """Return the figure and axes to draw in, new ones of pyplot where `ax` is None."""
    plt = import_pyplot()
    if ax is None:
        figure, ax = plt.subplots(figsize=figsize, layout="constrained")
        return figure, ax
    return ax.figure, ax


def name_texts(names: Any) -> list[str]:
    """Return names as text, long ones shortened."""
    texts = map(str, names)
    return [t if len(t) <= LONGEST_NAME else t[: LONGEST_NAME - 1] + "…" for t in texts]


def tick_rows(n_rows: int, most: int = MOST_NAMES) -> np.ndarray:
    """Return the rows whose names are written: all, or evenly spaced ones."""
    step = -(-n_rows // most)
    return np.arange(0, n_rows, max(step, 1))
