"""The skorch net for several labels: one row of scores for each row of X and label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from skcrowd.training._net import CrowdNet
from skcrowd.training._sequence_data import SequenceDataset

if TYPE_CHECKING:
    from skcrowd._typing import Features


__all__ = ["MultilabelNet"]


class MultilabelNet(CrowdNet):
    """A net whose module maps a batch of rows to one logit per label.

    Loss and predictions get two scores, of "does not apply" and "applies", for each
    pair of row and label: shape (n_batch * n_labels, 2).
    """

    dataset_kind = SequenceDataset

    @staticmethod
    def count_items(X: Features) -> int:
        """Return how many rows of scores belong to X."""
        return int(X.n_tokens)

    def infer(self, x: Any, **fit_params: Any) -> torch.Tensor:
        """Score both classes of all labels of a batch."""
        logits = super().infer(x, **fit_params)
        name = type(self.module_).__name__
        return self.criterion_.output.class_scores(logits, name)

    def _features_of(self, x: Any) -> Any:
        """Return the input of the last layer for each row and label of a batch."""
        n_labels = self.criterion_.output.n_labels
        return self.module_features_.last.repeat_interleave(n_labels, dim=0)
