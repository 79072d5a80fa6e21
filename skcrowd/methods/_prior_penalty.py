"""Prior knowledge of annotators as a penalty, where they are trained by gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

if TYPE_CHECKING:
    from skcrowd.annotators import LabelModel


__all__ = ["PriorAnswers"]


class PriorAnswers(nn.Module):
    """A penalty: the loss of answers of the annotators to other items of known truth.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, ...)
        See ``SideInformation``.
    n_answers : float
        Number of answers of the fit; the loss of a batch is a mean over answers.
    """

    counts: torch.Tensor
    annotator: torch.Tensor

    def __init__(self, counts: Any, n_answers: float) -> None:
        super().__init__()
        self.n_answers = n_answers
        table = torch.as_tensor(np.asarray(counts))
        annotator = table.flatten(1).any(dim=1).nonzero()[:, 0]
        self.register_buffer("annotator", annotator)
        self.register_buffer("counts", table[annotator])

    def forward(
        self,
        truth: torch.Tensor,
        batch: dict[str, torch.Tensor],
        annotators: LabelModel,
    ) -> torch.Tensor:
        """Return the penalty, a number; it does not depend on the batch.

        Parameters
        ----------
        truth : Tensor
        batch : dict of Tensor
        annotators : AnnotatorModel
        """
        counts = self.counts.to(truth.dtype)
        return annotators.prior_loss(self.annotator, counts) / self.n_answers
