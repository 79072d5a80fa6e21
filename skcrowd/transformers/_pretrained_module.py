"""An encoder with a linear layer on top."""

from __future__ import annotations

import re
from typing import Any, Literal

import torch
from torch import nn

from skcrowd.transformers._pretrained import make_encoder, make_tokenizer

__all__ = ["PretrainedModule"]

LAYER = re.compile(r"\.(\d+)\.")  # number of a layer in the name of a parameter
POOLINGS = ("mean", "first")


class PretrainedModule(nn.Module):
    """An encoder of transformers, dropout, and a linear layer to the scores.

    Parameters
    ----------
    model, n_outputs, tokenizer, pooling, dropout, max_length, layer_decay, head_lr
        See :class:`TextClassifierModule`.
    **options
        For a tokenizer that is loaded.
    """

    def __init__(
        self,
        model: Any,
        n_outputs: int,
        tokenizer: Any,
        pooling: Literal["mean", "first"],
        dropout: float,
        max_length: int | None,
        layer_decay: float,
        head_lr: float,
        **options: Any,
    ) -> None:
        super().__init__()
        if pooling not in POOLINGS:
            raise ValueError(f"pooling must be one of {POOLINGS}, got {pooling!r}.")
        if not 0 < layer_decay <= 1:
            raise ValueError(f"layer_decay must be in (0, 1], got {layer_decay!r}.")
        self.tokenizer = make_tokenizer(tokenizer, model, **options)
        encoder: Any = make_encoder(model)
        self.encoder = encoder
        self.pooling = pooling
        self.max_length = _max_length(max_length, encoder.config, self.tokenizer)
        self.layer_decay = layer_decay
        self.head_lr = head_lr
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(encoder.config.hidden_size, n_outputs)

    @property
    def device(self) -> torch.device:
        """Device of the weights."""
        return self.head.weight.device

    def hidden(self, ids: torch.Tensor, mask: torch.Tensor, **more: Any) -> Any:
        """Return the last hidden states, (n_batch, longest, n_units).

        Parameters
        ----------
        ids, mask : int64 Tensor of shape (n_batch, longest)
            Codes of the pieces, and 1 where they are no padding.
        **more : Tensor
            Further input of the encoder.
        """
        encoder: Any = self.encoder
        output = encoder(input_ids=ids, attention_mask=mask, **more)
        return output.last_hidden_state

    def parameter_groups(self, lr: float) -> list[dict[str, Any]]:
        """Return groups of parameters for an optimiser, each with its learning rate.

        The top layer of the encoder has the rate `lr`, each layer below that of the
        layer above times `layer_decay`, and the embeddings the lowest. The new layer
        has ``head_lr * lr``. Biases and norms have no weight decay.

        Parameters
        ----------
        lr : float

        Returns
        -------
        groups : list of dict
        """
        groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
        for name, parameter in self.named_parameters():
            key = lr * self._lr_factor(name), parameter.ndim > 1
            groups.setdefault(key, []).append(parameter)
        no_decay: dict[str, Any] = {"weight_decay": 0.0}
        return [
            {"params": parameters, "lr": rate, **({} if decays else no_decay)}
            for (rate, decays), parameters in groups.items()
        ]

    def _lr_factor(self, name: str) -> float:
        """Return the learning rate of a parameter, by its name, relative to the top."""
        if not name.startswith("encoder."):
            return self.head_lr
        encoder: Any = self.encoder
        n_layers = encoder.config.num_hidden_layers
        found = LAYER.search(name)
        if found is not None:
            return float(self.layer_decay ** (n_layers - 1 - int(found[1])))
        return float(self.layer_decay**n_layers) if "embed" in name else 1.0

    def stored_parameters(self) -> dict[str, Any]:
        """Return parameters of ``__init__`` that build it again without a download.

        Returns
        -------
        parameters : dict
            The encoder's configuration, not its weights, is among them.
        """
        encoder: Any = self.encoder
        return {
            "model": encoder.config,
            "n_outputs": self.head.out_features,
            "tokenizer": self.tokenizer,
            "pooling": self.pooling,
            "dropout": self.dropout.p,
            "max_length": self.max_length,
            "layer_decay": self.layer_decay,
            "head_lr": self.head_lr,
        }


def _max_length(max_length: int | None, config: Any, tokenizer: Any) -> int:
    """Return the largest number of pieces of an item, special ones among them."""
    limits = [getattr(config, "max_position_embeddings", None), max_length]
    limits.append(tokenizer.model_max_length)
    least = tokenizer.num_special_tokens_to_add() + 1
    found = min(limit for limit in limits if limit is not None)
    if found < least:
        raise ValueError(
            f"max_length is {found}, which leaves no piece of an item beside the "
            f"special ones; it must be {least} at least."
        )
    return int(found)
