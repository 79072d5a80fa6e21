"""Confusion matrices as probability tables: learned, or given."""

import itertools

import torch
from torch import nn

from skcrowd.annotators._base import AnnotatorModel

__all__ = ["ConfusionTable", "FixedConfusion"]


class _ProbabilityTable(AnnotatorModel):
    """log p(answer j) = log Σ_i p(truth i) Π^r[i, j]."""

    def log_confusion(self, annotator):
        """Log of the annotators' tables, shape (n_pairs, n_classes, n_classes)."""
        raise NotImplementedError

    def forward(self, log_truth, annotator):
        """Log-probability of every answer, shape (n_pairs, n_classes)."""
        joint = log_truth[:, :, None] + self.log_confusion(annotator)
        return joint.logsumexp(dim=1)

    def answer_log_likelihood(self, log_truth, annotator, answer):
        """Log-probability of the answers given, shape (n_pairs,).

        Each annotator's table is normalised once a batch, not once a pair.
        """
        met, place = torch.unique(annotator, return_inverse=True)
        by_answer = self.log_confusion(met).transpose(1, 2)
        by_answer = by_answer.reshape(-1, self.n_classes)
        log_given = nn.functional.embedding(place * self.n_classes + answer, by_answer)
        return (log_truth + log_given).logsumexp(dim=1)

    @torch.no_grad()
    def confusion(self):
        """Return the tables themselves, (n_annotators, n_classes, n_classes)."""
        device = next(itertools.chain(self.parameters(), self.buffers())).device
        everyone = torch.arange(self.n_annotators, device=device)
        return self.log_confusion(everyone).double().softmax(dim=2).cpu().numpy()


class ConfusionTable(_ProbabilityTable):
    """A confusion matrix an annotator, the row-wise softmax of free logits.

    Parameters
    ----------
    start : ndarray of shape (n_annotators, n_classes, n_classes)
        Confusions to start from; rows sum to 1.
    pseudo_counts : float, default=0.0
        Strength, per row, of a Dirichlet prior around the mean of `start`: an
        annotator with few answers keeps looking like the crowd (our choice).
    n_answers : ndarray of shape (n_annotators,), default=None
        Answers of each annotator, which the prior is spread over.

    References
    ----------
    S. Sukhbaatar et al. Training convolutional networks with noisy labels. 2015,
    arXiv:1406.2080. J. Goldberger, E. Ben-Reuven. Training deep neural networks
    using a noise adaptation layer. ICLR 2017.
    """

    prior: torch.Tensor
    share: torch.Tensor

    def __init__(self, start, *, prior=None, n_answers=None):
        super().__init__(*start.shape[:2])
        start = torch.as_tensor(start).float()
        self.add_table("logits", start.clamp_min(1e-3).log())
        self.has_prior = prior is not None
        if self.has_prior:
            self.register_buffer("prior", torch.as_tensor(prior).float())
            share = 1 / torch.as_tensor(n_answers).float().clamp_min(1)
            self.register_buffer("share", share)

    def penalty(self, annotator):
        """Cross-entropy of the crowd's rows to the annotators', (n_pairs,)."""
        if not self.has_prior:
            return 0.0
        met, place = torch.unique(annotator, return_inverse=True)
        per_annotator = -(self.log_confusion(met) * self.prior).sum(dim=(1, 2))
        return (per_annotator * self.share[met]).index_select(0, place)

    def log_confusion(self, annotator):
        """Log of the annotators' tables, shape (n_pairs, n_classes, n_classes)."""
        logits = self.rows("logits", annotator)
        return logits.view(-1, self.n_classes, self.n_classes).log_softmax(dim=2)


class FixedConfusion(_ProbabilityTable):
    """Confusion matrices that are given, and that closed-form updates replace.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        Rows sum to 1.
    """

    table: torch.Tensor

    def __init__(self, confusion):
        super().__init__(*confusion.shape[:2])
        self.register_buffer("table", torch.empty(confusion.shape))
        self.replace(confusion)

    def replace(self, confusion):
        """Take over new confusion matrices."""
        values = torch.as_tensor(confusion, dtype=self.table.dtype)
        tiny = torch.finfo(self.table.dtype).tiny
        self.table.copy_(values.clamp_min(tiny).log())

    def log_confusion(self, annotator):
        """Log of the annotators' tables, shape (n_pairs, n_classes, n_classes)."""
        return self.table[annotator]
