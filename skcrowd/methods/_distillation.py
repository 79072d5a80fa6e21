"""Penalties on the difference of a network from its teacher."""

import torch
from torch import nn

from skcrowd.methods._information_maximization import batch_weights
from skcrowd.training._f_information import information_gain

__all__ = ["InformationGain", "KullbackLeibler"]

SMALLEST = 1e-30  # lower bound of probabilities, so that logarithms are finite


class InformationGain(nn.Module):
    """The negative f-mutual information gain between network and teacher.

    Parameters
    ----------
    prior : ndarray of shape (n_classes,)
        Shares of the classes, none of them zero.
    divergence : str
        See ``information_gain``.
    weight : float
    """

    prior: torch.Tensor

    def __init__(self, prior, divergence, weight):
        super().__init__()
        self.register_buffer("prior", torch.as_tensor(prior).double())
        self.divergence = divergence
        self.weight = weight

    def forward(self, log_truth, batch, annotators):
        """Return the penalty of a batch, a number."""
        gain = information_gain(
            log_truth,
            _log(batch["teacher"].t()),
            self.prior.to(log_truth.dtype),
            self.divergence,
            batch.get("repeats"),
        )
        return -self.weight * gain


class KullbackLeibler(nn.Module):
    """Kullback-Leibler divergence of the network from its teacher.

    Parameters
    ----------
    temperature : float
        Both are softened by it, and the divergence is multiplied by its square.
    weight : float

    References
    ----------
    G. Hinton, O. Vinyals, J. Dean. Distilling the knowledge in a neural network. 2015,
    arXiv:1503.02531.
    """

    def __init__(self, temperature, weight):
        super().__init__()
        self.temperature = temperature
        self.weight = weight

    def forward(self, log_truth, batch, annotators):
        """Return the penalty of a batch: the weighted mean over its items."""
        # The gradient is of order 1 / T², which the factor T² compensates.
        log_teacher = self._soften(_log(batch["teacher"].t()))
        difference = log_teacher - self._soften(log_truth)
        divergence = (log_teacher.exp() * difference).sum(dim=0)
        mean = divergence @ batch_weights(log_truth, batch)
        return self.weight * self.temperature**2 * mean

    def _soften(self, log_proba):
        return (log_proba / self.temperature).log_softmax(dim=0)


def _log(proba):
    return proba.clamp_min(SMALLEST).log()
