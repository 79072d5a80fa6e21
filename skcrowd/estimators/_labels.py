"""Read ``y``: labels that are certain, or the answers of annotators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from skcrowd.annotations import check_annotations
from skcrowd.annotations._check import true_annotations
from skcrowd.annotations._encoding import check_classes
from skcrowd.annotations._true_values import warn_of_truth
from skcrowd.annotations._value_types import tighten

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array
    from skcrowd.annotations import Annotations


__all__ = [
    "encode_gold",
    "read_labels",
    "read_sorted",
]


def encode_gold(y: AnswersLike, classes: Any = None) -> tuple[Annotations, Array]:
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
        given = true_annotations(y, classes=classes)
        classes, codes = given.classes, given.answer
    annotations = true_annotations(codes, classes=np.arange(len(classes)))
    return annotations, classes


def read_labels(y: AnswersLike, classes: Any = None) -> tuple[Annotations, Array]:
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


def read_sorted(
    y: AnswersLike, classes: Any, is_gold: bool
) -> tuple[Annotations, Array]:
    """Read true labels or answers, classes sorted.

    Scorers and ensembles of scikit-learn take columns of probabilities in the order of
    sorted labels, whatever the order of ``classes_``.

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
