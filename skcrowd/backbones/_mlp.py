"""A multilayer perceptron."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

__all__ = ["MLP"]


class MLP(nn.Module):
    """Scores for every class from a vector of features; images are flattened.

    Parameters
    ----------
    n_features : int
        Number of features of an item, all dimensions multiplied.
    n_classes : int
    hidden : sequence of int, default=(128,)
        Units of the hidden layers, with ReLU between them.
    dropout : float, default=0.0
        Share of hidden units dropped in training.
    input_dropout : float, default=0.0
        Share of features dropped in training.
    center, scale : ndarray of shape (n_features,), default=None
        Subtracted from the features, and what they are divided by. Not trained.

    Examples
    --------
    >>> import torch
    >>> from skcrowd.backbones import MLP
    >>> MLP(n_features=12, n_classes=3)(torch.zeros(5, 3, 4)).shape
    torch.Size([5, 3])
    """

    def __init__(
        self,
        n_features,
        n_classes,
        hidden=(128,),
        dropout=0.0,
        input_dropout=0.0,
        center=None,
        scale=None,
    ):
        super().__init__()
        self.is_scaling = center is not None or scale is not None
        self.register_buffer("center", _row(center, n_features, np.zeros))
        self.register_buffer("scale", _row(scale, n_features, np.ones))
        layers: list[nn.Module] = [nn.Dropout(input_dropout)] if input_dropout else []
        widths = [n_features, *hidden]
        for n_in, n_out in pairwise(widths):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
            layers += [nn.Dropout(dropout)] if dropout else []
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], n_classes))

    def forward(self, X):
        """Scores before softmax, shape (n_items, n_classes)."""
        X = X.flatten(1)
        if self.is_scaling:
            X = (X - self.center.to(X.dtype)) / self.scale.to(X.dtype)
        return self.layers(X)


def _row(values, n_features, default):
    values = default(n_features) if values is None else values
    return torch.as_tensor(np.asarray(values, dtype=np.float64)).reshape(-1)
