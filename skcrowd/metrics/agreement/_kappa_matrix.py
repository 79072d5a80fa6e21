"""Cohen's kappa of every two annotators."""

import numpy as np
from scipy import sparse

from skcrowd.annotations._memory import check_fits
from skcrowd.metrics.agreement._item_counts import read_labels

__all__ = ["cohen_kappa_matrix"]

WEIGHTS = {
    None: lambda i, j: i != j,
    "linear": lambda i, j: abs(i - j),
    "quadratic": lambda i, j: (i - j) ** 2,
}


def cohen_kappa_matrix(y, *, weights=None, classes=None):
    """Cohen's kappa of every two annotators, on the items that both answered.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, n_annotators)
        Labels in any form that :func:`skcrowd.annotations.check_annotations` reads.
    weights : {None, "linear", "quadratic"}, default=None
        What a disagreement counts: all the same, or by the distance of the labels in
        the order of `classes`.
    classes : array-like of shape (n_classes,), default=None
        The possible labels, with `weights` in their order; None for those seen, sorted.

    Returns
    -------
    kappa : ndarray of shape (n_annotators, n_annotators)
        NaN where two have no common item, or both gave the same label to all; 1 on the
        diagonal.

    Raises
    ------
    ValueError
        If `weights` is unknown, or no item has two answers.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and
    Psychological Measurement 20(1), 37-46. DOI 10.1177/001316446002000104

    Examples
    --------
    >>> from skcrowd.metrics.agreement import cohen_kappa_matrix
    >>> cohen_kappa_matrix([[0, 0, 1], [1, 1, 0], [0, 1, 1], [1, 1, -1]]).round(2)
    array([[ 1. ,  0.5, -0.8],
           [ 0.5,  1. , -0.5],
           [-0.8, -0.5,  1. ]])
    """
    if weights not in WEIGHTS:
        raise ValueError(
            f"weights must be None, 'linear' or 'quadratic', got {weights!r}."
        )
    annotations = read_labels(y, classes)
    n_annotators, n_classes = annotations.n_annotators, len(annotations.classes)
    check_fits(
        8 * 6 * n_annotators**2,
        f"agreement of {n_annotators} annotators with each other",
        "take fewer annotators at a time",
    )
    of_class = _by_class(annotations, n_classes)
    has_answer = sum(of_class)
    n_common = (has_answer.T @ has_answer).toarray()
    # how often r answered class k on the items that s answered, too
    margins = [(answers.T @ has_answer).toarray() for answers in of_class]
    observed = np.zeros((n_annotators, n_annotators))
    expected = np.zeros((n_annotators, n_annotators))
    for i in range(n_classes):
        for j in range(n_classes):
            cost = float(WEIGHTS[weights](i, j))
            if cost:
                observed += cost * (of_class[i].T @ of_class[j]).toarray()
                expected += cost * margins[i] * margins[j].T
    with np.errstate(invalid="ignore", divide="ignore"):
        kappa = 1 - observed * n_common / expected
    kappa[n_common == 0] = np.nan
    np.fill_diagonal(kappa, 1.0)
    return kappa


def _by_class(annotations, n_classes):
    """Return which items each annotator gave each class, a list of CSC arrays."""
    a = annotations
    arrays = []
    for k in range(n_classes):
        of_class = a.answer == k
        place = a.item[of_class], a.annotator[of_class]
        arrays.append(sparse.csc_array((np.ones(of_class.sum()), place), shape=a.shape))
    return arrays
