"""Each answer from the common confusion or from the annotator's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from skcrowd.annotators._confusion_table import ProbabilityTable, near_identity

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["CommonNoise"]


class CommonNoise(ProbabilityTable):
    """p(answer j) = Σ_i p(truth i) (g C[i, j] + (1 − g) Π^r[i, j]).

    C is the common confusion, Π^r the annotator's. The gate g = sigmoid(⟨u^r, v_n⟩)
    depends on annotator and item: u^r is a free parameter, v_n is linear in the inputs
    of the network's last layer, scaled to a length below 1. Without features the gate
    is :attr:`gate`.

    Parameters
    ----------
    n_annotators, n_classes : int
    start : ndarray of shape (n_annotators, n_classes, n_classes), default=None
        The annotators' own confusions at the start; rows sum to 1. By default 0.8 on
        the diagonal.
    common_start : ndarray of shape (n_classes, n_classes), default=None
        The common confusion at the start; the same by default.
    n_embedding : int, default=20
        Length of u^r and v_n.
    distance_weight : float, default=0.0
        Weight of the Frobenius distance between the annotator's table and the common
        one, which is subtracted from the loss of each answer.

    Attributes
    ----------
    gate : Tensor of shape (n_classes, n_annotators)
        Probability of the common confusion by the truth of an item, used without
        features. Set after training, so it is no part of the ``state_dict``.

    Notes
    -----
    Both confusions are probability tables, softmaxes of free logits. The authors' code
    mixes unnormalised weights, and takes the softmax of the mixture; with tables it is
    a mixture of probabilities, and the distance is bounded. u^r starts at
    0, where the gate is ½. The authors' code also normalises u^r to length 1, which
    keeps the gate between .27 and .73.

    References
    ----------
    Z. Chu, J. Ma, H. Wang. Learning from crowds by modeling common confusions. AAAI
    2021, arXiv:2012.13052
    """

    needs_features = True
    gate: torch.Tensor

    @staticmethod
    def parameters_needed(
        n_annotators: int, n_classes: int, n_embedding: int = 20, n_features: int = 0
    ) -> int:
        """Count one table for each annotator, the common one, and embeddings."""
        tables = (n_annotators + 1) * n_classes**2
        return tables + n_embedding * (n_annotators + n_features)

    @staticmethod
    def numbers_per_step(n_annotators: int, n_classes: int, n_pairs: int) -> int:
        """Count the tables of the annotators of a batch, their gradients, and pairs."""
        n_distinct = min(n_annotators, n_pairs)
        return 6 * n_classes**2 * n_distinct + 8 * n_classes * n_pairs

    def __init__(
        self,
        n_annotators: int,
        n_classes: int,
        *,
        start: FloatArray | None = None,
        common_start: FloatArray | None = None,
        n_embedding: int = 20,
        distance_weight: float = 0.0,
    ) -> None:
        super().__init__(n_annotators, n_classes)
        self.n_embedding = n_embedding
        self.distance_weight = distance_weight
        self.add_table("individual", self._logits(start))
        self.common = nn.Parameter(self._logits(common_start).reshape(1, -1).clone())
        gate = torch.full((n_classes, n_annotators), 0.5)
        self.register_buffer("gate", gate, persistent=False)

    def _logits(self, start: FloatArray | None) -> torch.Tensor:
        """Return the flat logits of given initial tables, or of the default."""
        identity = near_identity(self.n_classes)
        table = identity if start is None else torch.as_tensor(start).float()
        return table.clamp_min(1e-3).log().flatten(start_dim=-2)

    def build(self, n_features: int) -> None:
        """Create the embeddings, for items with a number of features.

        Parameters
        ----------
        n_features : int
        """
        self.add_table("annotator_embedding", torch.zeros(self.n_embedding))
        start = torch.randn(self.n_embedding, n_features) / max(n_features, 1) ** 0.5
        self.item_embedding = nn.Parameter(start)

    def gate_logit(
        self, features: torch.Tensor, item: torch.Tensor, annotator: torch.Tensor
    ) -> torch.Tensor:
        """Log-odds of the common confusion, shape (1, n_pairs).

        Parameters
        ----------
        features : Tensor of shape (n_items, n_units)
        item, annotator : Tensor of shape (n_pairs,)
        """
        rows = torch.arange(self.n_embedding, device=features.device)
        embedded = self.columns("item_embedding", rows).t() @ features.t()
        # v = z / sqrt(1 + |z|²) is shorter than 1, and smooth at 0.
        embedded = embedded / (1 + (embedded**2).sum(dim=0)).sqrt()
        of_annotator = self.columns("annotator_embedding", annotator)
        return (of_annotator * embedded.index_select(1, item)).sum(dim=0)[None]

    def forward(
        self,
        log_truth: torch.Tensor,
        annotator: torch.Tensor,
        features: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Log-probability of every answer, shape (n_classes, n_pairs).

        Takes features with one row a pair, (n_pairs, n_units), or none.
        """
        if features is None:
            return super().forward(log_truth, annotator)
        pair = torch.arange(len(annotator), device=annotator.device)
        log_gates = _log_gates(self.gate_logit(features, pair, annotator))
        joint = log_truth[:, None] + self._mixed(log_gates, annotator)
        return joint.logsumexp(dim=0)

    def log_confusion(self, annotator: torch.Tensor) -> torch.Tensor:
        """Log of the tables without features, [true, answered, annotator]."""
        return self._mixed(_log_gates(self.gate[:, annotator].logit()), annotator)

    def answer_log_likelihood(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        features: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Log-probability of the observed answers, shape (n_pairs,)."""
        tables = self._tables(annotator)
        given = self._given(tables, item, annotator, answer, features)
        return (log_truth.index_select(1, item) + given).logsumexp(dim=0)

    def loss(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        features: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Negative log-likelihood of each answer minus the distance, (n_pairs,)."""
        tables = common, individual, index = self._tables(annotator)
        given = self._given(tables, item, annotator, answer, features)
        loss = -(log_truth.index_select(1, item) + given).logsumexp(dim=0)
        if not self.distance_weight:
            return loss
        difference = individual.exp() - common.exp()[:, :, None]
        distance = torch.linalg.vector_norm(difference, dim=(0, 1))
        return loss - self.distance_weight * distance.index_select(0, index)

    def given_log_likelihood(
        self,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        features: torch.Tensor,
    ) -> torch.Tensor:
        """Log-probability of the answers given each class, (n_classes, n_pairs)."""
        tables = self._tables(annotator)
        return self._given(tables, item, annotator, answer, features)

    def _given(
        self,
        tables: tuple[torch.Tensor, torch.Tensor, torch.Tensor],
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
        features: torch.Tensor | None,
    ) -> torch.Tensor:
        common, individual, index = tables
        if features is None:
            logit = self.gate[:, annotator].logit()
        else:
            logit = self.gate_logit(features, item, annotator)
        log_gate, log_rest = _log_gates(logit)
        n_distinct = individual.shape[2]
        by_answer = individual.reshape(self.n_classes, -1)
        own = by_answer.index_select(1, answer * n_distinct + index)
        shared = common.index_select(1, answer)
        return torch.logaddexp(log_gate + shared, log_rest + own)

    def _mixed(
        self, log_gates: tuple[torch.Tensor, torch.Tensor], annotator: torch.Tensor
    ) -> torch.Tensor:
        """Log of the mixed tables, [true, answered, pair]."""
        log_gate, log_rest = (values[:, None] for values in log_gates)
        shared, own = self._log_common()[:, :, None], self._log_individual(annotator)
        return torch.logaddexp(log_gate + shared, log_rest + own)

    def _tables(
        self, annotator: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Log of both tables of the annotators of a batch, and each pair's index."""
        distinct, index = self._distinct(annotator)
        return self._log_common(), self._log_individual(distinct), index

    def _log_common(self) -> torch.Tensor:
        """Log of the common table, [true, answered]."""
        row = torch.zeros(1, dtype=torch.int64, device=self.device)
        logits = self.columns("common", row)
        return logits.view(self.n_classes, self.n_classes).log_softmax(dim=1)

    def _log_individual(self, annotator: torch.Tensor) -> torch.Tensor:
        """Log of the annotators' own tables, [true, answered, annotator]."""
        logits = self.columns("individual", annotator)
        return logits.view(self.n_classes, self.n_classes, -1).log_softmax(dim=1)


def _log_gates(logit: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-probabilities of the common and of the individual confusion."""
    return nn.functional.logsigmoid(logit), nn.functional.logsigmoid(-logit)
