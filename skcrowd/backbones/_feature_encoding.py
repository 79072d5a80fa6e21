"""Clipping, scaling and piecewise-linear encoding of features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from skcrowd.backbones._mlp import as_row

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike


__all__ = ["FeatureEncoding", "with_values"]

LARGEST = float(np.finfo(np.float32).max)  # no bound


class FeatureEncoding(nn.Module):
    """Clip and scale features, and encode them piecewise linearly.

    Nothing is trained.

    Parameters
    ----------
    n_features : int
    center, scale, lower, upper, edges : ndarray or None
        See :class:`skcrowd.backbones.TabularNet`.

    Attributes
    ----------
    source : int64 Tensor of shape (n_inputs,)
        The feature of each input: first every feature itself, then those of the bins.
    """

    center: torch.Tensor
    scale: torch.Tensor
    lower: torch.Tensor
    upper: torch.Tensor
    source: torch.Tensor
    bin_left: torch.Tensor
    bin_width: torch.Tensor

    def __init__(
        self,
        n_features: int,
        center: ArrayLike | None = None,
        scale: ArrayLike | None = None,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
        edges: ArrayLike | None = None,
    ) -> None:
        super().__init__()
        self.register_buffer("center", as_row(center, n_features, "center"))
        self.register_buffer("scale", as_row(scale, n_features, "scale"))
        self.register_buffer("lower", _as_bound(lower, n_features, -LARGEST))
        self.register_buffer("upper", _as_bound(upper, n_features, LARGEST))
        feature, left, width = _bins(edges, n_features)
        source = np.concatenate([np.arange(n_features), feature])
        self.register_buffer("source", torch.as_tensor(source))
        self.register_buffer("bin_left", torch.as_tensor(left))
        self.register_buffer("bin_width", torch.as_tensor(width))

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Return the inputs of a network, (n_items, n_inputs), sparse if X is."""
        if X.is_sparse:
            X = X.coalesce()
            return with_values(X, X.values() / self.scale.to(X.dtype)[X.indices()[1]])
        X = X.flatten(1).clamp(self.lower.to(X.dtype), self.upper.to(X.dtype))
        X = (X - self.center.to(X.dtype)) / self.scale.to(X.dtype)
        if not len(self.bin_left):
            return X
        encoded = X[:, self.source[X.shape[1] :]]
        # share of the bin that lies below the value, less a half
        encoded = (encoded - self.bin_left.to(X.dtype)) / self.bin_width.to(X.dtype)
        return torch.cat([X, encoded.clamp(0, 1) - 0.5], dim=1)


def with_values(X: torch.Tensor, values: torch.Tensor) -> torch.Tensor:
    """Replace the stored values of a coalesced sparse tensor."""
    return torch.sparse_coo_tensor(
        X.indices(), values, X.shape, is_coalesced=True, check_invariants=False
    )


def _as_bound(
    values: ArrayLike | None, n_features: int, default: float
) -> torch.Tensor:
    """Read one end of the ranges of the features, (n_features,)."""
    if values is None:
        return torch.full((n_features,), default, dtype=torch.float64)
    row = np.ravel(np.asarray(values, dtype=np.float64))
    if len(row) != n_features or np.isnan(row).any():
        raise ValueError(
            f"lower and upper must hold a number for each of {n_features} features, "
            f"got {values!r}."
        )
    return torch.as_tensor(row)


def _bins(edges: ArrayLike | None, n_features: int) -> Any:
    """Return feature, left edge and width of every bin that is not empty."""
    if edges is None:
        edges = np.zeros((n_features, 1))
    edges = np.asarray(edges, dtype=np.float64)
    if edges.ndim != 2 or len(edges) != n_features or not np.isfinite(edges).all():
        raise ValueError(
            f"edges must hold a row of finite numbers for each of {n_features} "
            f"features, got {edges!r}."
        )
    width = np.diff(edges, axis=1)
    feature, position = np.nonzero(width > 0)
    return feature, edges[feature, position], width[feature, position]
