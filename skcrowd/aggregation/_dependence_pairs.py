"""Agreement of every two annotators beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["FEWEST_COMMON", "LEAST_VARIETY", "N_BLOCKS", "Pairs", "some_items"]

FEWEST_COMMON = 20  # items of a pair, to be tested
N_BLOCKS = 50  # of items, for the jackknife
LEAST_VARIETY = 0.1  # of 1 - chance; below it kappa is a ratio of small numbers


@dataclass(frozen=True)
class Pairs:
    """Pairs of annotators with common items, and their agreement by block of items.

    Parameters
    ----------
    n_annotators : int
    first, second : int64 ndarray of shape (n_pairs,)
        The annotators of each pair; ``first < second``.
    n_common, n_agree, chance : ndarray of shape (n_pairs,)
        Common items, those with equal answers, and the share of equal answers that is
        expected from the classes that each of the two uses.
    block_pair, block_agree : list of ndarray
        Of each block of items: the pair of every two answers, and whether they agree.
    """

    n_annotators: int
    first: IntArray
    second: IntArray
    n_common: FloatArray
    n_agree: FloatArray
    chance: FloatArray
    block_pair: list[IntArray]
    block_agree: list[BoolArray]

    @classmethod
    def of(cls, annotations: Annotations) -> Pairs:
        """Compare all answers to the same items."""
        left, right = answer_pairs(annotations.indptr)
        who, n_annotators = annotations.annotator, annotations.n_annotators
        low, high = np.sort([who[left], who[right]], axis=0)
        code = low.astype(np.int64) * n_annotators + high
        known, pair = np.unique(code, return_inverse=True)
        pair = pair.ravel()
        first, second = np.divmod(known, n_annotators)
        agree = annotations.answer[left] == annotations.answer[right]
        n_common = np.bincount(pair, minlength=known.size).astype(np.float64)
        n_agree = np.bincount(pair, agree, known.size).astype(np.float64)
        used = class_use(annotations)
        chance = np.einsum("pk,pk->p", used[first], used[second])
        block = annotations.item[left] % N_BLOCKS
        order = np.argsort(block, kind="stable")
        ends = np.searchsorted(block[order], np.arange(1, N_BLOCKS))
        return cls(
            n_annotators,
            first,
            second,
            n_common,
            n_agree,
            chance,
            np.split(pair[order], ends),
            np.split(agree[order], ends),
        )

    @property
    def kappa(self) -> FloatArray:
        """Agreement beyond chance, shape (n_pairs,)."""
        return self._kappa(self.n_agree, self.n_common)

    @property
    def is_varied(self) -> BoolArray:
        """Whether two annotators could have disagreed often, shape (n_pairs,)."""
        return self.chance <= 1 - LEAST_VARIETY

    def without_block(self, block: int) -> tuple[FloatArray, FloatArray]:
        """Kappa and number of common items without a block of items."""
        pair, agree = self.block_pair[block], self.block_agree[block]
        n_common = self.n_common - np.bincount(pair, minlength=self.first.size)
        n_agree = self.n_agree - np.bincount(pair, agree, self.first.size)
        return self._kappa(n_agree, n_common), n_common

    def within(self, members: IntArray) -> IntArray:
        """Positions of the pairs inside a group."""
        is_member = np.zeros(self.n_annotators, dtype=bool)
        is_member[members] = True
        return np.flatnonzero(is_member[self.first] & is_member[self.second])

    def _kappa(self, n_agree: FloatArray, n_common: FloatArray) -> FloatArray:
        share = n_agree / np.maximum(n_common, 1)
        kappa = (share - self.chance) / np.maximum(1 - self.chance, LEAST_VARIETY)
        return np.where(n_common > 0, kappa, 0.0)


def some_items(annotations: Annotations, most_pairs: int) -> Annotations:
    """Return every n-th item, so many that there are not too many pairs of answers."""
    n = annotations.answers_per_item.astype(np.float64)
    step = int(np.ceil(np.sum(n * (n - 1) / 2) / most_pairs))
    return annotations[::step] if step > 1 else annotations


def class_use(annotations: Annotations) -> FloatArray:
    """Shares of the classes in each annotator's answers, (n_annotators, n_classes)."""
    n_classes = len(annotations.classes)
    cell = annotations.annotator * n_classes + annotations.answer
    count = np.bincount(cell, minlength=annotations.n_annotators * n_classes)
    count = count.reshape(-1, n_classes)
    share: FloatArray = count / np.maximum(count.sum(axis=1, keepdims=True), 1)
    return share


def answer_pairs(indptr: IntArray) -> tuple[IntArray, IntArray]:
    """Positions of all pairs of answers to the same item."""
    sizes = np.diff(indptr)
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(sizes[sizes > 1]):
        begin = indptr[:-1][sizes == size]
        a, b = np.triu_indices(size, 1)
        lefts.append((begin[:, None] + a).ravel())
        rights.append((begin[:, None] + b).ravel())
    return np.concatenate(lefts), np.concatenate(rights)
