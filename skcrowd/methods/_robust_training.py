"""Base of the techniques that train a network on noisy labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sklearn.base import BaseEstimator

if TYPE_CHECKING:
    from torch import nn

    from skcrowd._typing import FloatArray
    from skcrowd.annotators import LabelModel
    from skcrowd.training import CrowdNet

    from ._training_context import TrainingContext


__all__ = ["RobustTraining"]


class RobustTraining(BaseEstimator):
    """Train a network on noisy labels; the base class has no special technique.

    The techniques of ``skcrowd.experimental.ROBUST_TRAINING`` derive from it.
    """

    _parameter_constraints: dict[str, Any] = {}

    def train(
        self,
        context: TrainingContext,
        annotators: LabelModel,
        targets: FloatArray,
        *,
        penalties: Sequence[nn.Module] = (),
        extra_targets: dict[str, FloatArray] | None = None,
    ) -> CrowdNet:
        """Train a network with skorch.

        Parameters
        ----------
        context : TrainingContext
        annotators : LabelModel
            Scores held-out answers; it is not trained.
        targets : ndarray of shape (n_items, n_classes)
            Probabilities of the classes.
        penalties, extra_targets
            See :meth:`TrainingContext.train`.

        Returns
        -------
        net : CrowdNet

        Raises
        ------
        ValueError
            If the technique does not support the features.
        """
        return context.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=penalties,
            extra_targets=extra_targets,
        )
