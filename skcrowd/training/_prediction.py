"""Prediction of the truth by a trained net."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from skcrowd.annotations._memory import check_fits, is_large
from skcrowd.training._finite import check_finite, finite_items

if TYPE_CHECKING:
    import torch

    from skcrowd._typing import Features, FloatArray

    from ._net import CrowdNet
    from ._process_group import ProcessGroup


__all__ = ["predict_truth"]

ROWS_AT_ONCE = 2**14  # of X, which several processes predict together


def predict_truth(
    net: CrowdNet, X: Features, group: ProcessGroup | None = None
) -> FloatArray:
    """Predict the truth of items.

    Parameters
    ----------
    net : CrowdNet
    X : ndarray or CSR matrix of shape (n_items, ...)
    group : ProcessGroup, default=None
        Processes that divide the items among themselves; all get all predictions.

    Returns
    -------
    truth : float64 ndarray of shape (n_items, n_classes) or (n_items,)
        Log-probabilities of the classes, or numbers.

    Raises
    ------
    ValueError
        If the network returns something that is not finite.
    """
    output = net.criterion_.output
    shape = net.count_items(X), getattr(output, "n_classes", 0)
    if not is_large(*shape):
        scores = net.forward(X) if group is None else group.by_parts(net.forward, X)
        scores = scores.double()
        check_finite(finite_items(scores), X, net)
        return output.truth(scores).t().numpy()
    check_fits(
        8 * shape[0] * shape[1],
        f"the network's scores of {shape[0]} items and {shape[1]} classes",
        "predict fewer items at a time",
    )
    truth, is_finite, done = np.empty(shape), np.empty(shape[0], dtype=bool), 0
    for scores in _score_blocks(net, X, group):
        batch = slice(done, done + len(scores))
        truth[batch] = output.truth(scores.cpu().double()).t().numpy()
        is_finite[batch], done = finite_items(scores), batch.stop
    check_finite(is_finite, X, net)
    return truth


def _score_blocks(
    net: CrowdNet, X: Features, group: ProcessGroup | None
) -> Iterator[torch.Tensor]:
    """Yield the scores of some items after another."""
    if group is None:
        yield from net.forward_iter(X)
        return
    for first in range(0, X.shape[0], ROWS_AT_ONCE):
        yield group.by_parts(net.forward, X[first : first + ROWS_AT_ONCE])
