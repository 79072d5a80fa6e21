"""Loss of training and of held-out items by epoch."""

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.inspection import insight
from skcrowd.plots._display import axes_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["TrainingHistoryDisplay"]


class TrainingHistoryDisplay:
    """Loss by epoch of the training items and, with early stopping, of held-out ones.

    Make it by :meth:`from_estimator`.

    Parameters
    ----------
    train_loss : array-like of shape (n_epochs,)
    valid_loss : array-like of shape (n_epochs,), default=None
        Of held-out items; None where none were held out.

    Attributes
    ----------
    figure_ : matplotlib Figure
    ax_ : matplotlib Axes

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from skcrowd.plots import TrainingHistoryDisplay
    >>> display = TrainingHistoryDisplay([1.0, 0.6, 0.5], [1.1, 0.8, 0.9]).plot()
    >>> [line.get_label() for line in display.ax_.lines]
    ['training items', 'held-out items']
    >>> plt.close(display.figure_)
    """

    def __init__(self, train_loss: Any, valid_loss: Any = None) -> None:
        self.train_loss = train_loss
        self.valid_loss = valid_loss

    @classmethod
    def from_estimator(
        cls, estimator: Any, *, ax: "Axes | None" = None
    ) -> "TrainingHistoryDisplay":
        """Draw the losses of a fit.

        Parameters
        ----------
        estimator : crowd estimator, Pipeline or search
            Fitted; of a pipeline or search the crowd estimator inside. ``history_``
            holds the losses.
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : TrainingHistoryDisplay
        """
        history = list(insight(estimator).estimator.history_)
        train = [epoch.get("train_loss", np.nan) for epoch in history]
        valid = [epoch.get("valid_loss", np.nan) for epoch in history]
        held_out = bool(np.isfinite(valid).any())
        return cls(train, valid if held_out else None).plot(ax=ax)

    def plot(self, *, ax: "Axes | None" = None) -> "TrainingHistoryDisplay":
        """Draw the losses.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            None makes a new figure.

        Returns
        -------
        display : TrainingHistoryDisplay
            The display itself.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        self.figure_, self.ax_ = axes_of(ax, (6.0, 4.0))
        losses = {"training items": self.train_loss, "held-out items": self.valid_loss}
        for label, loss in losses.items():
            if loss is not None:
                self.ax_.plot(np.arange(1, len(loss) + 1), loss, label=label)
        self.ax_.set(xlabel="epoch", ylabel="loss")
        self.ax_.legend()
        return self
