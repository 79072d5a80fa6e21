"""Confusion matrices from soft counts, with rows shrunk to the pooled confusion."""

import numpy as np

from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.aggregation._lazy_confusion import CountedConfusion
from skcrowd.aggregation._shrinkage import smoothed_crowd

__all__ = ["pooled_confusion", "shrunk_confusion"]


def shrunk_confusion(counts, pseudo_counts):
    """Turn soft counts into confusion matrices.

    Every annotator's row starts with `pseudo_counts` pseudo-counts spread as the whole
    crowd's row is, so an annotator with three answers looks like the crowd and one
    with three hundred like himself. The crowd's own row starts with one pseudo-count,
    70 % of it on the diagonal.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts
        ``counts[r, i, j]``: how often r answered j where the truth is i.
    pseudo_counts : float
        Pseudo-counts a row. 0 means the plain relative frequencies (the pooled row
        where a row has no count at all).

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
            CountedConfusion
        Rows sum to 1. Of a ExpectedCounts, which has no table, what makes parts of it.

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
    """Confusion of the crowd as a whole.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts

    Returns
    -------
    confusion : ndarray of shape (n_classes, n_classes)
        Rows sum to 1, also those of a class that nobody saw.
    """
    is_table = not isinstance(counts, ExpectedCounts)
    return smoothed_crowd(counts.sum(axis=0) if is_table else counts.of_crowd().T)
