"""A network whose last layer is many, and their opinions are averaged."""

import torch
from torch import nn

__all__ = ["AveragedHeads", "head_answers"]

NUMBERS_AT_ONCE = 2**24


class AveragedHeads(nn.Module):
    """Average the softmaxes of several heads on a network's last features.

    Parameters
    ----------
    module : torch.nn.Module
        The network; its own scores are not used.
    features : LastFeatures
        What remembers the input of its last layer.
    heads : Tensor of shape (n_heads, n_classes, n_features + 1)
        Linear layers, the last column the bias.
    weight : Tensor of shape (n_heads,)
        Of each head in the average; positive, sums to 1.
    """

    heads: torch.Tensor
    log_weight: torch.Tensor

    def __init__(self, module, features, heads, weight):
        super().__init__()
        self.module = module
        self.features = features
        self.register_buffer("heads", heads)
        self.register_buffer("log_weight", weight.to(heads.dtype).log())

    def forward(self, *inputs):
        """Log of the average, (..., n_classes): scores whose softmax it is.

        Parameters
        ----------
        *inputs : Tensor
            What the network takes.
        """
        self.module(*inputs)
        seen = self.features.seen
        rows = seen.reshape(-1, seen.shape[-1])
        step = max(1, NUMBERS_AT_ONCE // self.log_weight.numel() // self.heads.shape[1])
        log_average = torch.cat([self._average(part) for part in rows.split(step)])
        return log_average.reshape(*seen.shape[:-1], -1)

    def _average(self, features):
        """Log of the average for some items, (n_items, n_classes)."""
        log_answer = head_answers(self.heads, features)
        return (log_answer + self.log_weight[:, None, None]).logsumexp(0).t()


def head_answers(heads, features):
    """Log-probability of every answer by each of some heads.

    Parameters
    ----------
    heads : Tensor of shape (n_heads, n_classes, n_features + 1)
    features : Tensor of shape (n_items, n_features)

    Returns
    -------
    log_answer : Tensor of shape (n_heads, n_classes, n_items)
    """
    logits = heads[:, :, :-1] @ features.t() + heads[:, :, -1:]
    return logits.log_softmax(dim=1)
