"""The features of a training as the default network encodes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from skcrowd.annotations._memory import is_large
from skcrowd.backbones import TabularNet
from skcrowd.backbones._joint_tabular_nets import JointTabularNets
from skcrowd.training._data import CrowdDataset
from skcrowd.training._encoded_rows import EncodedRows

if TYPE_CHECKING:
    from skcrowd.training import CrowdNet, NetFactory


__all__ = ["encode_once"]


def encode_once(
    net: CrowdNet, dataset: CrowdDataset, factory: NetFactory
) -> CrowdDataset:
    """Return a data set whose features are encoded already, where that is possible.

    The default network encodes each item by itself, and nothing of it is trained. What
    the user's callbacks, or the transform of a method, get to see stays as it is.

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
        type(network) not in (TabularNet, JointTabularNets)
        or type(dataset) is not CrowdDataset
        or not torch.is_tensor(X)
        or X.dtype != net.dtype
        or is_large(len(X), network.n_inputs)
        or net.transform is not None
        or factory.callbacks
    ):
        return dataset
    values = network.encoded(X.to(net.device)).to(X.device)
    return CrowdDataset(EncodedRows(values), dataset.y, dataset.rows)
