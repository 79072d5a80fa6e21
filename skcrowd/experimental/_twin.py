"""Two networks trained together, as one module of one skorch net."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from skcrowd.training._outputs import ClassScores, LabelScores
from skcrowd.training._sequence_net import takes_lengths

if TYPE_CHECKING:
    from skcrowd._typing import Features, IntArray
    from skcrowd.annotators import FixedConfusion
    from skcrowd.training import NetFactory


__all__ = ["PerTwin", "Twin", "TwinScores", "twin_factory"]


class Twin(nn.Module):
    """Two networks: separate scores in training, averaged probabilities in prediction.

    Parameters
    ----------
    network : torch.nn.Module class or instance, or callable
        A class is built twice. An instance is copied twice, and the last layer of the
        second copy is initialised again, because two equal networks select the same
        items.
    **parameters
        Parameters of a class.
    """

    def __init__(self, network: Any, **parameters: Any) -> None:
        super().__init__()
        if isinstance(network, nn.Module):
            self.first, self.second = deepcopy(network), deepcopy(network)
            _reset_last_layer(self.second)
        else:
            self.first, self.second = network(**parameters), network(**parameters)

    @property
    def to_resume(self) -> Any:
        """The network that a later fit resumes from."""
        return self.first

    def forward(self, X: Features, lengths: IntArray | None = None) -> torch.Tensor:
        """Score items.

        Returns
        -------
        scores : Tensor of shape (..., 2 * n_classes) or (..., n_classes)
            In training both networks' scores, else the log of their mean probability.
        """
        both = [self._score(net, X, lengths) for net in (self.first, self.second)]
        if self.training:
            return torch.cat(both, dim=-1)
        log_proba = torch.stack([scores.log_softmax(dim=-1) for scores in both])
        return log_proba.logsumexp(dim=0) - math.log(2)

    @staticmethod
    def _score(network: Any, X: Features, lengths: IntArray | None) -> torch.Tensor:
        given = lengths is not None and takes_lengths(network)
        return network(X, lengths) if given else network(X)


def _reset_last_layer(network: Any) -> None:
    """Initialise the last layer with weights again."""
    layers = [
        module
        for module in network.modules()
        if hasattr(module, "reset_parameters")
        and any(p.ndim > 1 for p in module.parameters(recurse=False))
    ]
    if not layers and any(True for _ in network.parameters()):
        raise ValueError(
            f"co-teaching needs two different networks, but module "
            f"{type(network).__name__} has no layer whose weights can be reset; "
            "pass its class, or choose another technique."
        )
    for last in layers[-1:]:
        last.reset_parameters()


class TwinScores(ClassScores):
    """Read the class scores of a :class:`Twin`.

    In training the truth is (n_classes, 2, n_items), and so the losses (2, n_items).

    Parameters
    ----------
    n_classes : int
    """

    def truth(self, scores: torch.Tensor) -> torch.Tensor:
        """Return log-probabilities, (n_classes, 2, n_items) or (n_classes, n_items)."""
        if scores.shape[1] == self.n_classes:
            return super().truth(scores)
        both = scores.t().reshape(2, self.n_classes, -1).transpose(0, 1)
        return both.contiguous().log_softmax(dim=0)

    def target_loss(
        self, log_truth: torch.Tensor, target: torch.Tensor
    ) -> torch.Tensor:
        """Return the cross-entropy of each network to soft labels, (2, n_items)."""
        return -(target.t()[:, None] * log_truth).sum(dim=0)


class PerTwin(nn.Module):
    """A penalty on each of two networks.

    Parameters
    ----------
    penalty : torch.nn.Module
        See :class:`skcrowd.training.CrowdLoss`.
    """

    def __init__(self, penalty: Any) -> None:
        super().__init__()
        self.penalty = penalty

    def forward(
        self,
        log_truth: torch.Tensor,
        batch: dict[str, torch.Tensor],
        annotators: FixedConfusion,
    ) -> torch.Tensor:
        """Return the sum of both, from log-probabilities (n_classes, 2, n_items)."""
        first, second = log_truth.unbind(dim=1)
        return self.penalty(first, batch, annotators) + self.penalty(
            second, batch, annotators
        )


def twin_factory(factory: NetFactory) -> NetFactory:
    """Return a factory of nets with two networks of the user's kind.

    Parameters
    ----------
    factory : NetFactory
        One whose networks return class scores.

    Returns
    -------
    factory : NetFactory
    """
    if isinstance(factory.output, LabelScores):
        raise ValueError(
            "robust='co_teaching' learns one label an item, but the answers are sets "
            "of labels; choose 'early_learning' or 'small_loss', or None."
        )
    output = TwinScores(factory.output.n_classes)
    module = factory.module if factory.start_from is None else factory.start_from
    if isinstance(module, nn.Module):
        return replace(
            factory.fresh(),
            module=Twin(module),
            routed={
                k: v for k, v in factory.routed.items() if not k.startswith("module__")
            },
            output=output,
        )
    if "module__network" in factory.routed:
        raise ValueError(
            "co-teaching cannot pass on module__network, a name that it uses itself; "
            "rename the parameter of your module, or fix it with functools.partial."
        )
    routed = {**factory.routed, "module__network": factory.module}
    return replace(factory, module=Twin, output=output, routed=routed)
