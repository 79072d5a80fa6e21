"""Classes that have an order: where it is stated, and predictions that know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._lookup import positions

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray


__all__ = ["class_order", "class_ranks", "median_class"]


def class_order(stated: Any, classes: Array) -> Array:
    """Return the labels from lowest to highest.

    Parameters
    ----------
    stated : array-like of shape (n_classes,) or None
        Labels in the order that the user gave.
    classes : ndarray of shape (n_classes,)
        All labels, sorted.

    Returns
    -------
    order : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If labels are no numbers and their order is not stated.
    """
    if stated is not None:
        place = positions(classes, np.asarray(stated))
        if (place >= 0).all():
            return classes[np.argsort(place)]
    if classes.dtype.kind in "iufb":
        return classes
    raise ValueError(
        f"ordinal=True, but the order of the classes {classes.tolist()} is not known; "
        "give them from lowest to highest as classes=[...] of the estimator, make the "
        "columns of y ordered categories, or pass y as an Annotations by "
        "with_classes([...], ordered=True)."
    )


def class_ranks(order: Array, classes: Array) -> IntArray:
    """Return the place of every class in the order, int64 (n_classes,).

    Parameters
    ----------
    order, classes : ndarray of shape (n_classes,)
        The same labels.
    """
    return positions(classes, order).astype(np.int64)


def median_class(proba: FloatArray, ranks: IntArray) -> IntArray:
    """Return the codes of the median classes.

    Parameters
    ----------
    proba : ndarray of shape (n_items, n_classes)
    ranks : int64 ndarray of shape (n_classes,)

    Returns
    -------
    codes : int64 ndarray of shape (n_items,)
    """
    by_rank = np.argsort(ranks)
    below = np.cumsum(proba[:, by_rank], axis=1)
    half = 0.5 * below[:, -1:]  # class weights may leave another sum than 1
    rank = (below < half).sum(axis=1)
    return by_rank[np.minimum(rank, len(ranks) - 1)]
