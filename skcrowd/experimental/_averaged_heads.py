"""A network with several last layers, whose probabilities are averaged."""

import torch
from torch import nn

__all__ = ["AveragedHeads", "head_answers"]

NUMBERS_AT_ONCE = 2**24


class AveragedHeads(nn.Module):
    """Average the softmaxes of several heads.

    A head adds an offset, linear in the input of the network's last layer, to the
    scores of the network.

    Parameters
    ----------
    module : torch.nn.Module
    features : LastFeatures
        Hook that stores the input of its last layer. From now on the network's
        log-probabilities are appended to it: (..., n_features + n_classes).
    offsets : Tensor of shape (n_heads, n_classes, n_features + 1)
        Linear layers, the last column the bias.
    weight : Tensor of shape (n_heads,)
        Weight of each head in the average; positive, sums to 1.
    """

    offsets: torch.Tensor
    log_weight: torch.Tensor

    def __init__(self, module, features, offsets, weight):
        super().__init__()
        self.module = module
        self.features = features
        self.features.width += offsets.shape[1]
        self.register_buffer("offsets", offsets)
        self.register_buffer("log_weight", weight.to(offsets.dtype).log())

    @property
    def to_resume(self):
        """The network that a later fit continues."""
        return self.module

    def forward(self, *inputs):
        """Return the logarithm of the average, (..., n_classes).

        Parameters
        ----------
        *inputs : Tensor
            Inputs of the network.
        """
        shared = self.module(*inputs).log_softmax(dim=-1)
        seen = self.features.seen
        self.features.seen = torch.cat([seen, shared], dim=-1)
        rows, log_shared = seen.flatten(0, -2), shared.flatten(0, -2)
        step = max(1, NUMBERS_AT_ONCE // self.offsets[:, :, 0].numel())
        parts = zip(rows.split(step), log_shared.split(step), strict=True)
        return torch.cat([self._average(*part) for part in parts]).view_as(shared)

    def _average(self, features, log_shared):
        """Return the logarithm of the average for some items, (n_items, n_classes)."""
        log_answer = head_answers(self.offsets, features, log_shared.t())
        return (log_answer + self.log_weight[:, None, None]).logsumexp(0).t()


def head_answers(offsets, features, log_shared):
    """Return the log-probability of every answer of several heads.

    Parameters
    ----------
    offsets : Tensor of shape (n_heads, n_classes, n_features + 1)
    features : Tensor of shape (n_items, n_features)
    log_shared : Tensor of shape (n_classes, n_items)
        Log-probabilities of the shared layer.

    Returns
    -------
    log_answer : Tensor of shape (n_heads, n_classes, n_items)
    """
    own = offsets[:, :, :-1] @ features.t() + offsets[:, :, -1:]
    return (own + log_shared).log_softmax(dim=1)
