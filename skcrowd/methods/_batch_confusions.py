"""Confusions of the annotators of a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from skcrowd.annotators import ConfusionTable


__all__ = ["batch_confusions"]


def batch_confusions(
    annotators: ConfusionTable, batch: dict[str, torch.Tensor]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the confusions of a batch's annotators, and their shares of its answers.

    Parameters
    ----------
    annotators : ConfusionTable
    batch : dict of Tensor
        See ``CrowdDataset``.

    Returns
    -------
    confusion : Tensor of shape (n_classes, n_classes, n_distinct)
        [true, answered, annotator].
    share : Tensor of shape (n_distinct,)
        Each annotator's share of the weighted answers; sums to 1.
    """
    distinct, index = annotators._distinct(batch["annotator"])
    confusion = annotators.log_confusion(distinct).exp()
    weight = batch["answer_weight"].to(confusion.dtype).expand(len(index))
    share = torch.zeros_like(confusion[0, 0]).index_add(0, index, weight)
    return confusion, share / share.sum()
