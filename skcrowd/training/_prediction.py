"""Prediction of the truth by a trained net."""

import numpy as np

from skcrowd.annotations._memory import check_fits, is_large
from skcrowd.training._finite import check_finite, finite_items

__all__ = ["predict_truth"]


def predict_truth(net, X):
    """Predict the truth of items.

    Parameters
    ----------
    net : CrowdNet
    X : ndarray or CSR matrix of shape (n_items, ...)

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
        scores = net.forward(X).double()
        check_finite(finite_items(scores), X, net)
        return output.truth(scores).t().numpy()
    check_fits(
        8 * shape[0] * shape[1],
        f"the network's scores of {shape[0]} items and {shape[1]} classes",
        "predict fewer items at a time",
    )
    truth, is_finite, done = np.empty(shape), np.empty(shape[0], dtype=bool), 0
    for scores in net.forward_iter(X):
        batch = slice(done, done + len(scores))
        truth[batch] = output.truth(scores.cpu().double()).t().numpy()
        is_finite[batch], done = finite_items(scores), batch.stop
    check_finite(is_finite, X, net)
    return truth
