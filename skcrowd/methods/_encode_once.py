"""The features of a training as the default network encodes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from skcrowd.annotations._memory import is_large
from skcrowd.backbones import TabularNet
from skcrowd.backbones._feature_encoding import FeatureEncoding
from skcrowd.backbones._joint_tabular_nets import JointTabularNets
from skcrowd.training._data import CrowdDataset
from skcrowd.training._encoded_rows import EncodedRows

if TYPE_CHECKING:
    from torch import nn

    from skcrowd.training import CrowdNet, NetFactory


__all__ = ["encode_once"]


def encode_once(
    net: CrowdNet, dataset: CrowdDataset, factory: NetFactory
) -> CrowdDataset:
    """Return a data set whose features are encoded already, where that is possible.

    The default network encodes each item by itself, and nothing of it is trained. What
    the user's callbacks and hooks, or the transform of a method, get to see stays as it
    is.

    Parameters
    ----------
    net : CrowdNet
    dataset : CrowdDataset
    factory : NetFactory

    Returns
    -------
    dataset : CrowdDataset
    """
    network, X = net.module_, dataset.X
    if (
        not _encodes_as_built(network)
        or type(dataset) is not CrowdDataset
        or not torch.is_tensor(X)
        or X.dtype != net.dtype
        or is_large(len(X), network.n_inputs)
        or is_large(*X.shape)
        or net.transform is not None
        or factory.callbacks
    ):
        return dataset
    with torch.no_grad():
        values = network.encoded(X.to(net.device)).to(X.device)
    return CrowdDataset(EncodedRows(values), dataset.y, dataset.rows)


def _encodes_as_built(network: Any) -> bool:
    """Whether a network is the default one, and nobody changed how it encodes."""
    if type(network) not in (TabularNet, JointTabularNets):
        return False
    first = network if isinstance(network, TabularNet) else network.nets[0]
    if type(first.encoding) is not FeatureEncoding:
        return False
    return not any(map(_has_hooks, (network, first.encoding)))


def _has_hooks(module: nn.Module) -> bool:
    """Whether functions of the user see or change what goes in or comes out."""
    return bool(module._forward_pre_hooks or module._forward_hooks)
