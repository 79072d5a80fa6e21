"""Agreement of every two annotators beyond chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
from scipy import sparse

from skcrowd.annotations._memory import is_large

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray, SparseMatrix
    from skcrowd.annotations import Annotations

__all__ = [
    "FEWEST_COMMON",
    "LEAST_VARIETY",
    "N_BLOCKS",
    "Meetings",
    "Pairs",
    "Surplus",
    "in_blocks",
    "pairs_within",
    "some_items",
]

FEWEST_COMMON = 20  # items of a pair, to be tested
N_BLOCKS = 50  # of items, for the jackknife
LEAST_VARIETY = 0.1  # of 1 - chance; below it kappa is a ratio of small numbers


class Surplus(NamedTuple):
    """Agreement of pairs of annotators above that of independent answers.

    Attributes
    ----------
    more, var : ndarray of shape (n_pairs,)
        The surplus, and its variance where answers are independent.
    most : ndarray of shape (n_pairs,)
        That of annotators who never err.
    var_of_square : ndarray of shape (n_pairs,)
        Variance of ``more² / var`` where answers are independent.
    """

    more: FloatArray
    var: FloatArray
    most: FloatArray
    var_of_square: FloatArray


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
    block : int64 ndarray of shape (n_items,)
        The block of every item, below 50.
    block_pair, block_agree : list of ndarray
        Of each block of items: the pair of every two answers, and whether they agree.
    """

    n_annotators: int
    first: IntArray
    second: IntArray
    n_common: FloatArray
    n_agree: FloatArray
    chance: FloatArray
    block: IntArray
    block_pair: list[IntArray]
    block_agree: list[BoolArray]
    least_more: ClassVar[float] = 0.0  # kappa of groups above the explained one

    @classmethod
    def of(cls, annotations: Annotations, block: IntArray | None = None) -> Pairs:
        """Compare all answers to the same items.

        Parameters
        ----------
        annotations : Annotations
        block : int64 ndarray of shape (n_items,), default=None
            The block of every item, below 50; by default the items take turns.
        """
        met = Meetings.of(annotations)
        agree = annotations.answer[met.left] == annotations.answer[met.right]
        n_pairs = met.first.size
        n_common = np.bincount(met.pair, minlength=n_pairs).astype(np.float64)
        n_agree = np.bincount(met.pair, agree, n_pairs).astype(np.float64)
        chance = chance_of(annotations, met.first, met.second)
        block = np.arange(annotations.n_items) % N_BLOCKS if block is None else block
        return cls(
            annotations.n_annotators,
            met.first,
            met.second,
            n_common,
            n_agree,
            chance,
            block,
            *in_blocks(block[annotations.item[met.left]], met.pair, agree),
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
        return pairs_within(self, members)

    def surplus(self, chosen: BoolArray) -> Surplus:
        """Return the equal answers above chance, of some pairs.

        Two independent answers are equal with the probability c that their annotators'
        shares of the classes give. n of them are a sum of Bernoulli variables, with the
        mean n c and the variance n c (1 - c).
        """
        n, chance = self.n_common[chosen], self.chance[chosen]
        var = n * chance * (1 - chance)
        of_square = 2 + (1 - 6 * chance * (1 - chance)) / np.where(var > 0, var, 1.0)
        more = self.n_agree[chosen] - n * chance
        return Surplus(more, var, n * (1 - chance), of_square)

    def _kappa(self, n_agree: FloatArray, n_common: FloatArray) -> FloatArray:
        share = n_agree / np.maximum(n_common, 1)
        kappa = (share - self.chance) / np.maximum(1 - self.chance, LEAST_VARIETY)
        return np.where(n_common > 0, kappa, 0.0)


class Meetings(NamedTuple):
    """Every two answers to one item, and the pair of annotators that gave them.

    Attributes
    ----------
    left, right : int64 ndarray of shape (n_meetings,)
        Positions of the two answers.
    pair : int64 ndarray of shape (n_meetings,)
        Number of the pair.
    first, second : int64 ndarray of shape (n_pairs,)
        The annotators of each pair; ``first < second``.
    """

    left: IntArray
    right: IntArray
    pair: IntArray
    first: IntArray
    second: IntArray

    @classmethod
    def of(cls, annotations: Annotations) -> Meetings:
        """Find all of them."""
        left, right = answer_pairs(annotations.indptr)
        annotator, n_annotators = annotations.annotator, annotations.n_annotators
        low, high = np.sort([annotator[left], annotator[right]], axis=0)
        code = low.astype(np.int64) * n_annotators + high
        known, pair = np.unique(code, return_inverse=True)
        return cls(left, right, pair.ravel(), *np.divmod(known, n_annotators))


def in_blocks(
    block: IntArray, pair: IntArray, values: Any
) -> tuple[list[IntArray], list[Any]]:
    """Split the pairs of every two answers, and a value of each, by block of items."""
    order = np.argsort(block, kind="stable")
    ends = np.searchsorted(block[order], np.arange(1, N_BLOCKS))
    return np.split(pair[order], ends), np.split(values[order], ends)


def pairs_within(pairs: Any, members: IntArray) -> IntArray:
    """Positions of the pairs of annotators inside a group."""
    is_member = np.zeros(pairs.n_annotators, dtype=bool)
    is_member[members] = True
    return np.flatnonzero(is_member[pairs.first] & is_member[pairs.second])


def some_items(annotations: Annotations, most_pairs: int) -> Annotations:
    """Return every n-th item with answers, so many that their pairs are not too many.

    All items are returned where there are no more pairs of answers than `most_pairs`.
    """
    n = annotations.answers_per_item.astype(np.float64)
    step = int(np.ceil(np.sum(n * (n - 1) / 2) / most_pairs))
    return annotations[np.flatnonzero(n)[::step]] if step > 1 else annotations


def chance_of(
    annotations: Annotations, first: IntArray, second: IntArray
) -> FloatArray:
    """Probability that independent answers of two annotators are equal, (n_pairs,)."""
    chance: FloatArray
    n_annotators, n_classes = annotations.n_annotators, len(annotations.classes)
    if is_large(len(first), n_classes) or is_large(n_annotators, n_classes):
        used = class_use(annotations)
        products = used[first].multiply(used[second])
        chance = np.asarray(products.sum(axis=1)).ravel()
        return chance
    place = annotations.annotator * n_classes + annotations.answer
    counts = np.bincount(place, minlength=n_annotators * n_classes)
    counts = counts.reshape(n_annotators, n_classes)
    table = counts / np.maximum(annotations.answers_per_annotator, 1)[:, None]
    chance = np.einsum("pk,pk->p", table[first], table[second])
    return chance


def class_use(annotations: Annotations) -> SparseMatrix:
    """Shares of the classes in each annotator's answers, (n_annotators, n_classes)."""
    shape = annotations.n_annotators, len(annotations.classes)
    place = annotations.annotator, annotations.answer
    share = sparse.csr_array((np.ones(annotations.n_answers), place), shape)
    share.sum_duplicates()
    share.data /= np.repeat(annotations.answers_per_annotator, np.diff(share.indptr))
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
