"""The answer that most of several annotators gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import IntArray

__all__ = ["common_answers"]


def common_answers(
    place: IntArray, answer: IntArray, n_classes: int
) -> tuple[IntArray, IntArray]:
    """Return what more than half of the answers at a place say.

    Parameters
    ----------
    place : int64 ndarray of shape (n_answers,)
        What answers belong to, such as an item.
    answer : int64 ndarray of shape (n_answers,)
        Codes of classes.
    n_classes : int

    Returns
    -------
    place, answer : int64 ndarray of shape (n_places,)
        Ascending, without those where no class has more than half.
    """
    known, where = np.unique(place, return_inverse=True)
    cell, count = np.unique(where.ravel() * n_classes + answer, return_counts=True)
    where, answer = np.divmod(cell, n_classes)
    is_common = 2 * count > np.bincount(where, count)[where]
    return known[where[is_common]], answer[is_common]
