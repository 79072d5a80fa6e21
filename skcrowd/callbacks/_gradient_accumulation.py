"""One step of the optimiser for several batches."""

from __future__ import annotations

from numbers import Integral
from typing import Any

from skorch.callbacks import Callback

__all__ = ["GradientAccumulation"]


class GradientAccumulation(Callback):
    """Take one step of the optimisers for the mean gradient of several batches.

    The effect is that of a larger batch, without its memory; batch normalisation still
    sees the small ones. The last step of an epoch takes the batches that are left.
    Clipping of gradients, and callbacks with ``on_grad_computed``, act once a step.

    Parameters
    ----------
    n_batches : int, default=2
        Batches for a step.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.callbacks import GradientAccumulation
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [[0, 0], [0, -1], [1, 0], [1, 1]]
    >>> clf = CrowdClassifier(
    ...     batch_size=2, max_epochs=2, callbacks=[GradientAccumulation(2)]
    ... ).fit(X, y)
    """

    def __init__(self, n_batches: int = 2) -> None:
        self.n_batches = n_batches

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Tell the net how many batches to accumulate.

        Raises
        ------
        ValueError
            If `n_batches` is not a positive integer.
        """
        if not isinstance(self.n_batches, Integral) or self.n_batches < 1:
            raise ValueError(
                f"n_batches must be a positive integer, got {self.n_batches!r}."
            )
        net.batches_per_step = int(self.n_batches)

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Let the net step after each batch again."""
        net.batches_per_step = 1
