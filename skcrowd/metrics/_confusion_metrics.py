"""Confusion matrices of annotators: counted against gold labels, and compared."""

import numpy as np
from sklearn.utils.validation import check_consistent_length, column_or_1d

from skcrowd.aggregation._expected_counts import too_large_table
from skcrowd.annotations import check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._lookup import positions, preview
from skcrowd.annotations._memory import check_fits
from skcrowd.annotations._value_types import missing_mask, tighten


def empirical_confusion(annotations, gold, *, classes=None):
    """Count the confusion matrix of every annotator against gold labels.

    Parameters
    ----------
    annotations : Annotations, array-like, DataFrame or sparse matrix of shape \
(n_items, n_annotators)
        Answers of the annotators, in any form that
        :func:`skcrowd.annotations.check_annotations` reads.
    gold : array-like of shape (n_items,)
        True label of every item.
    classes : array-like of shape (n_classes,), default=None
        Labels of the rows and columns, in this order. By default the classes of the
        annotations; pass the union where gold labels occur that nobody answers.

    Returns
    -------
    ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` is the share of the answers ``classes[j]`` among all that
        annotator r gave to items of class ``classes[i]``. A row of which the annotator
        saw no item is NaN; all other rows sum to 1.

    Raises
    ------
    ValueError
        If `gold` has another length or a missing value, a gold label or an answer is
        none of `classes`, or the annotations are numbers or none at all.

    See Also
    --------
    confusion_error : Compare estimated confusion matrices with these.

    Examples
    --------
    >>> from skcrowd.metrics import empirical_confusion
    >>> y = [["cat", None], ["dog", None], ["cat", "dog"]]
    >>> empirical_confusion(y, gold=["cat", "dog", "dog"])
    array([[[1. , 0. ],
            [0.5, 0.5]],
           [[nan, nan],
            [0. , 1. ]]])
    """
    check_aligned(annotations=annotations, gold=gold)
    annotations = check_annotations(annotations, classes=classes)
    gold = column_or_1d(gold)
    check_consistent_length(annotations, gold)
    n_classes = len(annotations.classes)
    shape = (annotations.shape[1], n_classes, n_classes)
    n_bytes, what, _ = too_large_table(shape, "confusion matrices")
    check_fits(2 * n_bytes, what, "merge classes, or select annotators")
    truth = _gold_codes(gold, annotations.classes)[annotations.item]
    cell = np.ravel_multi_index(
        (annotations.annotator, truth, annotations.answer), shape
    )
    counts = np.bincount(cell, minlength=np.prod(shape)).reshape(shape)
    seen = counts.sum(axis=2, keepdims=True)
    return np.divide(counts, seen, out=np.full(shape, np.nan), where=seen > 0)


def confusion_error(estimated, true, *, weights=None):
    """Mean absolute error between two sets of confusion matrices.

    Parameters
    ----------
    estimated : array-like of shape (n_annotators, n_classes, n_classes)
        Estimated confusion matrices, such as ``annotator_confusion_``.
    true : array-like of shape (n_annotators, n_classes, n_classes)
        The confusion matrices to compare with. Rows that hold NaN, as in
        :func:`empirical_confusion` for classes that an annotator never saw, are left
        out.
    weights : array-like of shape (n_annotators,) or (n_annotators, n_classes), \
default=None
        Weight of every annotator, or of every row of every annotator: a boolean mask,
        or numbers of 0 or more, such as the number of answers. By default all rows
        count the same.

    Returns
    -------
    float
        Mean of ``abs(estimated - true)`` over all entries of the rows that count, from
        0 (equal) to ``2 / n_classes`` (every row certain of another class).

    Raises
    ------
    ValueError
        If the shapes differ, `estimated` holds NaN where `true` does not, weights are
        negative or of another shape, or no row is left.

    Examples
    --------
    >>> from skcrowd.metrics import confusion_error
    >>> true = [[[1.0, 0.0], [0.5, 0.5]]]
    >>> estimated = [[[0.9, 0.1], [0.5, 0.5]]]
    >>> round(confusion_error(estimated, true), 6)
    0.05
    """
    estimated, true = _check_pair(estimated, true)
    row_error = np.abs(estimated - true).mean(axis=2)
    weights = _row_weights(weights, true)
    counts = weights > 0
    if np.isnan(row_error[counts]).any():
        raise ValueError(
            "estimated holds NaN in a row that is known in true; an estimate must be "
            "complete, or leave its annotators out with weights=."
        )
    return float(np.average(row_error[counts], weights=weights[counts]))


def _gold_codes(gold, classes):
    """Place of every gold label in classes."""
    missing = missing_mask(gold)
    if missing.any():
        row = int(np.argmax(missing))
        raise ValueError(
            f"gold holds a missing value ({gold[row]!r}) at row {row}, one of "
            f"{int(missing.sum())}; leave these items out of gold and annotations."
        )
    codes = positions(tighten(gold, "gold"), classes)
    unknown = np.flatnonzero(codes < 0)
    if unknown.size:
        row = int(unknown[0])
        raise ValueError(
            f"gold holds {gold[row : row + 1].tolist()[0]!r} at row {row}, which is "
            f"none of the classes {preview(classes)}; pass classes= with every label "
            "that occurs in gold or in the answers."
        )
    return codes


def _check_pair(estimated, true):
    estimated = np.asarray(estimated, dtype=np.float64)
    true = np.asarray(true, dtype=np.float64)
    square = true.ndim == 3 and true.shape[1] == true.shape[2]
    if estimated.shape != true.shape or not square:
        raise ValueError(
            f"estimated has shape {estimated.shape} and true {true.shape}; both must "
            "be (n_annotators, n_classes, n_classes), over the same annotators and "
            "classes."
        )
    return estimated, true


def _row_weights(weights, true):
    """Weight of every row, shape (n_annotators, n_classes); 0 where true is NaN."""
    known = ~np.isnan(true).any(axis=2)
    if weights is None:
        weights = np.ones(len(true))
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape not in {known.shape[:1], known.shape}:
        raise ValueError(
            f"weights has shape {weights.shape}; give one number per annotator, "
            f"shape {known.shape[:1]}, or one per row, shape {known.shape}."
        )
    if not (weights >= 0).all() or np.isinf(weights).any():
        raise ValueError(
            "weights holds a negative or non-finite number; give numbers of 0 or more."
        )
    if weights.ndim == 1:
        weights = weights[:, None]
    weights = np.where(known, weights, 0.0)
    if not weights.any():
        raise ValueError(
            "No row of true is left to compare with: all are NaN or have weight 0."
        )
    return weights
