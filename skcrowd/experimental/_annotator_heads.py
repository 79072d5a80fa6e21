"""One classification head for each annotator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from skcrowd.annotators._label_model import LabelModel

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray


__all__ = ["AnnotatorHeads"]

NUMBERS_AT_ONCE = 2**22  # parameters of heads that are gathered for pairs at once
PREDICTED_AT_ONCE = 1024  # items for which all heads are averaged at once


class AnnotatorHeads(LabelModel):
    """One head for each annotator: a linear layer and softmax.

    A head is the network's own last layer, which all annotators share, plus an offset
    of the annotator's own. A Gaussian prior shrinks the offsets to zero, so that
    annotators with few answers are like the crowd.

    Parameters
    ----------
    n_annotators, n_classes : int
    n_answers : ndarray of shape (n_annotators,)
        Number of answers of each annotator. The loss of each answer includes an equal
        part of the annotator's log-prior.
    shrinkage : float, default=1.0
        Inverse variance of the prior of an offset.

    Notes
    -----
    In training ``log_truth`` is the output of the shared layer. After training the
    network returns the average of the heads (``AveragedHeads``), and the output of the
    shared layer is appended to the features; :meth:`finalize` switches to that.

    References
    ----------
    M. Y. Guan, V. Gulshan, A. M. Dai, G. E. Hinton. Who said what: modeling individual
    labelers improves classification. AAAI 2018, arXiv:1703.08774.
    """

    answers_from_truth = False
    needs_features = True
    offset: torch.Tensor
    share: torch.Tensor
    table: torch.Tensor

    @staticmethod
    def parameters_needed(
        n_annotators: int, n_classes: int, n_features: int = 0
    ) -> int:
        """Return the number of offsets: for each class one a feature, and a bias."""
        return n_annotators * n_classes * (n_features + 1)

    @staticmethod
    def numbers_per_step(n_annotators: int, n_classes: int, n_pairs: int) -> int:
        """Return the number of outputs of all heads for the items predicted at once."""
        return 6 * n_annotators * n_classes * PREDICTED_AT_ONCE

    def __init__(
        self,
        n_annotators: int,
        n_classes: int,
        n_answers: Array,
        shrinkage: float = 1.0,
    ) -> None:
        super().__init__(n_annotators, n_classes)
        self.shrinkage = shrinkage
        self.is_final = False
        n_each = torch.as_tensor(n_answers).float()
        share = torch.where(n_each > 0, 1 / n_each, 0.0)
        self.register_buffer("share", share)
        uniform = torch.full((n_annotators, n_classes, n_classes), 1 / n_classes)
        self.register_buffer("table", uniform, persistent=False)

    def build(self, n_features: int) -> None:
        """Create the offsets; the last input is the constant 1.

        Parameters
        ----------
        n_features : int
        """
        self.add_table("offset", torch.zeros(self.n_classes * (n_features + 1)))

    def finalize(self, confusion: FloatArray) -> None:
        """Expect the shared log-probabilities appended to the features from now on.

        Parameters
        ----------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
            Mean answers of the heads to items of each class, used where the features
            of an item are unknown.
        """
        self.is_final = True
        self.table.copy_(torch.as_tensor(confusion))

    def forward(
        self,
        log_truth: torch.Tensor,
        annotator: torch.Tensor,
        features: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the log-probability of every answer, shape (n_classes, n_pairs).

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_pairs)
        annotator : Tensor of shape (n_pairs,)
        features : Tensor of shape (n_pairs, n_features), default=None
        """
        if features is None:
            tiny = torch.finfo(self.table.dtype).tiny
            log_confusion = self.table[annotator].clamp_min(tiny).log()
            return (log_truth[:, None] + log_confusion.permute(1, 2, 0)).logsumexp(0)
        step = max(1, NUMBERS_AT_ONCE // self.offset.shape[1])
        parts = log_truth.split(step, 1), annotator.split(step), features.split(step)
        answers = [self._answers(*part)[0] for part in zip(*parts, strict=True)]
        return torch.cat(answers, dim=1)

    def answer_log_likelihood(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        features: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the log-probability of the given answers, shape (n_pairs,)."""
        if features is not None:
            features = features.index_select(0, item)
        log_answer = self(log_truth.index_select(1, item), annotator, features)
        return log_answer.gather(0, answer[None])[0]

    def loss(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        features: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return minus log-likelihood and log-prior of each answer, (n_pairs,)."""
        assert features is not None
        pairs = log_truth.index_select(1, item), annotator, features[item]
        log_answer, penalty = self._answers(*pairs)
        prior = self.shrinkage / 2 * self.share.index_select(0, annotator) * penalty
        return prior - log_answer.gather(0, answer[None])[0]

    def _answers(
        self, shared: torch.Tensor, annotator: torch.Tensor, features: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return log-probabilities (n_classes, n_pairs), squared norms (n_pairs,)."""
        if self.is_final:
            features, shared = split_features(features, self.n_classes)
        ones = features.new_ones(len(features), 1)
        inputs = torch.cat([features, ones], dim=1)[:, :, None]
        offset = nn.functional.embedding(annotator, self.offset, sparse=self.is_sparse)
        own = torch.bmm(offset.view(-1, self.n_classes, inputs.shape[1]), inputs)
        logits = shared + own[:, :, 0].t()
        return logits.log_softmax(dim=0), (offset**2).sum(dim=1)

    @torch.no_grad()
    def offsets(self, annotators: torch.Tensor) -> torch.Tensor:
        """Return the offsets of some annotators, their last column the bias.

        Parameters
        ----------
        annotators : Tensor of shape (n_heads,)

        Returns
        -------
        offsets : Tensor of shape (n_heads, n_classes, n_features + 1)
        """
        return self.offset[annotators].view(len(annotators), self.n_classes, -1)

    def confusion(self) -> FloatArray:
        """Return the mean answer of each head to items of each class.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        """
        return self.confusion_of(range(self.n_annotators))

    def confusion_of(self, annotators: Any) -> FloatArray:
        """Return the same for some annotators, (n_some, n_classes, n_classes)."""
        table = self.table[torch.tensor(annotators)].double()
        return (table / table.sum(dim=2, keepdim=True)).cpu().numpy()


def split_features(
    features: torch.Tensor, n_classes: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Split features with appended log-probabilities.

    Parameters
    ----------
    features : Tensor of shape (n_items, n_features + n_classes)
    n_classes : int

    Returns
    -------
    features : Tensor of shape (n_items, n_features)
    log_shared : Tensor of shape (n_classes, n_items)
    """
    return features[:, :-n_classes], features[:, -n_classes:].t()
