"""Confusion matrices from embeddings of the annotators, which can be mixed."""

from __future__ import annotations

import math

import torch
from torch import nn

from skcrowd.annotators._confusion_table import ProbabilityTable

__all__ = ["EmbeddedAnnotators"]


class EmbeddedAnnotators(ProbabilityTable):
    """A network that maps an annotator's embedding to a confusion matrix.

    The loss also takes convex combinations of the embeddings of two annotators.

    Parameters
    ----------
    n_annotators, n_classes : int
    units : int, default=16
        Length of an embedding, and units of the hidden layer.
    eta : float, default=0.9
        Diagonal of the confusion matrices before training, up to the contribution of
        the untrained layers.

    Notes
    -----
    All embeddings start at zero, so that all annotators are alike before training.

    References
    ----------
    M. Herde, L. Lührs, D. Huseljic, B. Sick. Annot-Mix: learning with noisy class
    labels from multiple annotators via a mixup extension. ECAI 2024,
    doi:10.3233/FAIA240829, arXiv:2405.03386.
    """

    embedding: torch.Tensor

    @staticmethod
    def parameters_needed(n_annotators: int, n_classes: int, units: int = 16) -> int:
        """Count one embedding for each annotator, and the two layers."""
        layers = units * (units + 1) + (units + 1) * n_classes**2
        return n_annotators * units + layers

    @staticmethod
    def numbers_per_step(n_annotators: int, n_classes: int, n_pairs: int) -> int:
        """Count a table for each answer, normalised, with the truth, and gradients."""
        return 14 * n_classes**2 * n_pairs

    def __init__(
        self, n_annotators: int, n_classes: int, units: int = 16, eta: float = 0.9
    ) -> None:
        super().__init__(n_annotators, n_classes)
        self.add_table("embedding", torch.zeros(units))
        self._add_layer("hidden", units, units)
        self._add_layer("output", units, n_classes**2)
        # The softmax of (log odds, 0, ..., 0) begins with odds / (odds + K - 1) = eta.
        odds = eta * max(n_classes - 1, 1) / (1 - eta)
        start = math.log(odds) * torch.eye(n_classes)
        self.output_bias = nn.Parameter(start.reshape(1, -1))

    def _add_layer(self, name: str, n_in: int, n_out: int) -> None:
        """Add a linear layer as two tables of one row, which may have sparse gradients.

        They start as those of :class:`torch.nn.Linear`.
        """
        layer = nn.Linear(n_in, n_out)
        for kind, values in layer.named_parameters():
            rows = nn.Parameter(values.detach().reshape(1, -1).clone())
            self.register_parameter(f"{name}_{kind}", rows)

    def _layer(self, name: str, inputs: torch.Tensor) -> torch.Tensor:
        """Apply a layer to inputs of shape (n_rows, n_in)."""
        first = torch.zeros(1, dtype=torch.int64, device=inputs.device)
        weight = self._rows(f"{name}_weight", first).view(-1, inputs.shape[1])
        bias = self._rows(f"{name}_bias", first)[0]
        return nn.functional.linear(inputs, weight, bias)

    def _rows(self, name: str, places: torch.Tensor) -> torch.Tensor:
        """Look up rows of a table, (n_places, n_values)."""
        table = getattr(self, name)
        return nn.functional.embedding(places, table, sparse=self.is_sparse)

    def log_confusion(self, annotator: torch.Tensor) -> torch.Tensor:
        """Log of the annotators' tables, [true, answered, annotator]."""
        return self._log_confusion(self._rows("embedding", annotator))

    def _log_confusion(self, embedding: torch.Tensor) -> torch.Tensor:
        """Log of the tables of some embeddings, [true, answered, embedding]."""
        hidden = self._layer("hidden", embedding).relu()
        logits = self._layer("output", hidden).t().contiguous()
        return logits.view(self.n_classes, self.n_classes, -1).log_softmax(dim=1)

    def forward(self, log_truth: torch.Tensor, annotator: torch.Tensor) -> torch.Tensor:
        """Log-probability of every answer, shape (n_classes, n_pairs)."""
        distinct, index = self._distinct(annotator)
        log_confusion = self.log_confusion(distinct).index_select(2, index)
        return (log_truth[:, None] + log_confusion).logsumexp(dim=0)

    def loss(
        self,
        log_truth: torch.Tensor,
        item: torch.Tensor,
        annotator: torch.Tensor,
        answer: torch.Tensor,
    ) -> torch.Tensor:
        """Negative log-likelihood of answers, also of mixed annotators.

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_items)
        item : Tensor of shape (n_pairs,)
        annotator : Tensor of shape (n_pairs,), or sequence of (first, second, share)
            Or two annotators and the weight of the first in the combination of their
            embeddings, (n_pairs,) each.
        answer : Tensor of shape (n_pairs,) or (2, n_pairs)
            Answers, or those of the first and of the second annotator.

        Returns
        -------
        loss : Tensor of the shape of `answer`
        """
        if torch.is_tensor(annotator):
            return -self.answer_log_likelihood(log_truth, item, annotator, answer)
        first, second, share = annotator
        own, others = (self._rows("embedding", index) for index in (first, second))
        mixed = torch.lerp(others, own, share[:, None])
        joint = log_truth.index_select(1, item)[:, None] + self._log_confusion(mixed)
        return -joint.logsumexp(dim=0).gather(0, answer)
