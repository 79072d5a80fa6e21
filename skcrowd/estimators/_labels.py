"""Read ``y``: labels that are certain, or the answers of annotators."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from skcrowd.annotations import Annotations, SequenceAnnotations, check_annotations
from skcrowd.annotations._dense import as_matrix
from skcrowd.annotations._encoding import check_classes
from skcrowd.annotations._known import is_sequence
from skcrowd.annotations._missing import is_complete
from skcrowd.annotations._tables import plain
from skcrowd.annotations._true_values import warn_of_truth
from skcrowd.annotations._value_types import tighten

__all__ = [
    "encode_gold",
    "read_labels",
    "read_sorted",
    "split_off_gold",
]


def split_off_gold(y, kind="labels", stacklevel=3, *, column_is_gold=True):
    """Tell certain labels from answers by the shape of ``y``.

    A single column without missing entries counts as 1-D, with a warning, as
    everywhere in scikit-learn; but not where answers came before.

    Parameters
    ----------
    y : object
        What the user gave.
    kind : {"labels", "numbers"}, default="labels"
        What an answer is; -1 marks a missing label, but is a number.
    stacklevel : int, default=3
        Frames between the warning and the user's code.
    column_is_gold : bool, default=True
        Whether a single column may be the truth.

    Returns
    -------
    y : object
        ``y`` itself, or its only column.
    is_gold : bool
        Whether ``y`` is 1-D: one certain label an item.
    """
    y = plain(y, "y")
    if isinstance(y, (Annotations, SequenceAnnotations)) or sparse.issparse(y):
        return y, False
    if isinstance(y, (list, tuple)):
        rows = [row for row in y if isinstance(row, (list, tuple, np.ndarray))]
        if not rows:
            return y, True
        if len(rows) < len(y) or any(len(row) != 1 for row in rows):
            return y, False
        if not column_is_gold:
            return y, False
        y, *_ = as_matrix(y)
    is_column = getattr(y, "ndim", 1) == 2 and y.shape[1] == 1
    is_column = is_column and not _holds_sequences(y)
    if column_is_gold and is_column and is_complete(y, kind):
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected: its one column "
            "is read as the true labels. Please change the shape of y to (n_samples,), "
            "for example using ravel().",
            DataConversionWarning,
            stacklevel=stacklevel,
        )
        return np.asarray(y).ravel(), True
    return y, getattr(y, "ndim", 1) < 2


def _holds_sequences(column):
    """Whether a cell of a column is a list or an array, which is no label."""
    cells = np.asarray(column).ravel()
    return cells.dtype == object and any(map(is_sequence, cells.tolist()))


def encode_gold(y, classes=None):
    """Encode 1-D labels.

    Parameters
    ----------
    y : array-like of shape (n_items,)
    classes : array-like of shape (n_classes,), default=None
        The possible labels in the order wanted; None for those seen, sorted.

    Returns
    -------
    annotations : Annotations
        One annotator who answered every item, with codes as labels.
    classes : ndarray of shape (n_classes,)

    Raises
    ------
    ValueError
        If a label is continuous, or outside `classes`.

    Warns
    -----
    CrowdWarning
        If -1 or -100 is among labels from 0, or text such as "nan", and `classes` do
        not say that it is one.
    """
    y = column_or_1d(y)
    tighten(y)  # raises for what is no label, such as a date
    with np.errstate(invalid="ignore"):  # of labels too large for an integer
        check_classification_targets(y)
    warn_of_truth(y, "labels", classes=classes)
    if classes is None:
        classes, codes = np.unique(y, return_inverse=True)
    else:
        given = Annotations.from_dense(y[:, None], missing_label=None, classes=classes)
        classes, codes = given.classes, given.answer
    annotations = Annotations.from_dense(
        codes[:, None], missing_label=None, classes=np.arange(len(classes))
    )
    return annotations, classes


def read_labels(y, classes=None):
    """Read answers in any form.

    Returns
    -------
    annotations : Annotations
    classes : ndarray of shape (n_classes,)
    """
    annotations = check_annotations(y, kind="labels", classes=classes)
    if not annotations.n_answers:
        raise ValueError(
            f"y of shape {annotations.shape} holds no answer at all for the items to "
            "learn from; leave at least one answer to an item of positive weight."
        )
    return annotations, annotations.classes


def read_sorted(y, classes, is_gold):
    """Read true labels or answers, classes sorted.

    Scorers and ensembles of scikit-learn take columns of probabilities in the order of
    sorted labels, whatever ``classes_`` says.

    Returns
    -------
    annotations : Annotations
    classes : ndarray of shape (n_classes,)
    """
    classes = None if classes is None else np.sort(check_classes(classes))
    if is_gold:
        return encode_gold(y, classes)
    annotations, classes = read_labels(y, classes)
    annotations = annotations.with_classes(np.sort(classes))
    return annotations, annotations.classes
