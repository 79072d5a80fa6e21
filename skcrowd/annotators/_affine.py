"""The connections of the crowd layer for numbers: the answer from the network's number.

Source: F. Rodrigues, F. Pereira. Deep learning from crowds. AAAI 2018,
arXiv:1709.01779. At the start the expected answer is the predicted number. The loss is
the squared error, which is the likelihood of equal noise for all annotators.
"""

import torch

from skcrowd.annotators._number_model import NumberModel

__all__ = [
    "BiasConnection",
    "BiasScaleConnection",
    "ScaleBiasConnection",
    "ScaleConnection",
]


class _AffineConnection(NumberModel):
    tables: tuple[str, ...] = ()

    def __init__(self, n_annotators):
        super().__init__(n_annotators)
        starts = {"scale": torch.ones(1), "bias": torch.zeros(1)}
        for name in self.tables:
            self.add_table(name, starts[name])

    def loss(self, truth, item, annotator, answer):
        """Squared error of each answer, (n_pairs,)."""
        return self.residual(truth, item, annotator, answer) ** 2


class ScaleConnection(_AffineConnection):
    """S: a scale an annotator, s^r μ; starts at one."""

    tables = ("scale",)

    def affine(self, annotator):
        """Scale and bias, (n_pairs,)."""
        scale = self.columns("scale", annotator)[0]
        return scale, torch.zeros_like(scale)


class BiasConnection(_AffineConnection):
    """B: a bias an annotator, μ + b^r; starts at zero."""

    tables = ("bias",)

    def affine(self, annotator):
        """Scale and bias, (n_pairs,)."""
        bias = self.columns("bias", annotator)[0]
        return torch.ones_like(bias), bias


class ScaleBiasConnection(_AffineConnection):
    """S+B: both, s^r μ + b^r."""

    tables = ("scale", "bias")

    def affine(self, annotator):
        """Scale and bias, (n_pairs,)."""
        scale, bias = (self.columns(name, annotator)[0] for name in self.tables)
        return scale, bias


class BiasScaleConnection(_AffineConnection):
    """B+S: the bias comes first, s^r (μ + b^r)."""

    tables = ("scale", "bias")
    scale: torch.Tensor
    bias: torch.Tensor

    @torch.no_grad()
    def load_from(self, previous_fit):
        """Copy earlier parameters; the bias of this model is added before scaling."""
        super().load_from(previous_fit)
        scale = torch.where(self.scale == 0, 1.0, self.scale)
        self.bias.copy_(self.bias / scale)

    def affine(self, annotator):
        """Scale and bias, (n_pairs,)."""
        scale, bias = (self.columns(name, annotator)[0] for name in self.tables)
        return scale, scale * bias
