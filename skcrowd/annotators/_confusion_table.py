"""Confusion matrices as probability tables, trained or given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from skcrowd.aggregation import LazyConfusion
from skcrowd.annotations._memory import is_large
from skcrowd.annotators._counted import CountedAnnotators
from skcrowd.annotators._label_model import LabelModel

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = [
    "ConfusionTable",
    "FixedConfusion",
    "ProbabilityTable",
    "given_annotators",
    "near_identity",
]

START_DIAGONAL = 0.8


class ProbabilityTable(LabelModel):
    """log p(answer j) = log Σ_i p(truth i) Π^r[i, j]."""

    def log_confusion(self, annotator: torch.Tensor) -> torch.Tensor:
        """Log of the annotators' tables, [true, answered, annotator]."""
        raise NotImplementedError

    def forward(self, log_truth: torch.Tensor, annotator: torch.Tensor) -> torch.Tensor:
        """Log-probability of every answer, shape (n_classes, n_pairs)."""
        joint = log_truth[:, None] + self.log_confusion(annotator)
        return joint.logsumexp(dim=0)

    def answer_log_likelihood(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Log-probability of the observed answers, shape (n_pairs,).

        Each annotator's table is normalised once a batch, not once a pair.
        """
        distinct, index = self._distinct(annotator)
        log_confusion = self.log_confusion(distinct)
        return _log_likelihood(log_truth, item, log_confusion, index, answer)

    def _distinct(self, annotator: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the distinct annotators of a batch, and the index of each pair's."""
        if self.n_annotators <= len(annotator):
            return torch.arange(self.n_annotators, device=annotator.device), annotator
        return torch.unique(annotator, return_inverse=True)

    @staticmethod
    def numbers_per_step(n_annotators: int, n_classes: int, n_pairs: int) -> int:
        """Count the tables of the annotators of a batch, their gradients, and pairs."""
        n_distinct = min(n_annotators, n_pairs)
        return 4 * n_classes**2 * n_distinct + 4 * n_classes * n_pairs

    def confusion(self) -> FloatArray:
        """Return the tables themselves, (n_annotators, n_classes, n_classes)."""
        if is_large(self.n_annotators, self.n_classes, self.n_classes):
            return super().confusion()
        return self.confusion_of(range(self.n_annotators))

    @torch.no_grad()
    def confusion_of(self, annotators: Any) -> FloatArray:
        """Return the tables of some annotators, (n_some, n_classes, n_classes)."""
        some = torch.tensor(annotators, device=self.device)
        confusion = self.log_confusion(some).double().softmax(dim=1)
        return confusion.permute(2, 0, 1).contiguous().cpu().numpy()


def _log_likelihood(
    log_truth: torch.Tensor,
    item: torch.Tensor,
    log_confusion: torch.Tensor,
    index: torch.Tensor,
    answer: torch.Tensor,
) -> torch.Tensor:
    """Log-probability of answers, from tables [true, answered, annotator]."""
    n_classes, _, n_distinct = log_confusion.shape
    by_answer = log_confusion.reshape(n_classes, -1)
    log_given = by_answer.index_select(1, answer * n_distinct + index)
    return (log_truth.index_select(1, item) + log_given).logsumexp(dim=0)


class ConfusionTable(ProbabilityTable):
    """One confusion matrix for each annotator, the row-wise softmax of free logits.

    Parameters
    ----------
    n_annotators, n_classes : int
    start : ndarray of shape (n_annotators, n_classes, n_classes), default=None
        Confusions to start from; rows sum to 1. By default 0.8 on the diagonal.
    prior : ndarray of shape (n_classes, n_classes), default=None
        Pseudo-counts of a Dirichlet prior that all annotators share. It shrinks the
        confusions of annotators with few answers to those of the crowd.
    n_answers : ndarray of shape (n_annotators,), default=None
        Number of answers of each annotator. Each of them carries an equal part of the
        annotator's log-prior.

    References
    ----------
    S. Sukhbaatar et al. Training convolutional networks with noisy labels. 2015,
    arXiv:1406.2080. J. Goldberger, E. Ben-Reuven. Training deep neural networks
    using a noise adaptation layer. ICLR 2017.

    Examples
    --------
    >>> from skcrowd.annotators import ConfusionTable
    >>> model = ConfusionTable(n_annotators=5, n_classes=3)
    >>> model.confusion().shape
    (5, 3, 3)
    """

    prior: torch.Tensor
    share: torch.Tensor

    @staticmethod
    def parameters_needed(n_annotators: int, n_classes: int) -> int:
        """Count a table an annotator."""
        return n_annotators * n_classes**2

    def __init__(
        self,
        n_annotators: int,
        n_classes: int,
        *,
        start: Any = None,
        prior: Any = None,
        n_answers: Any = None,
    ) -> None:
        super().__init__(n_annotators, n_classes)
        start = near_identity(n_classes) if start is None else torch.as_tensor(start)
        logits = start.float().clamp_min(1e-3).log()
        self.add_table("logits", logits.reshape(-1, n_classes**2))
        self.has_prior = prior is not None
        if self.has_prior:
            self.register_buffer("prior", torch.as_tensor(prior).float())
            n_answers = torch.as_tensor(n_answers).float()
            share = torch.where(n_answers > 0, 1 / n_answers, 1.0)
            self.register_buffer("share", share)

    def loss(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Negative log-likelihood and log-prior of each answer, (n_pairs,)."""
        distinct, index = self._distinct(annotator)
        log_confusion = self.log_confusion(distinct)
        loss = -_log_likelihood(log_truth, item, log_confusion, index, answer)
        if not self.has_prior:
            return loss
        penalty = -(log_confusion * self.prior[:, :, None]).sum(dim=(0, 1))
        return loss + (penalty * self.share[distinct]).index_select(0, index)

    def log_confusion(self, annotator: torch.Tensor) -> torch.Tensor:
        """Log of the annotators' tables, [true, answered, annotator]."""
        logits = self.columns("logits", annotator)
        return logits.view(self.n_classes, self.n_classes, -1).log_softmax(dim=1)


def near_identity(n_classes: int) -> torch.Tensor:
    """Return a confusion matrix with 0.8 on the diagonal."""
    off_diagonal = (1 - START_DIAGONAL) / max(n_classes - 1, 1)
    return torch.full((n_classes, n_classes), off_diagonal).fill_diagonal_(
        START_DIAGONAL if n_classes > 1 else 1.0
    )


class FixedConfusion(ProbabilityTable):
    """Given confusion matrices, which closed-form updates replace.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        Rows sum to 1.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.annotators import FixedConfusion
    >>> model = FixedConfusion(np.array([[[0.9, 0.1], [0.2, 0.8]]]))
    >>> model.confusion().round(1)
    array([[[0.9, 0.1],
            [0.2, 0.8]]])
    """

    table: torch.Tensor

    def __init__(self, confusion: FloatArray) -> None:
        super().__init__(*confusion.shape[:2])
        self.register_buffer("table", torch.empty(confusion.shape).double())
        self.replace(confusion)

    def replace(self, confusion: FloatArray) -> None:
        """Replace the confusion matrices."""
        values = torch.as_tensor(confusion, dtype=self.table.dtype)
        tiny = torch.finfo(self.table.dtype).tiny
        self.table.copy_(values.clamp_min(tiny).log())

    def log_confusion(self, annotator: torch.Tensor) -> torch.Tensor:
        """Log of the annotators' tables, [true, answered, annotator]."""
        return self.table[annotator].permute(1, 2, 0)


def given_annotators(confusion: Any) -> LabelModel:
    """Return the annotator model of confusion matrices that are given.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
            CountedConfusion

    Returns
    -------
    annotators : FixedConfusion or CountedAnnotators
    """
    is_lean = isinstance(confusion, LazyConfusion)
    return CountedAnnotators(confusion) if is_lean else FixedConfusion(confusion)
