"""Confusion matrices of annotators, the least informative first."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.inspection import insight
from skcrowd.metrics import spammer_score
from skcrowd.plots._confusions import draw_panels, grid_columns, positive, side_inches
from skcrowd.plots._display import import_pyplot
from skcrowd.plots._panels import Panels, read_panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AnnotatorConfusionDisplay"]


class AnnotatorConfusionDisplay:
    """Confusion matrices of the annotators side by side, the least informative first.

    Make it by :meth:`from_estimator`, or from the matrices.

    Parameters
    ----------
    confusion : array-like of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(annotator r answers j | truth is i).
    class_names : array-like of shape (n_classes,), default=None
        None numbers the classes from 0.
    annotator_names : array-like of shape (n_annotators,), default=None
        None numbers the annotators from 0.

    Attributes
    ----------
    order_ : ndarray of shape (n_annotators,)
        Annotators from the lowest :func:`skcrowd.metrics.spammer_score` to the highest;
        those with NaN in their matrix come last.
    figure_ : matplotlib Figure
    axes_ : ndarray of matplotlib Axes
        A panel for each annotator that is drawn.

    See Also
    --------
    plot_confusions : The same panels in the order of the annotators, without pyplot.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrowd.datasets import annotator_confusions
    >>> from skcrowd.plots import AnnotatorConfusionDisplay
    >>> confusion, kind = annotator_confusions({"expert": 3, "random": 1}, 3,
    ...                                        random_state=0)
    >>> display = AnnotatorConfusionDisplay(confusion).plot(max_annotators=2)
    >>> int(display.order_[0]), len(display.axes_)
    (3, 2)
    >>> plt.close(display.figure_)
    """

    def __init__(
        self, confusion: Any, *, class_names: Any = None, annotator_names: Any = None
    ) -> None:
        self.confusion = confusion
        self.class_names = class_names
        self.annotator_names = annotator_names

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        max_annotators: int = 20,
        n_columns: int | None = None,
        cmap: Any = "Blues",
        ax: "Axes | None" = None,
    ) -> "AnnotatorConfusionDisplay":
        """Draw the confusion matrices of a fitted classifier or tagger.

        Parameters
        ----------
        estimator : CrowdClassifier, CrowdSequenceTagger, Pipeline or search
            Fitted; of a pipeline or search the crowd estimator inside.
        max_annotators : int, default=20
            Number of annotators drawn, the least informative ones.
        n_columns : int, default=None
            Panels in a row; None chooses it.
        cmap : str or matplotlib Colormap, default="Blues"
            Colours from 0 to 1.
        ax : matplotlib Axes, default=None
            Divided into panels; None makes a new figure.

        Returns
        -------
        display : AnnotatorConfusionDisplay

        Raises
        ------
        TypeError
            If the annotators of the estimator have no confusion matrices.
        """
        fitted = insight(estimator).estimator
        confusion = getattr(fitted, "annotator_confusion_", None)
        if confusion is None or not hasattr(fitted, "classes_"):
            raise TypeError(
                f"Annotators of a {type(fitted).__name__} have no confusion matrices; "
                "for ratings use AnnotatorBiasDisplay."
            )
        display = cls(
            np.asarray(confusion),
            class_names=fitted.classes_,
            annotator_names=fitted.annotators_,
        )
        return display.plot(
            max_annotators=max_annotators, n_columns=n_columns, cmap=cmap, ax=ax
        )

    def plot(
        self,
        *,
        max_annotators: int = 20,
        n_columns: int | None = None,
        cmap: Any = "Blues",
        ax: "Axes | None" = None,
    ) -> "AnnotatorConfusionDisplay":
        """Draw the matrices.

        Parameters
        ----------
        max_annotators : int, default=20
            Number of annotators drawn, the least informative ones.
        n_columns : int, default=None
            Panels in a row; None chooses it.
        cmap : str or matplotlib Colormap, default="Blues"
            Colours from 0 to 1.
        ax : matplotlib Axes, default=None
            Divided into panels; None makes a new figure.

        Returns
        -------
        display : AnnotatorConfusionDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If matrices or names have the wrong shape, or a number is less than 1.
        """
        panels = read_panels(
            self.confusion, self.class_names, self.annotator_names, None
        )
        self.order_ = _order(panels.confusion)
        n_annotators = len(self.order_)
        shown = self.order_[: positive("max_annotators", max_annotators, n_annotators)]
        panels = Panels(
            panels.confusion[shown], panels.classes, [panels.titles[r] for r in shown]
        )
        columns = grid_columns(len(shown)) if n_columns is None else n_columns
        columns = positive("n_columns", columns, len(shown))
        self.figure_, grid = _grid(ax, len(shown), columns, len(panels.classes))
        self.axes_ = np.array(grid, dtype=object)
        few = len(shown) < n_annotators
        title = f"The {len(shown)} least informative of {n_annotators} annotators"
        draw_panels(self.figure_, grid, panels, columns, cmap)
        grid[0].set_ylabel("truth")
        grid[-1].set_xlabel("answer")
        if few:
            (self.figure_.suptitle if ax is None else ax.set_title)(title)
        return self


def _order(confusion: np.ndarray) -> np.ndarray:
    if confusion.shape[1] < 2:
        return np.arange(len(confusion))
    known = np.isfinite(confusion).all(axis=(1, 2))
    score = np.full(len(confusion), np.inf)
    if known.any():
        score[known] = spammer_score(confusion[known])
    return np.argsort(score, kind="stable")


def _grid(
    ax: "Axes | None", n_panels: int, n_columns: int, n_classes: int
) -> tuple[Any, list[Any]]:
    """Return the figure and its panels, inside `ax` where it is given."""
    plt = import_pyplot()
    n_rows = -(-n_panels // n_columns)
    if ax is None:
        side = side_inches(n_classes)
        size = side * n_columns + 1.6, (side + 0.25) * n_rows + 1.0
        figure = plt.figure(figsize=size, layout="constrained")
        spec = figure.add_gridspec(n_rows, n_columns)
    else:
        figure = ax.figure
        ax.set_axis_off()
        place = ax.get_subplotspec()
        if place is None:
            raise ValueError(
                "ax has no place in a grid; make it with plt.subplots or "
                "figure.add_subplot."
            )
        spec = place.subgridspec(n_rows, n_columns, wspace=0.3, hspace=0.5)
    return figure, [
        figure.add_subplot(spec[divmod(k, n_columns)]) for k in range(n_panels)
    ]
