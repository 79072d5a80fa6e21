"""Prior knowledge of annotators as a penalty, where they are trained by gradient."""

import numpy as np
import torch
from torch import nn

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

    def __init__(self, counts, n_answers):
        super().__init__()
        self.n_answers = n_answers
        counts = torch.as_tensor(np.asarray(counts))
        annotator = counts.flatten(1).any(dim=1).nonzero()[:, 0]
        self.register_buffer("annotator", annotator)
        self.register_buffer("counts", counts[annotator])

    def forward(self, truth, batch, annotators):
        """Return the penalty, a number; it does not depend on the batch.

        Parameters
        ----------
        truth : Tensor
        batch : dict of Tensor
        annotators : AnnotatorModel
        """
        counts = self.counts.to(truth.dtype)
        return annotators.prior_loss(self.annotator, counts) / self.n_answers
