"""Scores of classes that have an order, from one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike


__all__ = ["OrderedScores"]

START_PRECISION = 2.0  # of classes at places of variance 1
PRECISION_RATE = 4.0  # of its learning rate to that of the other parameters


class OrderedScores(nn.Module):
    """Scores of ordered classes from a place m on their scale.

    score of class k = -precision / 2 · (place_k - m)² + offset_k, an adjacent-category
    logit model with equally distant classes. Precision and offsets are trained; with
    the offsets classes may have any shares.

    Parameters
    ----------
    ranks : array-like of shape (n_classes,)
        Place of every class in the order.

    References
    ----------
    A. Agresti. Analysis of ordinal categorical data, 2nd edition. Wiley, 2010.
    doi:10.1002/9780470594001
    """

    places: torch.Tensor

    def __init__(self, ranks: ArrayLike) -> None:
        super().__init__()
        places = torch.as_tensor(ranks).float()
        places = places - places.mean()
        std = places.std(correction=0)
        self.register_buffer("places", places / torch.where(std > 0, std, 1.0))
        self.log_precision = nn.Parameter(torch.zeros(()))
        self.offset = nn.Parameter(torch.zeros(len(places)))

    def forward(self, place: torch.Tensor) -> torch.Tensor:
        """Return scores, (n_items, n_classes), from places of shape (n_items, 1)."""
        precision = START_PRECISION * torch.exp(PRECISION_RATE * self.log_precision)
        scores: torch.Tensor = self.offset - precision / 2 * (self.places - place) ** 2
        return scores
