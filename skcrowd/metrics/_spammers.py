"""Spammer score: dependence of the answers of an annotator on the truth."""

import numpy as np
from sklearn.utils.validation import check_array

__all__ = ["spammer_score"]


def spammer_score(confusion):
    """Measure how much an annotator's answers depend on the truth.

    The squared distance of a confusion matrix to the one whose rows all equal its mean
    row, divided by ``n_classes - 1``.

    Parameters
    ----------
    confusion : array-like of shape (n_annotators, n_classes, n_classes)
        Confusion matrices such as ``annotator_confusion_``.

    Returns
    -------
    score : ndarray of shape (n_annotators,)
        0 for a spammer, whose answers are independent of the truth; 1 for an annotator
        who is always right, and also for one who always answers wrong in the same
        way, from whom just as much can be learned.

    Raises
    ------
    ValueError
        If `confusion` is of another shape, holds NaN, or knows fewer than two classes.

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
    confusion = check_array(confusion, allow_nd=True, dtype=np.float64)
    n_classes = confusion.shape[-1]
    if confusion.ndim != 3 or confusion.shape[1] != n_classes or n_classes < 2:
        raise ValueError(
            f"confusion has shape {confusion.shape}; it must be (n_annotators, "
            "n_classes, n_classes) with at least two classes."
        )
    deviation = confusion - confusion.mean(axis=1, keepdims=True)
    return (deviation**2).sum(axis=(1, 2)) / (n_classes - 1)
