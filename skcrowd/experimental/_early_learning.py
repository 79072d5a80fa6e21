"""Early-learning regularisation."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from skorch.callbacks import Callback
from torch import nn

from skcrowd._sklearn_compat import Interval
from skcrowd.methods import RobustTraining
from skcrowd.methods._information_maximization import batch_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from skcrowd._typing import FloatArray
    from skcrowd.annotators import FixedConfusion, LabelModel
    from skcrowd.methods import TrainingContext
    from skcrowd.training import CrowdNet


__all__ = ["EarlyLearning"]

MOST = 1 - 1e-4  # upper bound of probabilities, so that logarithms are finite


class EarlyLearning(RobustTraining):
    """Regularise the network towards the running mean of its own predictions.

    A network learns the right labels first and memorises the wrong ones later. The term
    weight · mean log(1 - p · t) is added to the cross-entropy, where t is the running
    mean of the predictions p for an item.

    Parameters
    ----------
    weight : float, default=3.0
        Weight of the term; the mean loss to the labels has weight 1.
    momentum : float, default=0.7
        Factor of the running mean in an update; the prediction has the rest.

    References
    ----------
    S. Liu, J. Niles-Weed, N. Razavian, C. Fernandez-Granda. Early-learning
    regularization prevents memorization of noisy labels. NeurIPS 2020,
    arXiv:2007.00151.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.experimental import EarlyLearning
    >>> from skcrowd.methods import KDCrowd
    >>> CrowdClassifier(method=KDCrowd(robust=EarlyLearning(weight=1.0)))
    CrowdClassifier(method=KDCrowd(robust=EarlyLearning(weight=1.0)))
    """

    _parameter_constraints: dict[str, Any] = {
        "weight": [Interval(Real, 0, None, closed="neither")],
        "momentum": [Interval(Real, 0, 1, closed="left")],
    }

    def __init__(self, weight: float = 3.0, momentum: float = 0.7) -> None:
        self.weight = weight
        self.momentum = momentum

    def train(
        self,
        context: TrainingContext,
        annotators: LabelModel,
        targets: FloatArray,
        *,
        penalties: Sequence[nn.Module] = (),
        extra_targets: dict[str, FloatArray] | None = None,
    ) -> CrowdNet:
        """Train with running targets."""
        own = RunningTargets(targets.shape, self.weight, self.momentum)
        return context.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=(*penalties, own),
            extra_targets={**(extra_targets or {}), "row": np.arange(len(targets))},
            callbacks=[("running_targets", _Forget(own))],
        )


class RunningTargets(nn.Module):
    """The penalty, with the running mean of every item.

    Parameters
    ----------
    shape : tuple
        (n_items, n_classes).
    weight, momentum : float
    """

    mean: torch.Tensor

    def __init__(self, shape: tuple[int, int], weight: float, momentum: float) -> None:
        super().__init__()
        self.weight = weight
        self.momentum = momentum
        self.register_buffer("mean", torch.zeros(shape), persistent=False)

    def forward(
        self,
        log_truth: torch.Tensor,
        batch: dict[str, torch.Tensor],
        annotators: FixedConfusion | None,
    ) -> torch.Tensor:
        """Update the means of a batch, and return the penalty, a number."""
        row = batch["row"]
        proba = log_truth.exp().clamp(1 - MOST, MOST)
        now = proba.detach() / proba.detach().sum(dim=0)
        mean = self.momentum * self.mean[row].t() + (1 - self.momentum) * now
        self.mean[row] = mean.t().to(self.mean.dtype)
        log_distance = (1 - (mean * proba).sum(dim=0)).clamp_min(1 - MOST).log()
        return self.weight * (log_distance @ batch_weights(log_truth, batch))

    def forget(self) -> None:
        """Drop the means of the items."""
        self.mean = self.mean.new_zeros(0, self.mean.shape[1])


class _Forget(Callback):
    """Drop the running means when training ends: they are as large as the data."""

    def __init__(self, penalty: RunningTargets) -> None:
        self.penalty = penalty

    def on_train_end(self, net: CrowdNet, **kwargs: Any) -> None:
        """Drop the means."""
        self.penalty.forget()
