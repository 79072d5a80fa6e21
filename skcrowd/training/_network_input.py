"""Bring a batch to the precision and device of a network."""

from __future__ import annotations

from typing import Any

import torch
from skorch.utils import to_tensor
from torch import nn

from skcrowd.training._items import ObjectBatch

__all__ = ["as_network_input", "holds_objects"]


def as_network_input(x: Any, net: Any) -> Any:
    """Convert a batch, where that is needed.

    Numbers of named parts, and of items of a data set, get the precision of the
    network; integers stay what they are. Of a single array, and of the parts for a
    network with `integers_are_numbers`, integers stay integers for a network that has
    an embedding, and become numbers for any other. Texts become a list.

    Parameters
    ----------
    x : Tensor, dict or tuple of Tensor, or ObjectBatch
    net : CrowdNet

    Returns
    -------
    x : object
    """
    if torch.is_tensor(x) and x.is_floating_point():
        return _converted(x, net, are_numbers=True)
    are_numbers = torch.is_tensor(x) or _has_pairs(net.module_)
    return _converted(x, net, are_numbers and not _embeds(net.module_))


def holds_objects(x: Any) -> bool:
    """Whether a converted batch holds Python objects, which skorch does not accept."""
    if isinstance(x, dict):
        return any(map(holds_objects, x.values()))
    if isinstance(x, tuple):
        return any(map(holds_objects, x))
    return isinstance(x, list) and not any(map(torch.is_tensor, x))


def _converted(x: Any, net: Any, are_numbers: bool) -> Any:
    """Convert numbers to the precision of the network; recurse into containers.

    Integers and booleans are among them if `are_numbers`.
    """
    if torch.is_tensor(x):
        x = to_tensor(x, device=net.device)
        is_number = are_numbers and not x.is_complex()
        return x.to(net.dtype) if x.is_floating_point() or is_number else x
    if isinstance(x, ObjectBatch):
        return list(x)
    if hasattr(x, "items"):
        return {name: _converted(part, net, are_numbers) for name, part in x.items()}
    if isinstance(x, (tuple, list)):
        return type(x)(_converted(part, net, are_numbers) for part in x)
    return x


def _has_pairs(module: nn.Module) -> bool:
    """Whether a network says that its parts are read as a single array is."""
    parts = module.modules()
    return any(getattr(part, "integers_are_numbers", False) is True for part in parts)


def _embeds(module: nn.Module) -> bool:
    """Whether a network looks integers up in a table."""
    tables = nn.Embedding, nn.EmbeddingBag
    return any(isinstance(part, tables) for part in module.modules())
