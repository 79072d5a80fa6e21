"""Co-teaching: two networks select the training items of each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from skcrowd.experimental._small_loss import SelectingTraining, Selection
from skcrowd.experimental._twin import PerTwin, twin_factory

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from torch import nn

    from skcrowd._typing import FloatArray
    from skcrowd.annotators import LabelModel
    from skcrowd.methods import TrainingContext
    from skcrowd.training import CrowdNet


__all__ = ["CoTeaching"]


class CoTeaching(SelectingTraining):
    """Train two networks, each on the items on which the other one has a small loss.

    The errors of two networks differ, so each one filters wrong labels that the other
    has fitted.

    Parameters
    ----------
    forget_rate : float or "auto", default="auto"
        Share of a batch that is left out. "auto" estimates the error rate of the
        targets, as 1 minus the mean of their largest probabilities.
    ramp_epochs : int, default=10
        Epochs over which the share grows from 0 to `forget_rate`, in equal steps.

    Notes
    -----
    Both networks are one module of one skorch net. After training the mean of their
    probabilities is the prediction. Where the module is an instance, the last layer of
    the second network is initialised again. These, and "auto", are our choice.

    References
    ----------
    B. Han et al. Co-teaching: robust training of deep neural networks with extremely
    noisy labels. NeurIPS 2018, arXiv:1804.06872.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.experimental import CoTeaching
    >>> from skcrowd.methods import KDCrowd
    >>> CrowdClassifier(method=KDCrowd(robust=CoTeaching(ramp_epochs=5)))
    CrowdClassifier(method=KDCrowd(robust=CoTeaching(ramp_epochs=5)))
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
        """Train both networks at once."""
        selection = CrossSelection(self._rate(context, targets), self.ramp_epochs)
        both = replace(context, factory=twin_factory(context.factory))
        return both.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=[PerTwin(penalty) for penalty in penalties],
            extra_targets=extra_targets,
            select=selection,
            callbacks=[("selection", selection)],
        )


class CrossSelection(Selection):
    """Selection of the items of each network by the losses of the other."""

    def __call__(self, loss: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        """Weigh the items of each network by the losses of the other, (2, n_items)."""
        return super().__call__(loss.flip(0), weight)
