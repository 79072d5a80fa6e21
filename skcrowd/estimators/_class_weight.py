"""Weights of the classes, where the truth is not known."""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

from skcrowd.aggregation import measure_disagreement

__all__ = ["class_weights"]

LEAST_SHARE = 1e-3  # of a class, so that no weight is without bounds
LEAST_WEIGHT = 1e-9
SAID_BY_THE_CROWD = 20.0  # gold labels, as which the estimated shares count


def class_weights(wanted, classes, annotations, sample_weight, gold, is_truth):
    """Weights by which the network sees classes more or less often than they occur.

    Parameters
    ----------
    wanted : dict of label to weight, "balanced" or None
    classes : ndarray of shape (n_classes,)
    annotations : Annotations
    sample_weight : ndarray of shape (n_items,)
        Zero for items that nothing may be learned from.
    gold : int64 ndarray of shape (n_items,) or None
        Codes of known truths, else -1.
    is_truth : bool
        Whether the answers are the truth itself.

    Returns
    -------
    weights : ndarray of shape (n_classes,) or None
    """
    if wanted is None:
        return None
    if isinstance(wanted, str):
        shares = _shares(annotations, sample_weight, gold, is_truth)
        shares = np.maximum(shares, LEAST_SHARE)
        return shares.sum() / (len(shares) * shares)
    weights = compute_class_weight(wanted, classes=classes, y=classes)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        raise ValueError(
            f"class_weight={wanted!r} holds a weight that is negative or not finite."
        )
    return np.maximum(weights, LEAST_WEIGHT)


def _shares(annotations, sample_weight, gold, is_truth):
    """Shares of the classes as they are inferred before training."""
    n_classes = len(annotations.classes)
    if is_truth:
        weight = sample_weight[annotations.item]
        counts = np.bincount(annotations.answer, weight, n_classes)
        return counts / counts.sum()
    shares = measure_disagreement(annotations, sample_weight).class_shares
    if gold is None:
        return shares
    known = gold >= 0
    counts = np.bincount(gold[known], sample_weight[known], n_classes)
    joined = counts + SAID_BY_THE_CROWD * shares
    return joined / joined.sum()
