"""A multilayer perceptron."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike


__all__ = ["MLP", "as_row", "check_widths"]


class MLP(nn.Module):
    """Scores from a vector of features; images are flattened.

    Parameters
    ----------
    n_features : int
        Number of features of an item, all dimensions multiplied.
    n_outputs : int
        Number of scores: one per class, or one for a number.
    hidden : sequence of int, default=(128,)
        Units of the hidden layers, with ReLU between them.
    dropout : float, default=0.0
        Share of hidden units dropped in training.
    input_dropout : float, default=0.0
        Share of features dropped in training.
    center, scale : ndarray of shape (n_features,), default=None
        Features are centered by `center`, then divided by `scale`. Not trained.

    Raises
    ------
    ValueError
        If a hidden layer has no units, `center` is not finite, or `scale` not positive.

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
        n_features: int,
        n_outputs: int,
        hidden: Sequence[int] = (128,),
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        center: ArrayLike | None = None,
        scale: ArrayLike | None = None,
    ) -> None:
        super().__init__()
        check_widths(hidden=hidden)
        self.is_scaling = center is not None or scale is not None
        self.register_buffer("center", as_row(center, n_features, "center"))
        self.register_buffer("scale", as_row(scale, n_features, "scale"))
        self.input_dropout = nn.Dropout(input_dropout)
        layers: list[nn.Module] = []
        widths = [n_features, *hidden]
        for n_in, n_out in pairwise(widths):
            layers += [nn.Linear(n_in, n_out), nn.ReLU()]
            layers += [nn.Dropout(dropout)] if dropout else []
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], n_outputs))

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return scores, (n_items, n_outputs); of classes before softmax."""
        if X.is_sparse:
            return self.layers[1:](self._first_of_sparse(X.coalesce()))
        X = X.flatten(1)
        if self.is_scaling:
            X = (X - self.center.to(X.dtype)) / self.scale.to(X.dtype)
        return self.layers(self.input_dropout(X))

    def _first_of_sparse(self, X: torch.Tensor) -> torch.Tensor:
        """Return the output of the first layer; centering its output keeps X sparse."""
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


def check_widths(**layers: Any) -> None:
    """Raise if a layer has no units, for which torch only warns.

    Parameters
    ----------
    **layers : int or sequence of int
        Widths by the name of the parameter.
    """
    for name, widths in layers.items():
        for width in np.ravel(np.asarray(widths, dtype=object)):
            is_count = isinstance(width, Integral) and not isinstance(width, bool)
            if not is_count or width < 1:
                raise ValueError(
                    f"{name} must be positive integers, the units of each layer; got "
                    f"{width!r} in {widths!r}."
                )


def as_row(
    values: ArrayLike | float | None, n_features: int, name: Literal["center", "scale"]
) -> torch.Tensor:
    """Read the center or the scale of features.

    Parameters
    ----------
    values : array-like of shape (n_features,), number or None
    n_features : int
    name : {"center", "scale"}

    Returns
    -------
    row : float64 Tensor of shape (n_features,), or (1,)

    Raises
    ------
    ValueError
        If there are no such numbers.
    """
    if values is None:
        make = torch.zeros if name == "center" else torch.ones
        return make(n_features, dtype=torch.float64)
    try:
        row = np.ravel(np.asarray(values, dtype=np.float64))
    except (TypeError, ValueError):
        row = np.array([np.nan])
    is_right = np.isfinite(row) & ((row > 0) if name == "scale" else True)
    if len(row) not in (1, n_features) or not is_right.all():
        raise ValueError(
            f"{name} must hold a finite{' positive' * (name == 'scale')} number for "
            f"each of {n_features} features, got {values!r}."
        )
    return torch.as_tensor(row)
