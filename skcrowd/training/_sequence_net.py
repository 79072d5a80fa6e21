"""The skorch net for sequences: one row of scores per token, without padding."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import torch
from skorch.utils import to_tensor

from skcrowd.training._answer_scoring import AnswerRows
from skcrowd.training._net import CrowdNet
from skcrowd.training._refusals import OutputError, described
from skcrowd.training._sequence_data import SequenceDataset, token_mask

if TYPE_CHECKING:
    from skcrowd._typing import Features


__all__ = ["SequenceNet", "takes_lengths"]

_POSITIONAL = {
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
}


class SequenceNet(CrowdNet):
    """A net whose module maps a padded batch, and lengths, to scores of every token.

    The module's ``forward`` gets X of shape (n_batch, longest, ...) and, if its second
    parameter is called ``lengths`` or has no default, the lengths (n_batch,); it
    returns (n_batch, longest, n_classes).
    Loss and predictions get scores of shape (n_tokens, n_classes), the tokens of all
    sequences one after another, without padding.
    """

    dataset_kind = SequenceDataset

    @staticmethod
    def count_items(X: Features) -> int:
        """Return how many rows of scores belong to X."""
        return X.n_tokens

    def initialize_module(self) -> Self:
        """Build the network and check whether its ``forward`` takes lengths."""
        super().initialize_module()
        self.takes_lengths_ = takes_lengths(self.module_)
        return self

    def infer(self, x: Any, **fit_params: Any) -> torch.Tensor:
        """Score the tokens of a padded batch, (n_tokens, n_classes)."""
        batch = to_tensor(x, device=self.device)
        X, lengths = batch["X"], batch["lengths"]
        given = (X, lengths) if self.takes_lengths_ else (X,)
        scores = self.network(*given, **fit_params)
        if not _is_padded(scores) or scores.shape[:2] != X.shape[:2]:
            raise OutputError(
                f"module {type(self.module_).__name__} returned {described(scores)} "
                "for a padded "
                f"batch of {X.shape[0]} sequences of up to {X.shape[1]} tokens; it "
                "must return one row of scores a token, shape "
                f"({X.shape[0]}, {X.shape[1]}, n_classes)."
            )
        return scores[token_mask(lengths, X.shape[1])]

    def _features_of(self, x: Any) -> Any:
        """Features of the tokens of a padded batch, (n_tokens, n_units)."""
        lengths = to_tensor(x["lengths"], device=self.device)
        return self.module_features_.last[token_mask(lengths, x["X"].shape[1])]

    def hidden_features(self, X: Features) -> torch.Tensor:
        """Return the input of the last layer for the tokens, in their order."""
        features = super().hidden_features(X)
        return features[self.get_dataset(X).token_order().argsort()]

    def forward_iter(
        self, X: Features, training: bool = False, device: torch.device | str = "cpu"
    ) -> Iterator[torch.Tensor]:
        """Yield the scores of all tokens, in the order of the tokens."""
        if isinstance(X, AnswerRows):
            yield from super().forward_iter(X, training, device)
            return
        dataset = self.get_dataset(X)
        scores = torch.cat([*super().forward_iter(dataset, training, device)])
        yield scores[dataset.token_order().argsort()]


def _is_padded(scores: torch.Tensor) -> bool:
    return torch.is_tensor(scores) and scores.ndim == 3


def takes_lengths(module: Any) -> bool:
    """Whether the ``forward`` of a module takes the lengths of the sequences."""
    parameters = inspect.signature(module.forward).parameters.values()
    second = [p for p in parameters if p.kind in _POSITIONAL][:2][-1]
    if second.kind is inspect.Parameter.VAR_POSITIONAL or second.name == "lengths":
        return True
    is_first = len(parameters) == 1
    return not is_first and second.default is inspect.Parameter.empty
