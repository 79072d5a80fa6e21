"""Several networks of one shape that are trained side by side."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import torch
from torch import nn

from skcrowd.backbones._tabular_net import GATE_RATE, TabularNet

__all__ = ["JointTabularNets"]


class JointTabularNets(nn.Module):
    """Networks that differ in their weights alone, on the same batches.

    What takes most of the time of a small network is not arithmetic but the number of
    operations. Their layers are computed together: first layers, whose input is the
    same, as one wide layer, the others as products of batches of matrices. Gates, which
    each network has, multiply the weights instead of the features.

    Parameters
    ----------
    nets : sequence of TabularNet
        Built with the same parameters.
    """

    def __init__(self, nets: Sequence[TabularNet]) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)

    @property
    def n_inputs(self) -> int:
        """Number of encoded features."""
        net: Any = self.nets[0]
        return len(net.encoding.source)

    def encoded(self, X: torch.Tensor) -> torch.Tensor:
        """Return the encoded features; see :class:`skcrowd.backbones.TabularNet`."""
        net: Any = self.nets[0]
        encoded: torch.Tensor = net.encoded(X)
        return encoded

    def forward(self, X: torch.Tensor, is_encoded: bool = False) -> torch.Tensor:
        """Return the scores of all networks, (n_items, n_networks, n_outputs)."""
        net: Any = self.nets[0]
        X = X if is_encoded else self.encoded(X)
        gates = None if net.gate_decay is None else self._stacked("gates")
        weights = [self._stacked("linear.weight")]
        scores = self._first_layers(X, weights[0], "linear", gates)
        if len(net.layers):
            weights.append(self._stacked("layers.0.weight"))
            X = net._dropped(X)
            hidden = self._first_layers(X, weights[1], "layers.0", gates)
            scores = scores + self._further_layers(hidden, weights)
        if net.ordered is not None:
            pairs: Any = zip(self.nets, scores, strict=True)
            scores = torch.stack([one.ordered(places) for one, places in pairs])
        scored: torch.Tensor = net._penalized(scores.transpose(0, 1), weights, gates)
        return scored

    def _further_layers(
        self, hidden: torch.Tensor, weights: list[torch.Tensor]
    ) -> torch.Tensor:
        """Apply the layers after the first one, and append their weights.

        Parameters
        ----------
        hidden : Tensor of shape (n_networks, n_items, n_units)
        weights : list of Tensor
        """
        net: Any = self.nets[0]
        for k, layer in enumerate(net.layers[1:], start=1):
            if not isinstance(layer, nn.Linear):
                hidden = layer(hidden)
                continue
            weights.append(self._stacked(f"layers.{k}.weight"))
            hidden = torch.bmm(hidden, weights[-1].transpose(1, 2))
            if layer.bias is not None:
                hidden = hidden + self._stacked(f"layers.{k}.bias")[:, None]
        return hidden

    def _stacked(self, name: str) -> torch.Tensor:
        """Return a parameter of all networks, (n_networks, ...)."""
        return torch.stack([*map(attrgetter(name), self.nets)])

    def _first_layers(
        self, X: torch.Tensor, weight: torch.Tensor, name: str, gates: Any
    ) -> torch.Tensor:
        """Apply a layer of each network to its input, (n_networks, n_items, n_units).

        Sparse inputs are centered in the output.
        """
        net: Any = self.nets[0]
        if gates is not None:
            weight = weight * GATE_RATE * gates[:, None, net.encoding.source]
        weight, bias = weight.flatten(0, 1), self._stacked(f"{name}.bias").flatten()
        units = nn.functional.linear(X, weight, bias)
        if X.is_sparse:
            center = (net.encoding.center / net.encoding.scale).to(X.dtype)
            units = units - nn.functional.linear(center, weight)
        return units.reshape(len(X), len(self.nets), -1).transpose(0, 1)
