"""A network of which each of several processes computes a part of every batch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from ._net import CrowdNet
    from ._process_group import ProcessGroup


__all__ = ["Replica", "trained_together"]


class Replica:
    """Call a network; in training so that gradients are averaged over processes.

    Parameters
    ----------
    module : torch.nn.Module
        Its weights are the same in all processes.
    group : ProcessGroup
    """

    def __init__(self, module: nn.Module, group: ProcessGroup) -> None:
        self.module = module
        self.group = group
        self._trained: list[bool] | None = None

    def __call__(self, *inputs: Any, **named: Any) -> torch.Tensor:
        """Return what the network returns for the part of this process."""
        network = self._averaged() if self.module.training else self.module
        with self.group.own_draws():
            scores: torch.Tensor = network(*inputs, **named)
        return scores

    def _averaged(self) -> nn.Module:
        """Return the wrapped network, anew where weights were frozen or unfrozen.

        DDP averages the gradients of the weights that were trained when it was built.
        """
        trained = [weight.requires_grad for weight in self.module.parameters()]
        if trained != self._trained:
            self._network = self.group.replicated(_WithSpare(self.module))
            self._trained = trained
        return self._network


class _WithSpare(nn.Module):
    """A network with one weight more, which is never used.

    DDP is to allow for weights that a batch leaves out, and warns where there are none.

    Parameters
    ----------
    module : torch.nn.Module
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        self.spare = nn.Parameter(next(module.parameters()).new_zeros(1))

    def forward(self, *inputs: Any, **named: Any) -> Any:
        """Return what the network returns."""
        return self.module(*inputs, **named)


@contextmanager
def trained_together(net: CrowdNet, group: ProcessGroup | None) -> Iterator[None]:
    """Let the processes of a group train a net together within the block.

    Before and after it weights and buffers are those of the first process, in all.

    Parameters
    ----------
    net : CrowdNet
        Initialized.
    group : ProcessGroup or None
        None trains in this process alone.
    """
    if group is None:
        yield
        return
    group.synchronize(_tensors(net))
    net.group_, net.replica_ = group, Replica(net.module_, group)
    try:
        yield
    finally:
        net.group_ = net.replica_ = None
    group.synchronize(_tensors(net))


def _tensors(net: CrowdNet) -> Iterator[torch.Tensor]:
    """Return parameters and buffers of network and annotator model."""
    for part in (net.module_, net.criterion_):
        yield from chain(part.parameters(), part.buffers())
