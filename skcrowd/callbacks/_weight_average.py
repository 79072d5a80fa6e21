"""Exponential moving average of the weights of the network."""

from __future__ import annotations

from typing import Any

import torch
from skorch.callbacks import Callback

__all__ = ["WeightAverage"]


class WeightAverage(Callback):
    """Predict with an exponential moving average of the network's weights.

    After each batch every weight of the average moves towards that of the network, by
    ``1 - decay``, less in the first batches (Polyak and Juditsky 1992; Tarvainen and
    Valpola 2017). Training goes on with the weights themselves; all that happens
    between epochs is done with the average: the held-out loss, the best epoch that
    ``early_stopping=True`` keeps, and what methods infer about the truth. In the end
    the average is left. The annotator model is not averaged.

    Parameters
    ----------
    decay : float, default=0.99
        Share of the old average that is kept in a step, in [0, 1).

    References
    ----------
    B. Polyak, A. Juditsky. Acceleration of stochastic approximation by averaging. SIAM
    Journal on Control and Optimization 30(4), 1992, doi:10.1137/0330046

    A. Tarvainen, H. Valpola. Mean teachers are better role models. NeurIPS 2017,
    arXiv:1703.01780

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.callbacks import WeightAverage
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [[0, 0], [0, -1], [1, 0], [1, 1]]
    >>> clf = CrowdClassifier(max_epochs=2, callbacks=[WeightAverage(0.9)]).fit(X, y)
    """

    def __init__(self, decay: float = 0.99) -> None:
        self.decay = decay

    def on_train_begin(self, net: Any, **kwargs: Any) -> None:
        """Begin with the weights as they are.

        Raises
        ------
        ValueError
            If `decay` is not in [0, 1).
        """
        if not 0 <= self.decay < 1:
            raise ValueError(f"decay must be in [0, 1), got {self.decay!r}.")
        self.other_ = [weight.detach().clone() for weight in _weights(net)]
        self.n_steps_ = 0
        self.is_average_ = False  # whether the network has it, and `other_` the weights

    def on_batch_begin(self, net: Any, training: bool = False, **kwargs: Any) -> None:
        """Train with the weights, and validate with the average."""
        self._show(net, average=not training)

    def on_batch_end(self, net: Any, training: bool = False, **kwargs: Any) -> None:
        """Move the average towards the weights."""
        if not training:
            return
        self.n_steps_ += 1
        decay = min(self.decay, self.n_steps_ / (9 + self.n_steps_))
        with torch.no_grad():
            for average, weight in zip(self.other_, _weights(net), strict=True):
                average.lerp_(weight, 1 - decay)

    def on_epoch_end(self, net: Any, **kwargs: Any) -> None:
        """Let all that follows use the average."""
        self._show(net, average=True)

    def on_train_end(self, net: Any, **kwargs: Any) -> None:
        """Leave the average in the network."""
        self._show(net, average=True)

    def _show(self, net: Any, *, average: bool) -> None:
        """Exchange weights and average, unless the network has what is wanted."""
        if average == self.is_average_:
            return
        with torch.no_grad():
            for own, other in zip(_weights(net), self.other_, strict=True):
                own.data, other.data = other.data, own.data
        self.is_average_ = average

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint needs beside the network."""
        return {
            "n_steps": self.n_steps_,
            "is_average": self.is_average_,
            "other": dict(enumerate(self.other_)),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        self.n_steps_, self.is_average_ = state["n_steps"], state["is_average"]
        for k, values in enumerate(self.other_):
            values.copy_(state["other"][k])

    def __getstate__(self) -> dict[str, Any]:
        return {"decay": self.decay}


def _weights(net: Any) -> list[torch.nn.Parameter]:
    """Return the parameters of the network."""
    return list(net.module_.parameters())
