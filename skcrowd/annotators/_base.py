"""What every annotator model can do."""

import numpy as np
import torch
from torch import nn

__all__ = ["AnnotatorModel"]

# Tables with more entries than this get sparse gradients: a step then costs what
# the batch's annotators cost, not what all annotators cost.
SPARSE_FROM = 20_000


class AnnotatorModel(nn.Module):
    """Map log p(truth) and an annotator to log p(answer), for observed pairs only.

    A model joins by a file of its own and a line in ``ANNOTATOR_MODELS``. It
    implements :meth:`forward`; the rest follows.

    Parameters
    ----------
    n_annotators, n_classes : int
    """

    def __init__(self, n_annotators, n_classes):
        super().__init__()
        self.n_annotators = n_annotators
        self.n_classes = n_classes

    def add_table(self, name, start):
        """Register one row of parameters an annotator.

        Parameters
        ----------
        name : str
            Name of the parameter, of shape (n_annotators, start.numel()).
        start : Tensor
            The row every annotator starts with, or, with a leading dimension of
            n_annotators, one start each.
        """
        per_annotator = start.ndim > 1 and start.shape[0] == self.n_annotators
        rows = start if per_annotator else start.expand(self.n_annotators, *start.shape)
        rows = rows.reshape(self.n_annotators, -1).clone()
        self.register_parameter(name, nn.Parameter(rows))

    def rows(self, name, annotator):
        """Look up the parameters of the given annotators, (n_pairs, n_values)."""
        table = getattr(self, name)
        return nn.functional.embedding(annotator, table, sparse=self.is_sparse)

    @property
    def is_sparse(self):
        """Whether gradients are sparse, so that a sparse optimiser must step."""
        return sum(table.numel() for table in self.parameters()) > SPARSE_FROM

    def forward(self, log_truth, annotator):
        """Log-probability of every answer.

        Parameters
        ----------
        log_truth : Tensor of shape (n_pairs, n_classes)
            Log-probabilities of the truth of each pair's item.
        annotator : Tensor of shape (n_pairs,)
            Index of each pair's annotator.

        Returns
        -------
        log_answer : Tensor of shape (n_pairs, n_classes)
        """
        raise NotImplementedError

    def answer_log_likelihood(self, log_truth, annotator, answer):
        """Log-probability of the answers given, shape (n_pairs,)."""
        log_answer = self(log_truth, annotator)
        return log_answer.gather(1, answer[:, None])[:, 0]

    def penalty(self, annotator):
        """Negative log-prior of the pairs' annotators, spread over their answers.

        Added to each answer's negative log-likelihood; shape (n_pairs,) or a scalar.
        """
        return 0.0

    @torch.no_grad()
    def confusion(self):
        """Answer distribution for items that are certainly of each class.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
            ``[r, i, j]`` = P(r answers j | truth is i); rows sum to 1.
        """
        table = next(self.parameters())
        certain = torch.eye(self.n_classes, device=table.device, dtype=table.dtype)
        log_truth = certain.clamp_min(torch.finfo(table.dtype).tiny).log()
        annotator = torch.arange(self.n_annotators, device=table.device)
        pairs = self(
            log_truth.repeat(self.n_annotators, 1),
            annotator.repeat_interleave(self.n_classes),
        )
        shape = (self.n_annotators, self.n_classes, self.n_classes)
        confusion = pairs.double().softmax(dim=1).reshape(shape)
        return np.ascontiguousarray(confusion.cpu().numpy())
