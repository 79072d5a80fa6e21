"""Read ``y``: labels that are certain, or the answers of annotators."""

import warnings

import numpy as np
from scipy import sparse
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from skcrowd.annotations import Annotations, check_annotations

__all__ = ["encode_gold", "read_labels", "split_off_gold"]


def split_off_gold(y):
    """Tell certain labels from answers by the shape of ``y``.

    A single column without missing entries counts as 1-D, with a warning, as
    everywhere in scikit-learn.

    Returns
    -------
    y : object
        ``y`` itself, or its only column.
    is_gold : bool
        Whether ``y`` is 1-D: one certain label an item.
    """
    if isinstance(y, Annotations) or sparse.issparse(y):
        return y, False
    if isinstance(y, (list, tuple)):
        nested = any(isinstance(row, (list, tuple, np.ndarray)) for row in y)
        return y, not nested
    if getattr(y, "ndim", 1) == 2 and y.shape[1] == 1 and _is_complete(y):
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected: its one column "
            "is read as the true labels. Please change the shape of y to (n_samples,), "
            "for example using ravel().",
            DataConversionWarning,
            stacklevel=4,
        )
        return np.asarray(y).ravel(), True
    return y, getattr(y, "ndim", 1) < 2


def _is_complete(y):
    try:
        column = Annotations.from_dense(y)
    except ValueError:
        return True
    return bool(column.answers_per_item.all())


def encode_gold(y, classes=None):
    """Encode 1-D labels.

    Returns
    -------
    annotations : Annotations
        One annotator who answered every item, with codes as labels.
    classes : ndarray of shape (n_classes,)
    """
    y = column_or_1d(y)
    check_classification_targets(y)
    if classes is None:
        classes, codes = np.unique(y, return_inverse=True)
    else:
        classes = Annotations.from_dense(
            y[:, None], missing_label=None, classes=classes
        ).classes
        order = np.argsort(classes)
        codes = order[np.searchsorted(classes[order], y)]
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
