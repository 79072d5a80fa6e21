"""Weights of the classes, where the truth is not known."""

import numpy as np
from sklearn.utils.class_weight import compute_class_weight

__all__ = ["class_weights", "reweighted"]

LEAST_SHARE = 1e-3  # of a class, so that no weight is without bounds


def class_weights(wanted, classes, shares):
    """Weights by which predictions see classes more or less often than they occur.

    Parameters
    ----------
    wanted : dict of label to weight, "balanced" or None
    classes : ndarray of shape (n_classes,)
    shares : ndarray of shape (n_classes,)
        Mean predicted probability of each class; only "balanced" needs them.

    Returns
    -------
    weights : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If a weight is negative or not finite, or none is positive.
    """
    if wanted is None:
        return np.ones(len(classes))
    if isinstance(wanted, str):
        shares = np.maximum(shares, LEAST_SHARE)
        return shares.sum() / (len(shares) * shares)
    weights = compute_class_weight(wanted, classes=classes, y=classes)
    if not (np.isfinite(weights) & (weights >= 0)).all() or not weights.any():
        raise ValueError(
            f"class_weight={wanted!r} holds a weight that is negative or not finite, "
            "or no positive one."
        )
    return weights


def reweighted(log_proba, weights):
    """Multiply probabilities by the weights of the classes.

    Parameters
    ----------
    log_proba : ndarray of shape (n_items, n_classes)
    weights : ndarray of shape (n_classes,)

    Returns
    -------
    log_proba : ndarray of shape (n_items, n_classes)
    """
    if (weights == weights[0]).all():
        return log_proba
    with np.errstate(divide="ignore"):
        joint = log_proba + np.log(weights)
    return joint - np.logaddexp.reduce(joint, axis=1, keepdims=True)
