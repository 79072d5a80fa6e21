"""Confusion matrices from expected counts, with rows shrunk to the pooled confusion."""

import numpy as np

from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.aggregation._lazy_confusion import CountedConfusion
from skcrowd.aggregation._shrinkage import smoothed_crowd

__all__ = ["pooled_confusion", "shrunk_confusion"]


def shrunk_confusion(counts, pseudo_counts):
    """Turn expected counts into confusion matrices.

    ``confusion[r, i, j] = (counts[r, i, j] + pseudo_counts * pooled[i, j]) /
    (Σ_k counts[r, i, k] + pseudo_counts)``: the fewer answers an annotator gave, the
    nearer the row is to that of the pooled confusion of the whole crowd. The latter has
    one pseudo-count a row, 70 % of it on the diagonal.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts
        ``counts[r, i, j]``: how often r answered j where the truth is i.
    pseudo_counts : float
        Pseudo-counts a row. 0 means the plain relative frequencies, or the pooled row
        where a row has no count at all.

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
            CountedConfusion
        Rows sum to 1. For ExpectedCounts a CountedConfusion, which computes them on
        demand.

    Notes
    -----
    Shrinking to the pooled confusion is our choice; Dawid and Skene (1979) and
    Rodrigues and Pereira (2018) use plain or Dirichlet-smoothed frequencies.
    """
    if isinstance(counts, ExpectedCounts):
        return CountedConfusion(counts, pseudo_counts)
    pooled = pooled_confusion(counts)
    total = counts.sum(axis=2, keepdims=True) + pseudo_counts
    confusion = counts + pseudo_counts * pooled
    empty = np.broadcast_to(total <= 0, confusion.shape)
    confusion = np.where(empty, pooled, confusion / np.where(total <= 0, 1, total))
    return confusion / confusion.sum(axis=2, keepdims=True)


def pooled_confusion(counts):
    """Return the confusion of the crowd as a whole.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts

    Returns
    -------
    confusion : ndarray of shape (n_classes, n_classes)
        Rows sum to 1, also those of a class without any count.
    """
    is_table = not isinstance(counts, ExpectedCounts)
    return smoothed_crowd(counts.sum(axis=0) if is_table else counts.of_crowd().T)
