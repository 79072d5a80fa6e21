"""A multilayer perceptron."""

from itertools import pairwise
from typing import cast

import numpy as np
import torch
from torch import nn

__all__ = ["MLP", "as_row"]


class MLP(nn.Module):
    """Scores from a vector of features; images are flattened.

    Parameters
    ----------
    n_features : int
        Number of features of an item, all dimensions multiplied.
    n_outputs : int
        Number of scores: one a class, or one for a number.
    hidden : sequence of int, default=(128,)
        Units of the hidden layers, with ReLU between them.
    dropout : float, default=0.0
        Share of hidden units dropped in training.
    input_dropout : float, default=0.0
        Share of features dropped in training.
    center, scale : ndarray of shape (n_features,), default=None
        Subtracted from the features, and what they are divided by. Not trained.

    Notes
    -----
    Features may be a sparse tensor, as skcrowd makes of a scipy sparse ``X``; nothing
    is made dense, and the scores are the same (but for ``input_dropout``, which then
    drops stored values only).

    Examples
    --------
    >>> import torch
    >>> from skcrowd.backbones import MLP
    >>> MLP(n_features=12, n_outputs=3)(torch.zeros(5, 3, 4)).shape
    torch.Size([5, 3])
    """

    center: torch.Tensor
    scale: torch.Tensor

    def __init__(
        self,
        n_features,
        n_outputs,
        hidden=(128,),
        dropout=0.0,
        input_dropout=0.0,
        center=None,
        scale=None,
    ):
        super().__init__()
        self.is_scaling = center is not None or scale is not None
        self.register_buffer("center", as_row(center, n_features, torch.zeros))
        self.register_buffer("scale", as_row(scale, n_features, torch.ones))
        self.input_dropout = nn.Dropout(input_dropout)
        layers: list[nn.Module] = []
        widths = [n_features, *hidden]
        for n_in, n_out in pairwise(widths):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
            layers += [nn.Dropout(dropout)] if dropout else []
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], n_outputs))

    def forward(self, X):
        """Scores, shape (n_items, n_outputs); of classes before softmax."""
        if X.is_sparse:
            return self.layers[1:](self._first_of_sparse(X.coalesce()))
        X = X.flatten(1)
        if self.is_scaling:
            X = (X - self.center.to(X.dtype)) / self.scale.to(X.dtype)
        return self.layers(self.input_dropout(X))

    def _first_of_sparse(self, X):
        """First layer: the centre is taken off its output, so that X stays sparse."""
        first = cast(nn.Linear, self.layers[0])
        scale = self.scale.to(X.dtype)
        values = X.values() / scale[X.indices()[1]]
        scaled = torch.sparse_coo_tensor(
            X.indices(),
            self.input_dropout(values),
            X.shape,
            is_coalesced=True,
            check_invariants=False,
        )
        centre = nn.functional.linear(self.center.to(X.dtype) / scale, first.weight)
        return torch.sparse.mm(scaled, first.weight.t()) + (first.bias - centre)


def as_row(values, n_features, default):
    if values is None:
        return default(n_features, dtype=torch.float64)
    return torch.as_tensor(np.asarray(values, dtype=np.float64)).reshape(-1)
