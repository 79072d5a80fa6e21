"""Common items and equal answers of every two annotators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["count_common", "count_equal", "sum_of_products"]


def count_common(annotations: Annotations) -> FloatArray:
    """Count the items that every two annotators answered.

    Parameters
    ----------
    annotations : Annotations

    Returns
    -------
    n_common : ndarray of shape (n_annotators, n_annotators)
        The diagonal has the answers of each.
    """
    ones = np.ones(annotations.n_answers)
    return sum_of_products(annotations, annotations.item, ones, ones)


def count_equal(annotations: Annotations) -> FloatArray:
    """Count the items that every two annotators gave the same label.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".

    Returns
    -------
    n_equal : ndarray of shape (n_annotators, n_annotators)
    """
    # Rows are pairs of item and class, so that a product counts equal answers.
    cell = annotations.item * len(annotations.classes) + annotations.answer
    ones = np.ones(annotations.n_answers)
    return sum_of_products(annotations, cell, ones, ones)


def sum_of_products(
    annotations: Annotations, row: IntArray, first: FloatArray, second: FloatArray
) -> FloatArray:
    """Sum the products of values of every two annotators over common rows.

    Parameters
    ----------
    annotations : Annotations
    row : int64 ndarray of shape (n_answers,)
        What two answers must have in common, such as the item.
    first, second : ndarray of shape (n_answers,)
        Values of each answer as the first of two, and as the second.

    Returns
    -------
    total : ndarray of shape (n_annotators, n_annotators)
        ``[r, s]``: sum of r's first value times s's second one.
    """
    shape = int(row.max(initial=-1)) + 1, annotations.n_annotators
    place = row, annotations.annotator
    left = sparse.csr_array((first, place), shape)
    right = sparse.csr_array((second, place), shape)
    return np.asarray((left.T @ right).toarray())
