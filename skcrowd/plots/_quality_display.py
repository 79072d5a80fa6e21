"""Certainty of the consensus of the items, and how many labels are wrong."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.inspection import insight
from skcrowd.plots._display import axes_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["LabelQualityDisplay"]

KINDS = ("histogram", "sorted")


class LabelQualityDisplay:
    """How certain the consensus of the items is.

    Make it by :meth:`from_estimator` or :meth:`from_quality`. Of labels and tags it
    shows the probabilities that the consensus is right, of ratings the standard
    deviations of the truth.

    Parameters
    ----------
    values : array-like of shape (n_items,)
        Probability of the consensus, or standard deviation.
    measure : {"consensus_probability", "std"}, default="consensus_probability"
        What the values are.

    Attributes
    ----------
    expected_wrong_ : float or None
        Expected number of items whose consensus is wrong: the sum of one minus the
        probabilities. None for standard deviations.
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrowd.plots import LabelQualityDisplay
    >>> display = LabelQualityDisplay([0.9, 0.99, 0.6, 1.0]).plot()
    >>> round(display.expected_wrong_, 2)
    0.51
    >>> plt.close(display.figure_)
    """

    def __init__(self, values: Any, *, measure: str = "consensus_probability") -> None:
        self.values = values
        self.measure = measure

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        X: Any,
        y: Any,
        *,
        kind: str = "histogram",
        ax: "Axes | None" = None,
        **options: Any,
    ) -> "LabelQualityDisplay":
        """Draw the certainty of the consensus of items.

        Parameters
        ----------
        estimator : crowd estimator, Pipeline or search
            Fitted; a pipeline transforms `X`.
        X : array-like
            What `estimator` takes.
        y : annotations in any form of ``fit``, or None
        kind : {"histogram", "sorted"}, default="histogram"
            Items by their value, or the values in ascending order.
        ax : matplotlib Axes, default=None
            None makes a new figure.
        **options
            Keyword arguments of ``label_quality``, such as ``pred_proba``.

        Returns
        -------
        display : LabelQualityDisplay
        """
        quality = insight(estimator).label_quality(X, y, **options)
        return cls.from_quality(quality, kind=kind, ax=ax)

    @classmethod
    def from_quality(
        cls,
        quality: "pd.DataFrame",
        *,
        kind: str = "histogram",
        ax: "Axes | None" = None,
    ) -> "LabelQualityDisplay":
        """Draw the certainty in a table of label quality.

        Parameters
        ----------
        quality : pandas.DataFrame
            From ``label_quality``.
        kind : {"histogram", "sorted"}, default="histogram"
            Items by their value, or the values in ascending order.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : LabelQualityDisplay

        Raises
        ------
        ValueError
            If the table has neither probabilities nor standard deviations.
        """
        for measure in ("consensus_probability", "std"):
            if measure in quality:
                values = quality[measure].to_numpy()
                return cls(values, measure=measure).plot(kind=kind, ax=ax)
        raise ValueError(
            f"quality has the columns {list(quality.columns)}; pass what "
            "label_quality() returns."
        )

    def plot(
        self, *, kind: str = "histogram", ax: "Axes | None" = None
    ) -> "LabelQualityDisplay":
        """Draw the values.

        Parameters
        ----------
        kind : {"histogram", "sorted"}, default="histogram"
            Items by their value, or the values in ascending order.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : LabelQualityDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        ValueError
            If `kind` is unknown.
        """
        if kind not in KINDS:
            raise ValueError(f"kind={kind!r}; it must be 'histogram' or 'sorted'.")
        values = np.asarray(self.values, dtype=float)
        is_probability = self.measure == "consensus_probability"
        self.expected_wrong_ = float((1 - values).sum()) if is_probability else None
        self.figure_, self.ax_ = axes_of(ax, (6.0, 4.0))
        label = (
            "probability of the consensus" if is_probability else "standard deviation"
        )
        if kind == "histogram":
            self.ax_.hist(values, bins=20, color="C0", log=True)
            self.ax_.set(xlabel=label, ylabel="items (log scale)")
        else:
            self.ax_.plot(np.arange(1, len(values) + 1), np.sort(values), color="C0")
            self.ax_.set(xlabel="items, sorted", ylabel=label)
        self.ax_.set_title(self._title(len(values)))
        return self

    def _title(self, n_items: int) -> str:
        if self.expected_wrong_ is None:
            return f"{n_items} items"
        return f"{self.expected_wrong_:.3g} of {n_items} labels expected wrong"
