"""One noise layer over the answers of all annotators jointly, given the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from skcrowd.annotators._label_model import LabelModel

if TYPE_CHECKING:
    pass


__all__ = ["UnionScores", "UnionTable"]


class _Union(LabelModel):
    """The pair of annotator and answer as one of n_annotators · n_classes outcomes.

    Parameters
    ----------
    n_annotators, n_classes : int
    n_answers : ndarray of shape (n_annotators,), default=None
        Number or weight of the answers of each annotator; by default equal for all.
        Annotators without answers are left out of the union. The logarithm of an
        annotator's share is added to their scores, so that the initial
        probability that an annotator answers is their share.
    """

    log_share: torch.Tensor

    @staticmethod
    def parameters_needed(n_annotators: int, n_classes: int) -> int:
        """Count one score for each truth, annotator and answer."""
        return n_annotators * n_classes**2

    def __init__(
        self, n_annotators: int, n_classes: int, *, n_answers: Any = None
    ) -> None:
        super().__init__(n_annotators, n_classes)
        weight = torch.ones(n_annotators) if n_answers is None else n_answers
        share = torch.as_tensor(weight).double()
        self.register_buffer("log_share", (share / share.sum()).log())

    def _scores(self) -> torch.Tensor:
        """All entries of the layer, [true, answered, annotator]."""
        everyone = torch.arange(self.n_annotators, device=self.device)
        return self._scores_of(everyone)

    def _scores_of(self, annotator: torch.Tensor) -> torch.Tensor:
        scores = self.columns("scores", annotator)
        return scores.view(self.n_classes, self.n_classes, -1)


class UnionTable(_Union):
    """UnionNet-B: T[i, (r, j)] = p(r answers, and answers j | truth i).

    T is the softmax of free scores over all answers of all annotators. Given that r
    answers, the answer is j with probability Σ_i p_i T[i, (r, j)] over its sum over j.

    Parameters
    ----------
    n_annotators, n_classes : int
    start : ndarray of shape (n_annotators, n_classes, n_classes)
        Confusions to start from; rows sum to 1.
    n_answers : ndarray of shape (n_annotators,), default=None
        Number or weight of the answers of each annotator; by default equal for all.
        Annotators without answers are left out of the union.

    References
    ----------
    H. Wei, R. Xie, L. Feng, B. Han, B. An. Deep learning from multiple noisy
    annotators as a union. IEEE TNNLS 34(12), 2023. doi:10.1109/TNNLS.2022.3168696
    """

    def __init__(
        self,
        n_annotators: int,
        n_classes: int,
        *,
        start: Any,
        n_answers: Any = None,
    ) -> None:
        super().__init__(n_annotators, n_classes, n_answers=n_answers)
        scores = torch.as_tensor(start).float().clamp_min(1e-3).log()
        self.add_table("scores", scores.reshape(n_annotators, -1))

    @staticmethod
    def numbers_per_step(n_annotators: int, n_classes: int, n_pairs: int) -> int:
        """Count the whole layer with the shares, and gradients."""
        return 5 * n_annotators * n_classes**2 + 4 * n_classes * n_pairs

    def forward(self, log_truth: torch.Tensor, annotator: torch.Tensor) -> torch.Tensor:
        """Log-probability of every answer, given that the annotator answers."""
        log_score = log_truth - self._log_total(self._scores())[:, None]
        joint = (log_score[:, None] + self._scores_of(annotator)).logsumexp(dim=0)
        return joint.log_softmax(dim=0)

    def loss(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Negative log-probability of annotator and answer, (n_pairs,)."""
        scores = self._scores()
        log_score = log_truth - self._log_total(scores)[:, None]
        by_answer = (scores + self.log_share).reshape(self.n_classes, -1)
        given = by_answer.index_select(1, answer * self.n_annotators + annotator)
        return -(log_score.index_select(1, item) + given).logsumexp(dim=0)

    def _log_total(self, scores: torch.Tensor) -> torch.Tensor:
        """Log of the sum over all answers of all annotators, (n_classes,)."""
        return (scores + self.log_share).logsumexp(dim=(1, 2))


class UnionScores(_Union):
    """UnionNet-A: the softmax over all answers of all annotators of their scores W p.

    W starts at the identity for every annotator. Given that r answers, the
    answer has the softmax of W^r p, as with the crowd layer's matrices.

    Parameters
    ----------
    n_annotators, n_classes : int
    n_answers : ndarray of shape (n_annotators,), default=None
        Number or weight of the answers of each annotator; by default equal for all.
        Annotators without answers are left out of the union.

    Notes
    -----
    The normalising sum over all answers differs between items: a step costs
    n_annotators · n_classes² for every item.

    References
    ----------
    H. Wei, R. Xie, L. Feng, B. Han, B. An. Deep learning from multiple noisy
    annotators as a union. IEEE TNNLS 34(12), 2023. doi:10.1109/TNNLS.2022.3168696
    """

    def __init__(
        self, n_annotators: int, n_classes: int, *, n_answers: Any = None
    ) -> None:
        super().__init__(n_annotators, n_classes, n_answers=n_answers)
        self.add_table("scores", torch.eye(n_classes).reshape(-1))

    @staticmethod
    def numbers_per_step(n_annotators: int, n_classes: int, n_pairs: int) -> int:
        """Count the layer, the scores of all answers to each item, and gradients."""
        return n_annotators * n_classes * (3 * n_classes + 4 * n_pairs)

    def forward(self, log_truth: torch.Tensor, annotator: torch.Tensor) -> torch.Tensor:
        """Log-probability of every answer, given that the annotator answers."""
        truth = log_truth.exp()
        scores = (truth[:, None] * self._scores_of(annotator)).sum(dim=0)
        return scores.log_softmax(dim=0)

    def loss(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Negative log-probability of annotator and answer, (n_pairs,)."""
        weights = self._scores().reshape(self.n_classes, -1)
        share = self.log_share.repeat(self.n_classes)
        scores = weights.t() @ log_truth.exp() + share[:, None]
        place = answer * self.n_annotators + annotator
        return scores.logsumexp(dim=0)[item] - scores[place, item]
