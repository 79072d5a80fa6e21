"""Input of the last layer of a network."""

import threading

from torch import nn

__all__ = ["LastFeatures"]


class LastFeatures:
    """Store the input of a network's last linear layer, per thread.

    Parameters
    ----------
    module : torch.nn.Module
        Any network whose last layer with parameters is a :class:`torch.nn.Linear`.

    Attributes
    ----------
    width : int
        Number of features.
    seen : Tensor of shape (..., width)
        Features of the last batch of the calling thread.

    Raises
    ------
    ValueError
        If the network does not end in a linear layer.
    """

    def __init__(self, module):
        layers = [
            m
            for m in module.modules()
            if any(True for _ in m.parameters(recurse=False))
        ]
        if not layers or not isinstance(layers[-1], nn.Linear):
            last = type(layers[-1]).__name__ if layers else "no layer with weights"
            raise ValueError(
                "the method needs the input of the network's last layer, which must "
                f"be an nn.Linear, but module {type(module).__name__} ends in {last}; "
                "end it in an nn.Linear, or choose another method."
            )
        self.width = layers[-1].in_features
        self._of_thread = threading.local()
        layers[-1].register_forward_pre_hook(self)

    def __call__(self, layer, inputs):
        """Store the input; a forward pre-hook of torch."""
        self.seen = inputs[0]

    @property
    def seen(self):
        """Features of the last batch of the calling thread; None before the first."""
        return getattr(self._of_thread, "seen", None)

    @seen.setter
    def seen(self, features):
        self._of_thread.seen = features

    def __getstate__(self):
        return {"width": self.width}

    def __setstate__(self, state):
        self.width = state["width"]
        self._of_thread = threading.local()
