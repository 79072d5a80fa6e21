"""Shrink counts to the confusion of the crowd, and that one to a diagonal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["shrunk_to_crowd", "smoothed_crowd"]

POOLED_COUNTS = 1.0
POOLED_DIAGONAL = 0.7


def smoothed_crowd(counts: FloatArray) -> FloatArray:
    """Turn the counts of a whole crowd into its confusion.

    Parameters
    ----------
    counts : ndarray of shape (n_classes, n_classes)
        By truth and answer.

    Returns
    -------
    confusion : ndarray of shape (n_classes, n_classes)
    """
    n_classes = len(counts)
    off_diagonal = (1 - POOLED_DIAGONAL) / max(n_classes - 1, 1)
    on_diagonal = POOLED_DIAGONAL if n_classes > 1 else 1.0
    smoothed = counts + POOLED_COUNTS * off_diagonal
    np.fill_diagonal(smoothed, np.diagonal(counts) + POOLED_COUNTS * on_diagonal)
    smoothed /= smoothed.sum(axis=1, keepdims=True)
    return smoothed


def shrunk_to_crowd(
    counts: FloatArray, crowd: FloatArray, total: FloatArray, pseudo_counts: float
) -> FloatArray:
    """Turn counts into probabilities, entry by entry.

    Parameters
    ----------
    counts, crowd, total : ndarray of shapes that broadcast to that of `counts`
        Count of an annotator's answer, its probability in the confusion of the crowd,
        and the sum of the annotator's counts with the same truth.
    pseudo_counts : float

    Returns
    -------
    probability : ndarray of the shape of `counts`
        ``(counts + pseudo_counts * crowd) / (total + pseudo_counts)``, or `crowd` where
        the denominator is 0.
    """
    total = total + pseudo_counts
    shrunk = pseudo_counts * crowd + counts
    is_empty = total <= 0
    if is_empty.any():
        shrunk, total[is_empty] = np.where(is_empty, crowd, shrunk), 1
    shrunk /= total
    return shrunk
