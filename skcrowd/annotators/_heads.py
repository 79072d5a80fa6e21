"""A classifier an annotator, on what the network's last layer sees of an item."""

import torch
from torch import nn

from skcrowd.annotators._labels import LabelModel

__all__ = ["AnnotatorHeads"]

NUMBERS_AT_ONCE = 2**22  # of the heads that are looked up for some pairs


class AnnotatorHeads(LabelModel):
    """A head an annotator: a linear layer, and softmax, on the network's features.

    A head is what all annotators share plus an offset of the annotator's own, which a
    Gaussian prior holds near zero: who gave few answers answers like the crowd (our
    choice).

    Parameters
    ----------
    n_annotators, n_classes : int
    n_answers : ndarray of shape (n_annotators,)
        Answers of each annotator, which the prior is spread over.
    shrinkage : float, default=1.0
        Inverse variance of the prior of an offset.

    Notes
    -----
    The confusion matrices are set after training (:meth:`set_confusion`). They answer
    for the heads where nothing but the truth of an item is known.

    References
    ----------
    M. Y. Guan, V. Gulshan, A. M. Dai, G. E. Hinton. Who said what: modeling individual
    labelers improves classification. AAAI 2018, arXiv:1703.08774.
    """

    needs_features = True
    offset: torch.Tensor
    share: torch.Tensor
    table: torch.Tensor

    def __init__(self, n_annotators, n_classes, n_answers, shrinkage=1.0):
        super().__init__(n_annotators, n_classes)
        self.shrinkage = shrinkage
        n_answers = torch.as_tensor(n_answers).float()
        share = torch.where(n_answers > 0, 1 / n_answers, 0.0)
        self.register_buffer("share", share)
        blind = torch.full((n_annotators, n_classes, n_classes), 1 / n_classes)
        self.register_buffer("table", blind)

    def see(self, n_features):
        """Make room for heads, the last of their inputs a one; all start at zero."""
        n_values = self.n_classes * (n_features + 1)
        self.add_table("offset", torch.zeros(n_values))
        self.shared = nn.Parameter(torch.zeros(1, n_values))

    @torch.no_grad()
    def start_from(self, layer):
        """Let all heads start as copies of a linear layer.

        Parameters
        ----------
        layer : torch.nn.Linear
        """
        bias = layer.weight.new_zeros(len(layer.weight))
        bias = bias if layer.bias is None else layer.bias
        self.shared.copy_(torch.cat([layer.weight, bias[:, None]], 1).reshape(1, -1))

    def set_confusion(self, confusion):
        """Keep what the heads answer, on average, to items of each class.

        Parameters
        ----------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        """
        self.table.copy_(torch.as_tensor(confusion))

    def forward(self, log_truth, annotator, features=None):
        """Log-probability of every answer, shape (n_classes, n_pairs).

        Parameters
        ----------
        log_truth : Tensor of shape (n_classes, n_pairs)
            Looked at only where the features are not known.
        annotator : Tensor of shape (n_pairs,)
        features : Tensor of shape (n_pairs, n_features), default=None
        """
        if features is None:
            tiny = torch.finfo(self.table.dtype).tiny
            log_confusion = self.table[annotator].clamp_min(tiny).log()
            return (log_truth[:, None] + log_confusion.permute(1, 2, 0)).logsumexp(0)
        step = max(1, NUMBERS_AT_ONCE // self.offset.shape[1])
        pairs = zip(annotator.split(step), features.split(step), strict=True)
        return torch.cat([self._answers(*part)[0] for part in pairs], dim=1)

    def answer_log_likelihood(self, log_truth, item, annotator, answer, features=None):
        """Log-probability of the answers given, shape (n_pairs,)."""
        if features is not None:
            features = features.index_select(0, item)
        log_answer = self(log_truth.index_select(1, item), annotator, features)
        return log_answer.gather(0, answer[None])[0]

    def loss(self, log_truth, item, annotator, answer, features=None):
        """Negative log-likelihood and log-prior of each answer, (n_pairs,)."""
        log_answer, far = self._answers(annotator, features.index_select(0, item))
        prior = self.shrinkage / 2 * self.share.index_select(0, annotator) * far
        return prior - log_answer.gather(0, answer[None])[0]

    def _answers(self, annotator, features):
        """Log of answers, (n_classes, n_pairs), and squared offsets, (n_pairs,)."""
        sparse, everyone = self.is_sparse, annotator.new_zeros(1)
        offset = nn.functional.embedding(annotator, self.offset, sparse=sparse)
        shared = nn.functional.embedding(everyone, self.shared, sparse=sparse)
        inputs = with_one(features)
        shape = -1, self.n_classes, inputs.shape[1]
        own = torch.bmm(offset.view(shape), inputs[:, :, None])[:, :, 0]
        logits = own + inputs @ shared.view(shape)[0].t()
        log_answer = logits.t().contiguous().log_softmax(dim=0)
        return log_answer, (offset**2).sum(dim=1)

    @torch.no_grad()
    def heads(self, annotators):
        """Return the heads of some annotators, their last column the bias.

        Parameters
        ----------
        annotators : Tensor of shape (n_heads,)

        Returns
        -------
        heads : Tensor of shape (n_heads, n_classes, n_features + 1)
        """
        heads = self.shared + self.offset[annotators]
        return heads.view(len(heads), self.n_classes, -1)

    def confusion(self):
        """Answers of each head to items of each class, on average.

        Returns
        -------
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        """
        table = self.table.double()
        return (table / table.sum(dim=2, keepdim=True)).cpu().numpy()


def with_one(features):
    return torch.cat([features, features.new_ones(len(features), 1)], dim=1)
