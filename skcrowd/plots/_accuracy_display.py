"""Accuracies of the annotators with their intervals, sorted."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.inspection import insight
from skcrowd.plots._display import AS_IT_IS, axes_of, name_texts, tick_rows

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["AnnotatorAccuracyDisplay", "rank_axis"]

MEASURES = ("accuracy", "correlation")  # of labels and tags, of ratings


class AnnotatorAccuracyDisplay:
    """Accuracy of every annotator with its interval, from the highest to the lowest.

    Make it by :meth:`from_estimator` or :meth:`from_report`. Of annotators who rate it
    shows the correlation of their ratings with the truth.

    Parameters
    ----------
    accuracy : array-like of shape (n_annotators,)
        NaN where it is not known; such annotators come last.
    low, high : array-like of shape (n_annotators,)
        Ends of the intervals.
    annotator_names : array-like of shape (n_annotators,), default=None
        None numbers the annotators from 0.
    measure : str, default="accuracy"
        What the values are, written along the axis.

    Attributes
    ----------
    order_ : ndarray of shape (n_annotators,)
        Annotators from top to bottom.
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrowd.plots import AnnotatorAccuracyDisplay
    >>> display = AnnotatorAccuracyDisplay(
    ...     [0.6, 0.9], [0.4, 0.85], [0.8, 0.95], annotator_names=["ann", "bob"]
    ... ).plot()
    >>> [label.get_text() for label in display.ax_.get_yticklabels()]
    ['bob', 'ann']
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        accuracy: Any,
        low: Any,
        high: Any,
        *,
        annotator_names: Any = None,
        measure: str = "accuracy",
    ) -> None:
        self.accuracy = accuracy
        self.low = low
        self.high = high
        self.annotator_names = annotator_names
        self.measure = measure

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, level: float = 0.95, ax: "Axes | None" = None
    ) -> "AnnotatorAccuracyDisplay":
        """Draw the accuracies of the annotators of a fitted estimator.

        Parameters
        ----------
        estimator : crowd estimator, Pipeline or search
            Fitted; of a pipeline or search the crowd estimator inside.
        level : float, default=0.95
            Probability that an interval holds the accuracy.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AnnotatorAccuracyDisplay
        """
        report = insight(estimator).annotator_report(level=level)
        return cls.from_report(report, ax=ax)

    @classmethod
    def from_report(
        cls, report: "pd.DataFrame", *, ax: "Axes | None" = None
    ) -> "AnnotatorAccuracyDisplay":
        """Draw the accuracies in a report on annotators.

        Parameters
        ----------
        report : pandas.DataFrame
            From ``annotator_report``.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AnnotatorAccuracyDisplay

        Raises
        ------
        ValueError
            If the report has neither accuracies nor correlations.
        """
        for measure in MEASURES:
            if measure in report:
                ends = report[f"{measure}_low"], report[f"{measure}_high"]
                names = report.index.to_numpy()
                display = cls(
                    report[measure], *ends, annotator_names=names, measure=measure
                )
                return display.plot(ax=ax)
        raise ValueError(
            f"report has the columns {list(report.columns)}; pass what "
            "annotator_report() returns, with a column 'accuracy' or 'correlation'."
        )

    def plot(self, *, ax: "Axes | None" = None) -> "AnnotatorAccuracyDisplay":
        """Draw points and intervals.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AnnotatorAccuracyDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the values differ in number.
        """
        values, low, high = (
            np.asarray(v, dtype=float) for v in (self.accuracy, self.low, self.high)
        )
        names = np.arange(len(values))
        if self.annotator_names is not None:
            names = np.asarray(self.annotator_names, dtype=object)
        if not len(values) == len(low) == len(high) == len(names):
            raise ValueError(
                f"There are {len(values)} accuracies, {len(low)} and {len(high)} ends "
                f"of intervals and {len(names)} names; give one for each annotator."
            )
        self.order_ = np.argsort(-values, kind="stable")  # NaN last
        self.figure_, self.ax_ = axes_of(ax, (6.0, 1.0 + 0.22 * min(len(values), 45)))
        rank = np.arange(len(values))
        width = 2.5 if len(values) <= 60 else 1.0
        self.ax_.hlines(
            rank, low[self.order_], high[self.order_], color="C0", alpha=0.4, lw=width
        )
        size = 5.0 if len(values) <= 60 else 2.0
        self.ax_.plot(values[self.order_], rank, "o", color="C0", markersize=size)
        self.ax_.set_xlabel(self.measure)
        if self.measure == "accuracy":
            self.ax_.set_xlim(0, 1)
        rank_axis(self.ax_, names[self.order_])
        return self


def rank_axis(ax: "Axes", names: Any) -> None:
    """Write the names of sorted annotators from top to bottom, some where many."""
    rows = tick_rows(len(names))
    if len(rows) == len(names):
        ax.set_yticks(rows, name_texts(names), **AS_IT_IS)
        ax.set_ylabel("annotator")
    else:
        ax.set_ylabel("annotators, sorted")
        ax.set_yticks([])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.grid(axis="x", alpha=0.3)
