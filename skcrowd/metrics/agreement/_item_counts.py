"""How often each item got each label."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from skcrowd.annotations import check_annotations

__all__ = ["ItemCounts", "count_labels", "read_labels"]


class ItemCounts(NamedTuple):
    """How often each item got each label.

    Attributes
    ----------
    counts : float64 CSR array of shape (n_items, n_classes)
        Items with an answer only.
    n_answers : float64 ndarray of shape (n_items,)
        Row sums.
    """

    counts: sparse.csr_array
    n_answers: np.ndarray

    @property
    def is_paired(self):
        """Whether an item has two answers or more, bool ndarray of shape (n_items,)."""
        return self.n_answers > 1

    def shares(self, weight):
        """Return the mean share of each label over the items.

        Parameters
        ----------
        weight : ndarray of shape (n_items,)

        Returns
        -------
        share : ndarray of shape (n_classes,)
        """
        return (weight / self.n_answers) @ self.counts / weight.sum()

    def pair_agreement(self):
        """Return the share of the pairs of answers to an item that agree.

        Returns
        -------
        agreement : ndarray of shape (n_items,)
            ``sum_k n_k (n_k - 1) / (n (n - 1))``; 0 for a single answer.
        """
        n = self.n_answers
        squares = np.asarray(self.counts.multiply(self.counts).sum(axis=1)).ravel()
        return (squares - n) / np.maximum(n * (n - 1), 1)


def read_labels(y, classes=None):
    """Read labels in any form, and check that two people answered a common item.

    Parameters
    ----------
    y : Annotations or array-like of shape (n_items, n_annotators)
    classes : array-like of shape (n_classes,), default=None

    Returns
    -------
    annotations : Annotations

    Raises
    ------
    ValueError
        If no item has two answers.
    """
    annotations = check_annotations(y, kind="labels", classes=classes)
    check_pairs(annotations)
    return annotations


def check_pairs(annotations):
    """Raise unless some item has two answers.

    Parameters
    ----------
    annotations : Annotations

    Raises
    ------
    ValueError
    """
    if not (annotations.answers_per_item > 1).any():
        raise ValueError(
            f"y of shape {annotations.shape} has no item with two answers, so nobody "
            "can agree or disagree; give at least one item to two annotators."
        )


def count_labels(annotations):
    """Count the labels of each item.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".

    Returns
    -------
    counts : ItemCounts
    """
    a = annotations
    shape = a.n_items, len(a.classes)
    ones = np.ones(a.n_answers)
    counts = sparse.coo_array((ones, (a.item, a.answer)), shape).tocsr()
    n_answers = a.answers_per_item
    return ItemCounts(counts[n_answers > 0], n_answers[n_answers > 0].astype(float))
