"""Offset and noise of annotators who rate."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.inspection import insight
from skcrowd.plots._accuracy_display import rank_axis
from skcrowd.plots._display import axes_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["AnnotatorBiasDisplay"]


class AnnotatorBiasDisplay:
    """Offset of every annotator with its interval, and the noise of their ratings.

    Make it by :meth:`from_estimator` or :meth:`from_report`. The wide pale bar is one
    standard deviation of the noise to either side of the offset.

    Parameters
    ----------
    offset : array-like of shape (n_annotators,)
        Mean difference from the truth, in the unit of the ratings.
    noise_std : array-like of shape (n_annotators,)
        Standard deviation of a rating, in the unit of the ratings.
    low, high : array-like of shape (n_annotators,), default=None
        Ends of the intervals of the offsets; None draws none.
    annotator_names : array-like of shape (n_annotators,), default=None
        None numbers the annotators from 0.

    Attributes
    ----------
    order_ : ndarray of shape (n_annotators,)
        Annotators from top to bottom, the highest offset first.
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrowd.plots import AnnotatorBiasDisplay
    >>> display = AnnotatorBiasDisplay([-0.5, 1.0], [0.2, 0.4]).plot()
    >>> display.order_
    array([1, 0])
    >>> plt.close(display.figure_)
    """

    def __init__(
        self,
        offset: Any,
        noise_std: Any,
        *,
        low: Any = None,
        high: Any = None,
        annotator_names: Any = None,
    ) -> None:
        self.offset = offset
        self.noise_std = noise_std
        self.low = low
        self.high = high
        self.annotator_names = annotator_names

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, level: float = 0.95, ax: "Axes | None" = None
    ) -> "AnnotatorBiasDisplay":
        """Draw the offsets of the annotators of a fitted regressor.

        Parameters
        ----------
        estimator : CrowdRegressor, Pipeline or search
            Fitted; of a pipeline or search the crowd estimator inside.
        level : float, default=0.95
            Probability that an interval holds the offset.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AnnotatorBiasDisplay
        """
        report = insight(estimator).annotator_report(level=level)
        return cls.from_report(report, ax=ax)

    @classmethod
    def from_report(
        cls, report: "pd.DataFrame", *, ax: "Axes | None" = None
    ) -> "AnnotatorBiasDisplay":
        """Draw the offsets in a report on annotators.

        Parameters
        ----------
        report : pandas.DataFrame
            From ``annotator_report`` of a CrowdRegressor.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AnnotatorBiasDisplay

        Raises
        ------
        TypeError
            If the report is not about ratings.
        """
        if "offset" not in report or "noise_std" not in report:
            raise TypeError(
                "The report has no columns 'offset' and 'noise_std': only annotators "
                "who rate have them (CrowdRegressor). For labels use "
                "AnnotatorConfusionDisplay."
            )
        display = cls(
            report["offset"],
            report["noise_std"],
            low=report.get("offset_low"),
            high=report.get("offset_high"),
            annotator_names=report.index.to_numpy(),
        )
        return display.plot(ax=ax)

    def plot(self, *, ax: "Axes | None" = None) -> "AnnotatorBiasDisplay":
        """Draw offsets, intervals and noise.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : AnnotatorBiasDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If the values differ in number.
        """
        offset, noise = (
            np.asarray(values, dtype=float) for values in (self.offset, self.noise_std)
        )
        names = self.annotator_names
        names = np.arange(len(offset)) if names is None else np.asarray(names, object)
        if not len(offset) == len(noise) == len(names):
            raise ValueError(
                f"There are {len(offset)} offsets, {len(noise)} standard deviations "
                f"and {len(names)} names; give one for each annotator."
            )
        self.order_ = order = np.argsort(-offset, kind="stable")
        self.figure_, self.ax_ = axes_of(ax, (6.0, 1.0 + 0.22 * min(len(offset), 45)))
        rank = np.arange(len(offset))
        ends = (offset - noise)[order], (offset + noise)[order]
        wide, narrow = (9.0, 2.5) if len(offset) <= 60 else (1.5, 0.8)
        self.ax_.hlines(rank, *ends, color="C0", alpha=0.2, lw=wide, label="noise")
        if self.low is not None and self.high is not None:
            ends = np.asarray(self.low)[order], np.asarray(self.high)[order]
            self.ax_.hlines(rank, *ends, color="C0", lw=narrow, label="interval")
        self.ax_.plot(offset[order], rank, "o", color="C0", ms=wide / 2, label="offset")
        self.ax_.axvline(0, color="0.5", lw=1)
        self.ax_.set_xlabel("offset from the truth")
        rank_axis(self.ax_, names[order])
        self.ax_.legend(loc="best", fontsize="small")
        return self
