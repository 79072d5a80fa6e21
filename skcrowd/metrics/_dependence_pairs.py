"""Pairs of annotators with common items, and their excess agreement."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Pairs"]


@dataclass(frozen=True)
class Pairs:
    """Every (item, pair of annotators) with two answers; memory grows with these.

    Parameters
    ----------
    first, second : int64 ndarray of shape (n_pairs,)
        The annotators of each pair with common items; ``first < second``.
    item, left, right, pair : int64 ndarray of shape (n_incidences,)
        The item, the positions of both answers, and the position of the pair;
        ascending in `pair`.
    begin : int64 ndarray of shape (n_pairs + 1,)
        Where the incidences of every pair begin.
    """

    first: np.ndarray
    second: np.ndarray
    item: np.ndarray
    left: np.ndarray
    right: np.ndarray
    pair: np.ndarray
    begin: np.ndarray

    @classmethod
    def of(cls, annotations):
        """Find all pairs of answers to the same item."""
        left, right = answer_pairs(annotations.indptr)
        who = annotations.annotator
        code = who[left] * annotations.n_annotators + who[right]
        order = np.argsort(code, kind="stable")
        left, right = left[order], right[order]
        known, pair, n_common = np.unique(
            code[order], return_inverse=True, return_counts=True
        )
        first, second = np.divmod(known, annotations.n_annotators)
        begin = np.concatenate([[0], np.cumsum(n_common)])
        item = annotations.item[left]
        return cls(first, second, item, left, right, pair.ravel(), begin)

    @property
    def n_pairs(self):
        """Number of pairs of annotators with common items."""
        return self.first.size

    @property
    def n_common(self):
        """Number of common items of each pair."""
        return np.diff(self.begin)

    def within(self, group):
        """Positions of the pairs inside a group, a bool array of shape (n_annotators,)."""
        return np.flatnonzero(group[self.first] & group[self.second])

    def incidences(self, positions):
        """Incidences of some pairs, and which of them each belongs to."""
        size = self.n_common[positions]
        which = np.repeat(np.arange(len(positions)), size)
        offset = np.arange(which.size) - np.repeat(np.cumsum(size) - size, size)
        return self.begin[positions][which] + offset, which


def answer_pairs(indptr):
    """Positions of all pairs of answers to the same item."""
    sizes = np.diff(indptr)
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        begin = indptr[:-1][sizes == size]
        a, b = np.triu_indices(size, 1)
        lefts.append((begin[:, None] + a).ravel())
        rights.append((begin[:, None] + b).ravel())
    return np.concatenate(lefts), np.concatenate(rights)
