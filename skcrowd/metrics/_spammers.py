"""Spammer score: dependence of the answers of an annotator on the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.utils.validation import check_array

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike, FloatArray


__all__ = ["spammer_score"]

ROUNDING = 0.02  # of the sum of a row: tables are often given with two decimals


def spammer_score(confusion: ArrayLike) -> FloatArray:
    """Measure how much an annotator's answers depend on the truth.

    The squared distance of a confusion matrix to the one whose rows all equal its mean
    row, divided by ``n_classes - 1``.

    Parameters
    ----------
    confusion : array-like of shape (n_annotators, n_classes, n_classes)
        Confusion matrices such as ``annotator_confusion_``; rows sum to 1, up to
        rounding (0.02).

    Returns
    -------
    score : ndarray of shape (n_annotators,)
        0 for a spammer, whose answers are independent of the truth; 1 for an annotator
        who is always right, and also for one who always answers wrong in the same
        way, from whom just as much can be learned.

    Raises
    ------
    ValueError
        If `confusion` is of another shape, holds NaN, knows fewer than two classes, or
        has a row that is no distribution: a negative number, or a sum other than 1.

    References
    ----------
    V. C. Raykar, S. Yu. Eliminating spammers and ranking annotators for crowdsourced
    labeling tasks. JMLR 13, 2012.

    Examples
    --------
    >>> from skcrowd.metrics import spammer_score
    >>> spammer_score([[[1.0, 0.0], [0.0, 1.0]], [[0.7, 0.3], [0.7, 0.3]]])
    array([1., 0.])
    """
    C: FloatArray = check_array(confusion, allow_nd=True, dtype=np.float64)
    n_classes = C.shape[-1]
    if C.ndim != 3 or C.shape[1] != n_classes or n_classes < 2:
        raise ValueError(
            f"confusion has shape {C.shape}; it must be (n_annotators, "
            "n_classes, n_classes) with at least two classes."
        )
    _check_distributions(C)
    deviation = C - C.mean(axis=1, keepdims=True)
    score: FloatArray = (deviation**2).sum(axis=(1, 2)) / (n_classes - 1)
    return score


def _check_distributions(confusion: FloatArray) -> None:
    """Raise unless the rows of confusions are probabilities."""
    total = confusion.sum(axis=2)
    wrong = (np.abs(total - 1) > ROUNDING) | (confusion < 0).any(axis=2)
    if wrong.any():
        annotator, row = np.argwhere(wrong)[0]
        raise ValueError(
            f"confusion[{annotator}, {row}] is "
            f"{confusion[annotator, row].tolist()[:6]}, which sums to "
            f"{total[annotator, row]:.4g}; each row must hold probabilities that "
            "sum to 1. Divide counts by the sums of their rows: counts / "
            "counts.sum(axis=2, keepdims=True)."
        )
