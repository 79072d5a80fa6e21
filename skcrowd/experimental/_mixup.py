"""Mixup: convex combinations of items and of their labels."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING, Any

import torch
from scipy import sparse

from skcrowd._sklearn_compat import Interval
from skcrowd.methods import RobustTraining
from skcrowd.training import SequenceRows
from skcrowd.training._multilabel_data import LabelRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import nn

    from skcrowd._typing import Features, FloatArray
    from skcrowd.annotators import LabelModel
    from skcrowd.methods import TrainingContext
    from skcrowd.training import CrowdNet


__all__ = ["Mixup"]


class Mixup(RobustTraining):
    """Train on convex combinations of pairs of items and of their labels.

    Parameters
    ----------
    alpha : float, default=1.0
        Both parameters of the Beta distribution of the share, drawn once a batch: the
        smaller, the nearer the combinations are to single items.

    Notes
    -----
    Each item of a pair keeps its weight. Predictions of the teacher are mixed as the
    labels are. Only dense features can be mixed: with sparse ones or sequences,
    training raises a ValueError.

    References
    ----------
    H. Zhang, M. Cisse, Y. Dauphin, D. Lopez-Paz. mixup: beyond empirical risk
    minimization. ICLR 2018, arXiv:1710.09412.

    Examples
    --------
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.experimental import Mixup
    >>> from skcrowd.methods import KDCrowd
    >>> CrowdClassifier(method=KDCrowd(robust=Mixup(alpha=0.4)))
    CrowdClassifier(method=KDCrowd(robust=Mixup(alpha=0.4)))
    """

    _parameter_constraints: dict[str, Any] = {
        "alpha": [Interval(Real, 0, None, closed="neither")]
    }

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha

    def train(
        self,
        context: TrainingContext,
        annotators: LabelModel,
        targets: FloatArray,
        *,
        penalties: Sequence[nn.Module] = (),
        extra_targets: dict[str, FloatArray] | None = None,
    ) -> CrowdNet:
        """Train on mixed batches."""
        _check_mixable(context.X)
        return context.train(
            annotators,
            train_on="targets",
            targets=targets,
            penalties=penalties,
            extra_targets=extra_targets,
            transform=_Mixing(self.alpha),
        )


def _check_mixable(X: Features) -> None:
    """Raise if features cannot be mixed."""
    form = "sequences" if isinstance(X, SequenceRows) else "rows of several labels"
    if sparse.issparse(X):
        form = "a sparse matrix"
    if sparse.issparse(X) or isinstance(X, (SequenceRows, LabelRows)):
        raise ValueError(
            f"robust='mixup' takes means of items, but X holds {form}; choose "
            "'early_learning', 'small_loss' or 'co_teaching', or None."
        )


class _Mixing:
    """Mix a batch with itself in another order."""

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def __call__(
        self, X: Features, batch: dict[str, torch.Tensor]
    ) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        """Draw a share and an order; mix features, labels and teacher predictions."""
        share = torch.distributions.Beta(self.alpha, self.alpha).sample().item()
        return mixed_batch(X, batch, share, torch.randperm(len(X)))


def mixed_batch(
    X: torch.Tensor, batch: dict[str, torch.Tensor], share: float, order: torch.Tensor
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Mix every item of a batch with another one.

    Parameters
    ----------
    X : Tensor of shape (n_batch, ...)
    batch : dict of Tensor
    share : float
        Weight of the first item of each pair.
    order : Tensor of shape (n_batch,)
        Second item of each pair.

    Returns
    -------
    X, batch
        The loss to the mixed labels is the sum of the pair's two losses, each with
        its share and its own item's weight.
    """

    def mix(values: Any) -> torch.Tensor:
        order_here = order.to(values.device)
        return share * values + (1 - share) * values[order_here]

    # A pair has weight m = λ w₁ + (1 - λ) w₂ and label (λ w₁ y₁ + (1 - λ) w₂ y₂) / m:
    # its cross-entropy, linear in the label, is then the sum of the two.
    weight = batch["item_weight"].expand(len(X))
    mass = mix(weight)
    per_mass = torch.where(mass > 0, 1 / mass, 0.0)[:, None]
    mixed: dict[str, torch.Tensor] = {
        name: mix(batch[name] * weight[:, None]) * per_mass
        for name in ("target", "teacher")
        if name in batch
    }
    if "repeats" in batch:
        mixed["repeats"] = mix(batch["repeats"])
    return mix(X), {**batch, **mixed, "item_weight": mass}
