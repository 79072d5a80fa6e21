"""A classifier of the answers, trained together with the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from skcrowd.annotators._confusion_table import FixedConfusion

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["WeightedAggregator"]


class WeightedAggregator(FixedConfusion):
    """log p(truth | answers) = log prior + Σ_r W^r[:, answer of r], normalised.

    The likelihood of answers uses confusion matrices, which closed-form updates
    replace. They have no loss in training; W is trained by an information gain.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        Rows sum to 1. W starts at their logarithms, where this is Bayes' rule.
    prior : ndarray of shape (n_classes,)
        Shares of the classes.

    References
    ----------
    P. Cao, Y. Xu, Y. Kong, Y. Wang. Max-MIG: an information theoretic approach for
    joint learning from crowds. ICLR 2019, arXiv:1905.13436
    """

    log_prior: torch.Tensor

    @staticmethod
    def parameters_needed(n_annotators: int, n_classes: int) -> int:
        """Count W^r of every annotator."""
        return n_annotators * n_classes**2

    def __init__(self, confusion: FloatArray, prior: FloatArray) -> None:
        super().__init__(confusion)
        start = torch.as_tensor(confusion).float().clamp_min(1e-3).log()
        rows = start.transpose(1, 2).reshape(-1, self.n_classes)
        self.weight = nn.Parameter(rows.contiguous())
        self.rows_per_annotator["weight"] = self.n_classes
        self.register_buffer("log_prior", torch.as_tensor(prior).double().log())

    def loss(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Return zeros, (n_pairs,)."""
        return log_truth.new_zeros(len(answer))

    def aggregate(
        self,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        n_items: int,
    ) -> torch.Tensor:
        """Return log p(truth | answers), (n_classes, n_items)."""
        weight = self.columns("weight", annotator * self.n_classes + answer)
        prior = self.log_prior[:, None].expand(-1, n_items)
        return prior.index_add(1, item, weight).log_softmax(dim=0)
