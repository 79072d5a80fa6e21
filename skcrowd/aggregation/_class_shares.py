"""Shares of the classes among known labels."""

from collections.abc import Mapping
from numbers import Real

import numpy as np
from sklearn.utils.validation import check_scalar

from skcrowd.annotations._known import known_values
from skcrowd.annotations._tables import listed_array, plain

__all__ = ["class_shares"]


def class_shares(labels, classes, pseudo_counts=1.0):
    """Estimate how frequent each class is, from some labels that are known.

    Parameters
    ----------
    labels : array-like of shape (n_labels,), or mapping of item to label
        Labels of items drawn at random, such as gold labels of a small sample. Missing
        ones are left out: NaN, None, NA, the empty string, masked entries and -1,
        unless it is a class.
    classes : array-like of shape (n_classes,)
        All classes, in the order wanted: that of an estimator's ``classes_``.
    pseudo_counts : float, default=1.0
        Pseudo-counts in all, spread evenly over the classes, so that a class that
        does not occur keeps a small share. 0 means plain relative frequencies.

    Returns
    -------
    shares : ndarray of shape (n_classes,)
        They sum to 1.

    Raises
    ------
    ValueError
        If a label is none of the classes, a class is given twice, or there is
        nothing to count.

    Examples
    --------
    >>> from skcrowd.aggregation import class_shares
    >>> class_shares(["cat", "dog", "cat"], classes=["cat", "dog"])
    array([0.625, 0.375])

    As the class prior of a method:

    >>> from skcrowd import CrowdClassifier
    >>> shares = class_shares([0, 0, 0, 1], classes=[0, 1])
    >>> clf = CrowdClassifier(
    ...     method="mutual_information", method__class_prior=shares
    ... )
    """
    check_scalar(pseudo_counts, "pseudo_counts", Real, min_val=0)
    labels = list(labels.values()) if isinstance(labels, Mapping) else labels
    labels, classes = _one_dimensional(labels=labels, classes=classes)
    _, labels = known_values(labels, len(labels), classes, name="labels")
    counts = np.bincount(_codes(labels, classes), minlength=len(classes))
    total = len(labels) + pseudo_counts
    if total <= 0:
        raise ValueError("labels are empty and pseudo_counts=0: there are no shares.")
    return (counts + pseudo_counts / len(classes)) / total


def _one_dimensional(**arrays):
    for name, values in arrays.items():
        array = plain(values, name)
        if np.ndim(array) != 1:
            raise ValueError(
                f"{name} must be one-dimensional, got shape {np.shape(array)}."
            )
        is_list = isinstance(array, (list, tuple))
        yield listed_array(array) if is_list else np.ma.asanyarray(array)


def _codes(labels, classes):
    """Return the position of every label among the classes."""
    position = {label: code for code, label in enumerate(classes.tolist())}
    if not position or len(position) < len(classes):
        raise ValueError(
            f"classes={classes.tolist()!r} must hold at least one class, each once."
        )
    unknown = [label for label in labels.tolist() if label not in position]
    if unknown:
        raise ValueError(
            f"labels hold {unknown[0]!r}, which is none of the classes "
            f"{classes.tolist()!r}; {len(unknown)} label(s) are unknown."
        )
    return np.array([position[label] for label in labels.tolist()], dtype=np.intp)
