"""Shares of the classes: those of the vote, the same for all, or known ones."""

import numpy as np

from skcrowd._sklearn_compat import StrOptions

__all__ = ["CLASS_PRIOR", "mean_shares", "read_class_prior"]

CLASS_PRIOR = [StrOptions({"vote", "uniform"}), "array-like"]  # constraints
LEAST = 1e-6  # share of a class whose given share is 0


def read_class_prior(class_prior, context, initial_posterior):
    """Turn the parameter `class_prior` of a method into shares.

    Parameters
    ----------
    class_prior : {"vote", "uniform"} or array-like of shape (n_classes,)
        The shares of the soft vote, the same share for all, or known shares in the
        order of ``classes_``, which need not sum to 1. See
        :func:`skcrowd.aggregation.class_shares` for shares of gold labels.
    context : TrainingContext
        Its weights are those of the items in the vote's shares: 0 for held-out items.
    initial_posterior : ndarray of shape (n_items, n_classes)
        That of ``context.labels``, which is the soft vote unless there is a previous
        fit.

    Returns
    -------
    shares : ndarray of shape (n_classes,)
        All positive; they sum to 1. Classes of share zero get one in a million.

    Raises
    ------
    ValueError
        If known shares are not one number a class, are negative or not finite, or
        are all zero.
    """
    n_classes = initial_posterior.shape[1]
    if not isinstance(class_prior, str):
        return _known_shares(class_prior, n_classes)
    if class_prior == "uniform":
        return np.full(n_classes, 1 / n_classes)
    is_vote = context.side_information.is_cold_start
    votes = initial_posterior if is_vote else context.labels.votes()
    return mean_shares(votes, context.training_weight)


def mean_shares(posterior, weight):
    """Return the mean posterior, with one pseudo-item spread evenly over the classes.

    Parameters
    ----------
    posterior : ndarray of shape (n_items, n_classes)
    weight : ndarray of shape (n_items,)

    Returns
    -------
    shares : ndarray of shape (n_classes,)
    """
    shares = weight @ posterior + 1 / posterior.shape[1]
    return shares / shares.sum()


def _known_shares(class_prior, n_classes):
    shares = _numbers(class_prior)
    if shares.shape != (n_classes,):
        raise ValueError(
            f"class_prior has shape {shares.shape}; it must hold one share for each of "
            f"the {n_classes} classes, in the order of classes_."
        )
    if not (np.isfinite(shares) & (shares >= 0)).all() or not shares.any():
        raise ValueError(
            f"class_prior={shares.tolist()} must hold shares that are finite, not "
            "negative, and not all zero."
        )
    shares = np.maximum(shares / shares.sum(), LEAST)
    return shares / shares.sum()


def _numbers(class_prior):
    try:
        return np.asarray(class_prior, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"class_prior={class_prior!r} must be 'vote', 'uniform' or numbers, one "
            "for each class in the order of classes_."
        ) from error
