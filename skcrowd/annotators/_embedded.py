"""Confusion matrices from embeddings of the annotators, which can be mixed."""

import math

import torch
from torch import nn

from skcrowd.annotators._confusion import _ProbabilityTable

__all__ = ["EmbeddedAnnotators"]


class EmbeddedAnnotators(_ProbabilityTable):
    """A network that maps an annotator's embedding to a confusion matrix.

    An embedding may be a mixture of two annotators': then the answers of somebody
    between them are predicted.

    Parameters
    ----------
    n_annotators, n_classes : int
    units : int, default=16
        Length of an embedding, and units of the hidden layer.
    eta : float, default=0.9
        Diagonal of the confusion matrices before training, but for what the
        untrained layers add.

    Notes
    -----
    All embeddings start at zero, so that no annotator differs from the others before
    they answer (our choice).

    References
    ----------
    M. Herde, L. Lührs, D. Huseljic, B. Sick. Annot-Mix: learning with noisy class
    labels from multiple annotators via a mixup extension. ECAI 2024,
    doi:10.3233/FAIA240829, arXiv:2405.03386.
    """

    is_sparse = False  # the layers that all share have dense gradients
    embedding: torch.Tensor

    def __init__(self, n_annotators, n_classes, units=16, eta=0.9):
        super().__init__(n_annotators, n_classes)
        self.add_table("embedding", torch.zeros(units))
        self.hidden = nn.Linear(units, units)
        self.output = nn.Linear(units, n_classes**2)
        odds = eta * max(n_classes - 1, 1) / (1 - eta)
        bias = math.log(odds) * torch.eye(n_classes)
        self.output.bias = nn.Parameter(bias.reshape(-1))

    def log_confusion(self, annotator):
        """Log of the annotators' tables, [true, answered, annotator]."""
        return self._log_confusion(self._rows(annotator))

    def _rows(self, annotator):
        return nn.functional.embedding(annotator, self.embedding)

    def _log_confusion(self, embedding):
        """Log of the tables of some embeddings, [true, answered, embedding]."""
        logits = self.output(self.hidden(embedding).relu()).t().contiguous()
        return logits.view(self.n_classes, self.n_classes, -1).log_softmax(dim=1)

    def forward(self, log_truth, annotator):
        """Log-probability of every answer, shape (n_classes, n_pairs)."""
        met, place = self._met(annotator)
        log_confusion = self.log_confusion(met).index_select(2, place)
        return (log_truth[:, None] + log_confusion).logsumexp(dim=0)

    def loss(self, log_truth, item, annotator, answer):
        """Negative log-likelihood of answers, also of mixed annotators.

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_items)
        item : Tensor of shape (n_pairs,)
        annotator : Tensor of shape (n_pairs,), or sequence of (first, second, share)
            Or two annotators, and how much the first counts in the mixture of their
            embeddings, (n_pairs,) each.
        answer : Tensor of shape (n_pairs,) or (2, n_pairs)
            What was answered, or what the first answered, and the second.

        Returns
        -------
        loss : Tensor of the shape of `answer`
        """
        if torch.is_tensor(annotator):
            return -self.answer_log_likelihood(log_truth, item, annotator, answer)
        first, second, share = annotator
        rows = torch.lerp(self._rows(second), self._rows(first), share[:, None])
        joint = log_truth.index_select(1, item)[:, None] + self._log_confusion(rows)
        return -joint.logsumexp(dim=0).gather(0, answer)
