"""Regularisation by the mutual information of item and class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray
    from skcrowd.annotators._confusion_table import ProbabilityTable


__all__ = ["InformationMaximization", "batch_weights", "confidence"]


class InformationMaximization(nn.Module):
    """A penalty on the entropy of the predictions and on their mean.

    ``entropy_weight`` · mean H(p(z | x)) + ``prior_weight`` · CE(ρ, mean p(z | x)),
    both averages over the items of the batch. With ρ uniform and both weights 1 it is,
    but for a constant, the negative mutual information of item and class.

    Parameters
    ----------
    entropy_weight, prior_weight : float
    class_shares : ndarray of shape (n_classes,)
        ρ, all positive.
    confidence_power : float, default=0.0
        The penalty is multiplied by the share of the classes' entropy that the network
        explains, to this power: it has little effect on a network that is
        uncertain.

    References
    ----------
    J. S. Bridle, A. J. R. Heading, D. J. C. MacKay. Unsupervised classifiers, mutual
    information and 'phantom targets'. NIPS 1991. A. Krause, P. Perona, R. G. Gomes.
    Discriminative clustering by regularized information maximization. NIPS 2010. Other
    shares than uniform ones are our choice.
    """

    class_shares: torch.Tensor

    def __init__(
        self,
        entropy_weight: float,
        prior_weight: float,
        class_shares: FloatArray,
        confidence_power: float = 0.0,
    ) -> None:
        super().__init__()
        self.entropy_weight = entropy_weight
        self.prior_weight = prior_weight
        self.confidence_power = confidence_power
        self.register_buffer("class_shares", torch.as_tensor(class_shares).double())

    def forward(
        self,
        log_truth: torch.Tensor,
        batch: dict[str, torch.Tensor],
        annotators: ProbabilityTable,
    ) -> torch.Tensor:
        """Return the penalty, a number.

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_items)
        batch : dict of Tensor
        annotators : AnnotatorModel
        """
        truth, weight = log_truth.exp(), batch_weights(log_truth, batch)
        entropy = -(truth * log_truth).sum(dim=0) @ weight
        log_mean = (log_truth + weight.clamp_min(_tiny(weight)).log()).logsumexp(dim=1)
        penalty = -(self.class_shares.to(log_mean.dtype) @ log_mean)
        penalty = self.entropy_weight * entropy + self.prior_weight * penalty
        return penalty * confidence(entropy, self.class_shares, self.confidence_power)


def confidence(
    entropy: torch.Tensor, class_shares: torch.Tensor, power: float
) -> torch.Tensor:
    """Return the share of the classes' entropy that the network explains, to a power.

    ``(1 - H(z | x) / H(z)) ** power``

    Parameters
    ----------
    entropy : Tensor of shape ()
        Mean entropy of the predictions of single items.
    class_shares : Tensor of shape (n_classes,)
    power : float

    Returns
    -------
    confidence : Tensor of shape ()
        From 0 to 1, without a gradient.
    """
    total = -torch.special.xlogy(class_shares, class_shares).sum()
    explained = 1 - entropy.detach() / total.clamp_min(_tiny(total)).to(entropy.dtype)
    return explained.clamp(0, 1) ** power


def batch_weights(
    log_truth: torch.Tensor, batch: dict[str, torch.Tensor]
) -> torch.Tensor:
    """Return the weights of a batch's items, scaled to sum to 1, (n_items,)."""
    weight = batch["item_weight"].to(log_truth.dtype).expand(log_truth.shape[1])
    return weight / weight.sum()


def _tiny(values: Any) -> float:
    return torch.finfo(values.dtype).tiny
