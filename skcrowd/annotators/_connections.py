"""The connections of the crowd layer: answer logits from the network's softmax.

Source: F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018,
arXiv:1709.01779. At the start all annotators answer alike.
"""

import torch

from skcrowd.annotators._label_model import LabelModel

__all__ = [
    "MatrixConnection",
    "ScalarConnection",
    "VectorBiasConnection",
    "VectorConnection",
    "VectorWeightBiasConnection",
]


class _Connection(LabelModel):
    def logits(self, truth, annotator):
        """Answer logits from truth probabilities, both (n_classes, n_pairs)."""
        raise NotImplementedError

    def forward(self, log_truth, annotator):
        """Log-probability of every answer, shape (n_classes, n_pairs)."""
        return self.logits(log_truth.exp(), annotator).log_softmax(dim=0)


class MatrixConnection(_Connection):
    """MW: a matrix W^r an annotator, logits W^r p; starts at the identity."""

    @staticmethod
    def parameters_needed(n_annotators, n_classes):
        """Count a matrix an annotator."""
        return n_annotators * n_classes**2

    @staticmethod
    def numbers_per_step(n_annotators, n_classes, n_pairs):
        """Count a matrix for each answer, its product with the truth, and gradients."""
        return 4 * n_classes**2 * n_pairs

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("weight", torch.eye(n_classes).reshape(-1))

    def logits(self, truth, annotator):
        """Return W^r p."""
        weight = self.columns("weight", annotator)
        weight = weight.view(self.n_classes, self.n_classes, -1)
        return (weight * truth).sum(dim=1)


class VectorConnection(_Connection):
    """VW: a weight a class, logits w^r ∘ p; starts at ones."""

    @staticmethod
    def parameters_needed(n_annotators, n_classes):
        """Count a weight an annotator and class."""
        return n_annotators * n_classes

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("weight", torch.ones(n_classes))

    def logits(self, truth, annotator):
        """Return w^r ∘ p."""
        return self.columns("weight", annotator) * truth


class VectorBiasConnection(_Connection):
    """VB: a bias a class, logits p + b^r; starts at zeros."""

    @staticmethod
    def parameters_needed(n_annotators, n_classes):
        """Count a bias an annotator and class."""
        return n_annotators * n_classes

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("bias", torch.zeros(n_classes))

    def logits(self, truth, annotator):
        """Return p + b^r."""
        return truth + self.columns("bias", annotator)


class VectorWeightBiasConnection(_Connection):
    """VW+B: a weight and a bias a class, logits w^r ∘ p + b^r."""

    @staticmethod
    def parameters_needed(n_annotators, n_classes):
        """Count a weight and a bias an annotator and class."""
        return 2 * n_annotators * n_classes

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("weight", torch.ones(n_classes))
        self.add_table("bias", torch.zeros(n_classes))

    def logits(self, truth, annotator):
        """Return w^r ∘ p + b^r."""
        weight, bias = (self.columns(name, annotator) for name in ("weight", "bias"))
        return weight * truth + bias


class ScalarConnection(_Connection):
    """SW: one weight an annotator, logits w^r · p; starts at one."""

    @staticmethod
    def parameters_needed(n_annotators, n_classes):
        """Count a weight an annotator."""
        return n_annotators

    def __init__(self, n_annotators, n_classes):
        super().__init__(n_annotators, n_classes)
        self.add_table("weight", torch.ones(1))

    def logits(self, truth, annotator):
        """Return w^r · p."""
        return self.columns("weight", annotator) * truth
