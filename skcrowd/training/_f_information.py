"""f-mutual information between two classifiers, from a batch."""

from __future__ import annotations

import torch

__all__ = ["DIVERGENCES", "information_gain"]

SMALLEST = 1e-30  # lower bound of K_ij, so that log K_ij is finite


def _kl(log_ratio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return 1 + log_ratio, log_ratio.exp()


def _pearson(log_ratio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    ratio = log_ratio.exp()
    return 2 * (ratio - 1), ratio**2 - 1


def _jensen_shannon(log_ratio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    log_mean = log_ratio.exp().log1p() - _LOG_2
    return log_ratio - log_mean, log_mean


def _squared_hellinger(log_ratio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return 1 - (-log_ratio / 2).exp(), (log_ratio / 2).exp() - 1


def _reverse_kl(log_ratio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return -(-log_ratio).exp(), log_ratio - 1


def _total_variation(log_ratio: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Half the sign of log K, with the gradient of ½ tanh(½ log K).

    The gradient of the sign is zero almost everywhere, so nothing could be learned.
    """
    smooth = torch.tanh(log_ratio / 2) / 2
    sign = torch.sign(log_ratio) / 2 + (smooth - smooth.detach())
    return sign, sign


_LOG_2 = float(torch.tensor(2.0, dtype=torch.float64).log())

# Functions of log K that return ∂f(K) and f*(∂f(K)).
DIVERGENCES = {
    "kl": _kl,
    "pearson": _pearson,
    "jensen_shannon": _jensen_shannon,
    "squared_hellinger": _squared_hellinger,
    "reverse_kl": _reverse_kl,
    "total_variation": _total_variation,
}


def information_gain(
    log_h: torch.Tensor,
    log_g: torch.Tensor,
    prior: torch.Tensor,
    divergence: str = "kl",
    repeats: torch.Tensor | None = None,
) -> torch.Tensor:
    """Return the f-mutual information gain of two classifiers on the same items.

    With K_ij = Σ_c h_i(c) g_j(c) / ρ_c it is the mean of ∂f(K_ii) over the items less
    the mean of f*(∂f(K_ij)) over the pairs of different items: a lower bound of the
    f-mutual information, attained where h and g are the posteriors of the class,
    if their inputs are independent given the class.

    Parameters
    ----------
    log_h, log_g : Tensor of shape (n_classes, n_items)
        Log-probabilities.
    prior : Tensor of shape (n_classes,)
        Shares ρ of the classes, all positive.
    divergence : {"kl", "pearson", "jensen_shannon", "squared_hellinger", \
            "reverse_kl", "total_variation"}, default="kl"
        The function f. The gradient of total variation is zero almost everywhere; it is
        replaced by that of ½ tanh(½ log K), which is a lower bound, too.
    repeats : Tensor of shape (n_items,), default=None
        Multiplicity of each item; an item and its repetition are a pair.

    Returns
    -------
    gain : Tensor
        Scalar; 0 for a single item.

    Notes
    -----
    Invariant under a common permutation of the classes of both.

    References
    ----------
    Y. Kong, G. Schoenebeck. Water from two rocks: maximizing the mutual information.
    EC 2018, arXiv:1802.08887. P. Cao, Y. Xu, Y. Kong, Y. Wang. Max-MIG: an information
    theoretic approach for joint learning from crowds. ICLR 2019, arXiv:1905.13436.

    Examples
    --------
    >>> import torch
    >>> from skcrowd.training._f_information import information_gain
    >>> sure = torch.tensor([[0.99, 0.01], [0.01, 0.99]]).log()
    >>> vague = torch.tensor([[0.6, 0.4], [0.4, 0.6]]).log()
    >>> prior = torch.tensor([0.5, 0.5])
    >>> gains = [information_gain(h, h, prior).item() for h in (sure, vague)]
    >>> gains[0] > gains[1]
    True
    """
    n_items = log_h.shape[1]
    count = log_h.new_ones(n_items) if repeats is None else repeats.to(log_h.dtype)
    pairs = torch.outer(count, count)
    pairs.diagonal().copy_(count * (count - 1).clamp_min(0))
    n_pairs = pairs.sum()
    if not n_pairs > 0:
        return log_h.sum() * 0
    ratio = log_h.exp().t() @ (log_g.exp() / prior[:, None])
    log_ratio = ratio.clamp_min(SMALLEST).log()
    joint, product = DIVERGENCES[divergence](log_ratio)
    return (joint.diagonal() @ count) / count.sum() - (product * pairs).sum() / n_pairs
