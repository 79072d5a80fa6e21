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
    n_answers : ndarray of shape (n_annotators,), default=None
        Answers of each annotator, which the prior is spread over.
    shrinkage : float, default=0.0
        Inverse variance of a Gaussian prior on the embeddings (our choice).

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
    share: torch.Tensor

    def __init__(
        self, n_annotators, n_classes, units=16, eta=0.9, n_answers=None, shrinkage=0.0
    ):
        super().__init__(n_annotators, n_classes)
        self.add_table("embedding", torch.zeros(units))
        self.hidden = nn.Linear(units, units)
        self.output = nn.Linear(units, n_classes**2)
        odds = eta * max(n_classes - 1, 1) / (1 - eta)
        bias = math.log(odds) * torch.eye(n_classes)
        self.output.bias = nn.Parameter(bias.reshape(-1))
        self.shrinkage = shrinkage
        n_answers = torch.as_tensor(n_answers if shrinkage else 0).float()
        share = torch.where(n_answers > 0, 1 / n_answers, 0.0).expand(n_annotators)
        self.register_buffer("share", share.clone())

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
        """Negative log-likelihood and log-prior of answers.

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_items)
        item : Tensor of shape (n_pairs,)
        annotator : tuple of (first, second, share)
            Tensors of shape (n_pairs,): two annotators, and how much the first counts
            in the mixture of their embeddings. Or one Tensor, where none is mixed.
        answer : Tensor of shape (2, n_pairs) or (n_pairs,)
            What the first answered, and the second.

        Returns
        -------
        loss : Tensor of the shape of `answer`
        """
        if torch.is_tensor(annotator):
            likelihood = self.answer_log_likelihood(log_truth, item, annotator, answer)
            return self._prior(annotator) - likelihood
        first, second, share = annotator
        rows = torch.lerp(self._rows(second), self._rows(first), share[:, None])
        joint = log_truth.index_select(1, item)[:, None] + self._log_confusion(rows)
        prior = self._prior(torch.stack([first, second]))
        return prior - joint.logsumexp(dim=0).gather(0, answer)

    def _prior(self, annotator):
        """Prior of the annotators' embeddings, spread over their answers."""
        far = (self.embedding**2).sum(dim=1) * self.share
        return self.shrinkage / 2 * far[annotator]
