"""Confusion matrices from expected counts, with rows shrunk to the pooled confusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

import numpy as np

from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.aggregation._lazy_confusion import CountedConfusion
from skcrowd.aggregation._shrinkage import shrunk_to_crowd, smoothed_crowd

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["pooled_confusion", "shrunk_confusion", "shrunk_to_typical"]


@overload
def shrunk_confusion(
    counts: ExpectedCounts, pseudo_counts: float
) -> CountedConfusion: ...


@overload
def shrunk_confusion(counts: FloatArray, pseudo_counts: float) -> FloatArray: ...


def shrunk_confusion(
    counts: ExpectedCounts | FloatArray, pseudo_counts: float
) -> CountedConfusion | FloatArray:
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

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import shrunk_confusion
    >>> counts = np.array([[[80, 20], [0, 99]], [[1, 0], [1, 0]]], dtype=float)
    >>> shrunk_confusion(counts, pseudo_counts=3.0)[1].round(2)  # like the crowd
    array([[0.85, 0.15],
           [0.26, 0.74]])
    """
    if isinstance(counts, ExpectedCounts):
        return CountedConfusion(counts, pseudo_counts)
    total = counts.sum(axis=2, keepdims=True)
    confusion = shrunk_to_crowd(counts, pooled_confusion(counts), total, pseudo_counts)
    confusion /= confusion.sum(axis=2, keepdims=True)
    return confusion


def pooled_confusion(counts: ExpectedCounts | FloatArray) -> FloatArray:
    """Return the confusion of the crowd as a whole.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts

    Returns
    -------
    confusion : ndarray of shape (n_classes, n_classes)
        Rows sum to 1, also those of a class without any count.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import pooled_confusion
    >>> counts = np.array([[[8, 2], [0, 10]], [[9, 1], [4, 6]]], dtype=float)
    >>> pooled_confusion(counts).round(2)
    array([[0.84, 0.16],
           [0.2 , 0.8 ]])
    """
    if isinstance(counts, ExpectedCounts):
        return smoothed_crowd(counts.of_crowd().T)
    return smoothed_crowd(counts.sum(axis=0))


def shrunk_to_typical(
    counts: ExpectedCounts | FloatArray, pseudo_counts: float
) -> CountedConfusion | FloatArray:
    """Turn expected counts into confusions, rows shrunk to the typical annotator's.

    As :func:`shrunk_confusion`, but in the pooled confusion an annotator with n answers
    weighs 2 m / (m + n) an answer, with m the median of the numbers of answers: one who
    gives most of the answers counts hardly more than two typical ones.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts
        ExpectedCounts are shrunk to the plain pooled confusion.
    pseudo_counts : float

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or \
            CountedConfusion
    """
    if isinstance(counts, ExpectedCounts):
        return CountedConfusion(counts, pseudo_counts)
    n_answers = counts.sum(axis=(1, 2))
    median = np.median(n_answers[n_answers > 0]) if n_answers.any() else 1.0
    weight = 2 * median / (median + n_answers)
    typical = smoothed_crowd(np.einsum("r,rij->ij", weight, counts))
    total = counts.sum(axis=2, keepdims=True)
    return shrunk_to_crowd(counts, typical, total, pseudo_counts)
