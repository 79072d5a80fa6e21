"""Small-loss selection: train on the items of smallest loss in each batch."""

from __future__ import annotations

from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from skorch.callbacks import Callback

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.methods import RobustTraining

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from skcrowd._typing import FloatArray
    from skcrowd.annotators import LabelModel
    from skcrowd.methods import TrainingContext
    from skcrowd.training import CrowdNet


__all__ = ["SelectingTraining", "SmallLoss"]


class SelectingTraining(RobustTraining):
    """Base of the techniques that leave out the items of largest loss.

    Parameters
    ----------
    forget_rate : float or "auto", default="auto"
        Share of a batch that is left out. "auto" estimates the error rate of the
        targets, as 1 minus the mean of their largest probabilities.
    ramp_epochs : int, default=10
        Epochs over which the share grows from 0 to `forget_rate`, in equal steps.
    """

    _parameter_constraints: dict[str, Any] = {
        "forget_rate": [StrOptions({"auto"}), Interval(Real, 0, 1, closed="left")],
        "ramp_epochs": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self, forget_rate: str | float = "auto", ramp_epochs: int = 10
    ) -> None:
        self.forget_rate = forget_rate
        self.ramp_epochs = ramp_epochs

    def _rate(self, context: TrainingContext, targets: FloatArray) -> float:
        if self.forget_rate == "auto":
            return expected_error(context, targets)
        return float(self.forget_rate)


class SmallLoss(SelectingTraining):
    """Leave out the items of largest loss from every batch.

    A network fits right labels before wrong ones, so a large loss indicates a wrong
    label.

    Parameters
    ----------
    forget_rate : float or "auto", default="auto"
        Share of a batch that is left out. "auto" estimates the error rate of the
        targets, as 1 minus the mean of their largest probabilities.
    ramp_epochs : int, default=10
        Epochs over which the share grows from 0 to `forget_rate`, in equal steps.

    Notes
    -----
    As co-teaching, with one network that selects for itself. "auto" is our choice. The
    item at the threshold is kept with a part of its weight, so that the share is exact
    and an item of weight 2 is equivalent to two items.

    References
    ----------
    B. Han et al. Co-teaching: robust training of deep neural networks with extremely
    noisy labels. NeurIPS 2018, arXiv:1804.06872.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.experimental import SmallLoss
    >>> from skcrowd.methods import KDCrowd
    >>> CrowdClassifier(method=KDCrowd(robust=SmallLoss(forget_rate=0.2)))
    CrowdClassifier(method=KDCrowd(robust=SmallLoss(forget_rate=0.2)))
    """

    def train(
        self,
        context: TrainingContext,
        annotators: LabelModel,
        targets: FloatArray,
        *,
        penalties: Sequence[nn.Module] = (),
        extra_targets: dict[str, FloatArray] | None = None,
    ) -> CrowdNet:
        """Train on the items of smallest loss."""
        selection = Selection(self._rate(context, targets), self.ramp_epochs)
        return context.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=penalties,
            extra_targets=extra_targets,
            select=selection,
            callbacks=[("selection", selection)],
        )


def expected_error(context: TrainingContext, targets: FloatArray) -> float:
    """Return the expected error rate of the most probable labels.

    Parameters
    ----------
    context : TrainingContext
    targets : ndarray of shape (n_items, n_classes)

    Returns
    -------
    share : float
        Below 1.
    """
    return float(np.average(1 - targets.max(axis=1), weights=context.training_weight))


class Selection(Callback):
    """Selection of the items of a batch to learn from.

    Parameters
    ----------
    forget_rate : float
    ramp_epochs : int
    """

    def __init__(self, forget_rate: float, ramp_epochs: int) -> None:
        self.forget_rate = forget_rate
        self.ramp_epochs = ramp_epochs
        self.kept = 1.0

    def on_epoch_begin(self, net: CrowdNet, **kwargs: Any) -> None:
        """Lower the share that is kept."""
        done = min(len(net.history) / self.ramp_epochs, 1)
        self.kept = 1 - self.forget_rate * done

    def __call__(self, loss: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Return the weights of the items in this step, (..., n_items)."""
        return smallest(loss, weight, self.kept)


def smallest(loss: torch.Tensor, weight: Any, share: float) -> torch.Tensor:
    """Return weights that keep a share of the items, those of smallest loss.

    Parameters
    ----------
    loss : Tensor of shape (..., n_items)
    weight : Tensor of shape (n_items,) or scalar
    share : float
        Share of the total weight that is kept; positive.

    Returns
    -------
    weight : Tensor of shape (..., n_items)
        Their sum is that of the given weights.
    """
    weight = weight.expand(loss.shape)
    order = loss.argsort(dim=-1, stable=True)
    ranked = weight.gather(-1, order)
    smaller = ranked.cumsum(dim=-1) - ranked  # total weight of items of smaller loss
    remaining = share * ranked.sum(dim=-1, keepdim=True) - smaller
    kept = torch.minimum(remaining.clamp_min(0), ranked) / share
    return torch.zeros_like(weight).scatter(-1, order, kept)
