"""A network that compares two items by their scores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from skcrowd.backbones._tabular_net import TabularNet

__all__ = ["PairScorer"]


class PairScorer(nn.Module):
    """Scores of "the first is better", "the second is better" and ties.

    One network gives each item a score ``s``; the scores of the outcomes, before
    softmax, are ``s_1``, ``s_2`` and, with ties, ``t + (s_1 + s_2) / 2`` with a learned
    ``t``: the models of Bradley and Terry and of Davidson [1]_ [2]_.

    Parameters
    ----------
    n_features : int, default=None
        Number of features of an item; needed unless `scorer` is an instance.
    n_classes : int, default=2
        3 with ties.
    scorer : torch.nn.Module class or instance, default=None
        Maps a batch of items to one score each, (n_batch,) or (n_batch, 1). A class is
        built with ``n_features`` and ``n_outputs=1``, where it takes them. None means
        :class:`TabularNet`.
    **parameters
        Further parameters of `scorer`, such as ``hidden``.

    References
    ----------
    .. [1] R. A. Bradley, M. E. Terry. Rank analysis of incomplete block designs.
       Biometrika 39, 1952. doi:10.2307/2334029
    .. [2] R. R. Davidson. On extending the Bradley-Terry model to accommodate ties in
       paired comparison experiments. JASA 65, 1970.
       doi:10.1080/01621459.1970.10481082

    Examples
    --------
    >>> import torch
    >>> from skcrowd.backbones import PairScorer
    >>> network = PairScorer(n_features=4, n_classes=3)
    >>> network(torch.zeros(5, 4), torch.zeros(5, 4)).shape
    torch.Size([5, 3])
    """

    # Both arrays hold items: integers are read as those of a single array are.
    integers_are_numbers = True

    def __init__(
        self,
        n_features: int | None = None,
        n_classes: int = 2,
        scorer: nn.Module | Callable[..., nn.Module] | None = None,
        **parameters: Any,
    ) -> None:
        super().__init__()
        if scorer is None:
            if n_features is None:
                raise ValueError("PairScorer needs n_features, or a scorer.")
            scorer = TabularNet(n_features, 1, **parameters)
        elif not isinstance(scorer, nn.Module):
            scorer = scorer(**parameters)
        self.scorer = scorer
        self.tie = nn.Parameter(torch.zeros(())) if n_classes > 2 else None

    def forward(self, first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        """Return scores of the outcomes, (n_pairs, n_classes)."""
        n_pairs = len(first)
        scores = self.scorer(torch.cat([first, second]))
        if scores.numel() != 2 * n_pairs:
            raise ValueError(
                f"the network of items returns {tuple(scores.shape)} for {2 * n_pairs} "
                "items; it must return one score each."
            )
        scores = scores.reshape(2, n_pairs)
        if self.tie is None:
            return scores.t()
        tied = self.tie + scores.mean(dim=0)
        return torch.stack([*scores, tied], dim=1)
