"""Which annotators err together."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.plots._display import import_pyplot
from skcrowd.plots._matrix import annotator_matrix

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["DependenceDisplay"]


class DependenceDisplay:
    """Excess agreement of every two annotators, members of a group side by side.

    Make it by :meth:`from_dependence`.

    Parameters
    ----------
    excess : array-like of shape (n_annotators, n_annotators)
        Agreement beyond what truth and difficulty of the items explain: 1 for copies,
        about 0 for independent annotators, NaN where it is not known.
    group : array-like of shape (n_annotators,)
        Number of the group of every annotator, -1 for those in no group.
    annotator_names : array-like of shape (n_annotators,), default=None
        None numbers the annotators from 0.

    Attributes
    ----------
    order_ : ndarray of shape (n_annotators,)
        Annotators from left to right: groups first.
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrowd.plots import DependenceDisplay
    >>> excess = [[1.0, 0.0, 0.9], [0.0, 1.0, 0.1], [0.9, 0.1, 1.0]]
    >>> display = DependenceDisplay(excess, [0, -1, 0]).plot()
    >>> display.order_
    array([0, 2, 1])
    >>> plt.close(display.figure_)
    """

    def __init__(self, excess: Any, group: Any, *, annotator_names: Any = None) -> None:
        self.excess = excess
        self.group = group
        self.annotator_names = annotator_names

    @classmethod
    def from_dependence(
        cls, dependence: Any, *, ax: "Axes | None" = None
    ) -> "DependenceDisplay":
        """Draw what an analysis of the dependence of annotators found.

        Parameters
        ----------
        dependence : AnnotatorDependence
            An object with ``first``, ``second`` and ``excess`` of every pair, and
            ``group`` and ``annotator_names`` of every annotator.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : DependenceDisplay
        """
        n_annotators = len(dependence.group)
        excess = np.full((n_annotators, n_annotators), np.nan)
        excess[dependence.first, dependence.second] = dependence.excess
        excess[dependence.second, dependence.first] = dependence.excess
        names = dependence.annotator_names
        return cls(excess, dependence.group, annotator_names=names).plot(ax=ax)

    def plot(
        self, *, cmap: Any = "RdBu_r", ax: "Axes | None" = None
    ) -> "DependenceDisplay":
        """Draw the matrix, and a frame around every group.

        Parameters
        ----------
        cmap : str or matplotlib Colormap, default="RdBu_r"
            Colours from -1 to 1.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : DependenceDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If there is not one group number for each row and column of the matrix.
        """
        import_pyplot()
        excess, group = np.asarray(self.excess, dtype=float), np.asarray(self.group)
        if excess.shape != 2 * group.shape:
            raise ValueError(
                f"excess has shape {excess.shape} and group {group.shape}; they must be"
                " (n_annotators, n_annotators) and (n_annotators,)."
            )
        names = self.annotator_names
        names = np.arange(len(group)) if names is None else np.asarray(names)
        self.order_ = np.argsort(
            np.where(group < 0, group.max(initial=0) + 1, group), kind="stable"
        )
        self.figure_, self.ax_ = annotator_matrix(
            ax,
            excess[np.ix_(self.order_, self.order_)],
            names[self.order_],
            label="excess agreement",
            limits=(-1.0, 1.0),
            cmap=cmap,
        )
        self._frame_groups(group[self.order_])
        return self

    def _frame_groups(self, group: np.ndarray) -> None:
        from matplotlib.patches import Rectangle

        for number in np.unique(group[group >= 0]):
            rows = np.flatnonzero(group == number)
            corner = rows[0] - 0.5, rows[0] - 0.5
            frame = Rectangle(corner, len(rows), len(rows), fill=False, lw=1.5)
            self.ax_.add_patch(frame)
