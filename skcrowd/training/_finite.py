"""Check that the scores of a network are finite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy import sparse

from skcrowd.training._items import Items
from skcrowd.training._refusals import OutputError

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, IntArray

    from ._net import CrowdNet


__all__ = ["check_finite", "finite_items", "place_of"]


def finite_items(scores: torch.Tensor) -> BoolArray:
    """Return whether all scores of an item are finite, bool ndarray (n_items,)."""
    return torch.isfinite(scores).reshape(len(scores), -1).all(dim=1).cpu().numpy()


def check_finite(is_finite: BoolArray, X: Any, net: CrowdNet) -> None:
    """Raise if a network returns NaN or infinity for finite features.

    Parameters
    ----------
    is_finite : bool ndarray of shape (n_items,)
        Whether the scores of an item are finite.
    X : ndarray, CSR matrix, Items or SequenceRows
        Input of the network; its items are rows, or tokens.
    net : CrowdNet

    Raises
    ------
    OutputError
    """
    if is_finite.all():
        return
    if isinstance(X, Items):
        raise OutputError(
            f"network {type(net.module_).__name__} returns NaN or infinity for "
            f"{place_of(~is_finite)}; check the network and the scale of its input."
        )
    features = getattr(X, "tokens", X)
    place = place_of(~is_finite, getattr(X, "lengths", None))
    values = features.data if sparse.issparse(features) else features
    raise OutputError(
        f"network {type(net.module_).__name__} returns NaN or infinity for {place}, "
        "whose features are finite (the largest of X is "
        f"{np.abs(values).max():.4g}). Features far from those of fit are too large "
        f"for {str(net.dtype).removeprefix('torch.')}, in which the network computes; "
        "scale X in the same way for fit and for prediction, or check the network."
    )


def place_of(wrong: BoolArray, lengths: IntArray | None = None) -> str:
    """Describe the position of the first wrong row of X, and their number.

    Parameters
    ----------
    wrong : bool ndarray of shape (n_items,)
    lengths : ndarray of shape (n_sequences,), default=None
        Tokens of every sequence, if items are tokens.
    """
    first, count = int(np.argmax(wrong)), int(wrong.sum())
    if lengths is None:
        return f"row {first} of X ({count} of {len(wrong)} rows)"
    ends = np.cumsum(lengths)
    sequence = int(np.searchsorted(ends, first, side="right"))
    token = first - int(ends[sequence] - lengths[sequence])
    return f"token {token} of sequence {sequence} of X ({count} of {len(wrong)} tokens)"
