"""Confusion matrices from soft counts, with rows shrunk to the pooled confusion."""

import numpy as np

__all__ = ["pooled_confusion", "shrunk_confusion"]

POOLED_COUNTS = 1.0
POOLED_DIAGONAL = 0.7


def shrunk_confusion(counts, pseudo_counts):
    """Turn soft counts into confusion matrices.

    Every annotator's row starts with `pseudo_counts` pseudo-counts spread as the whole
    crowd's row is, so an annotator with three answers looks like the crowd and one
    with three hundred like himself. The crowd's own row starts with one pseudo-count,
    70 % of it on the diagonal.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes)
        ``counts[r, i, j]``: how often r answered j where the truth is i.
    pseudo_counts : float
        Pseudo-counts a row. 0 means the plain relative frequencies (the pooled row
        where a row has no count at all).

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        Rows sum to 1.

    Notes
    -----
    Shrinking to the pooled confusion is our choice; Dawid and Skene (1979) and
    Rodrigues and Pereira (2018) use plain or Dirichlet-smoothed frequencies.
    """
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
    counts : ndarray of shape (n_annotators, n_classes, n_classes)

    Returns
    -------
    confusion : ndarray of shape (n_classes, n_classes)
        Rows sum to 1, also those of a class that nobody saw.
    """
    counts = counts.sum(axis=0)
    n_classes = len(counts)
    off_diagonal = (1 - POOLED_DIAGONAL) / max(n_classes - 1, 1)
    prior = np.full((n_classes, n_classes), off_diagonal)
    np.fill_diagonal(prior, POOLED_DIAGONAL if n_classes > 1 else 1.0)
    smoothed = counts + POOLED_COUNTS * prior
    return smoothed / smoothed.sum(axis=1, keepdims=True)
