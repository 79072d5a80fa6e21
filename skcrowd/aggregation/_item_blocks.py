"""Both steps of the EM of Dawid and Skene in one pass over blocks of items."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import joblib
import numpy as np
from scipy import sparse

if TYPE_CHECKING:
    from collections.abc import Callable

    from skcrowd._typing import Array, Counts, FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = ["ItemBlocks", "Sums", "bayes"]

MOST_LANES = 8  # sums that are made side by side; fixed, so that threads change no bit
NUMBERS_OF_LANES = 2**22  # of all lanes' counts together
ITEMS = 2**15  # of a block, at least: a table of its counts is made and added up once
NUMBERS_AT_ONCE = 2**15  # of a posterior, that stay in the cache of a core


class Sums(NamedTuple):
    """Sums over items, weighted, after an iteration; those of parts of a crowd add up.

    Attributes
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes)
        Expected answers, by truth and answer.
    classes : ndarray of shape (n_classes,)
        Expected number of items of every class.
    change : float
        Mean absolute change of the posterior of an item.
    log_likelihood : float
        Of the answers, by the confusions before the iteration.
    """

    counts: Counts
    classes: FloatArray
    change: float = 0.0
    log_likelihood: float = 0.0

    def plus(self, other: Sums) -> Sums:
        """Add those of other items."""
        return Sums(
            self.counts + other.counts,
            self.classes + other.classes,
            self.change + other.change,
            self.log_likelihood + other.log_likelihood,
        )


class ItemBlocks:
    """The answers as sparse matrices of blocks of items.

    Row n of a block stands for an item, column ``r * n_classes + j`` for "annotator r
    answered class j". The product with a table of log-confusions is the E-step, the
    transposed product with the posterior the M-step: while a block is in the cache both
    are done. Indices have 32 bits, values are ones that all blocks share, so that an
    answer takes four bytes.

    Parameters
    ----------
    indptr : int64 ndarray of shape (n_items + 1,)
        Item i has the answers ``indptr[i]:indptr[i + 1]``.
    annotator, answer : int64 ndarray of shape (n_answers,)
    n_annotators, n_classes : int
    dtype : dtype, default=float64
        Of the posterior and of sums within a block, float32 or float64.
    """

    def __init__(
        self,
        indptr: IntArray,
        annotator: IntArray,
        answer: IntArray,
        n_annotators: int,
        n_classes: int,
        dtype: Any = np.float64,
    ) -> None:
        self.n_items = len(indptr) - 1
        self.n_annotators, self.n_classes = n_annotators, n_classes
        self.dtype = np.dtype(dtype)
        column = np.empty(len(annotator), dtype=np.int32)
        np.multiply(annotator, n_classes, out=column, casting="same_kind")
        np.add(column, answer, out=column, casting="same_kind")
        self.step = max(1, NUMBERS_AT_ONCE // n_classes)
        step = max(ITEMS, n_annotators * n_classes)
        self.rows = [
            slice(start, min(start + step, self.n_items))
            for start in range(0, self.n_items, step)
        ]
        most = max(indptr[rows.stop] - indptr[rows.start] for rows in self.rows)
        ones = np.ones(most, dtype=self.dtype)
        self.blocks = []
        for rows in self.rows:
            first, last = indptr[rows.start], indptr[rows.stop]
            of_block = (indptr[rows.start : rows.stop + 1] - first).astype(np.int32)
            parts = ones[: last - first], column[first:last], of_block
            shape = rows.stop - rows.start, n_annotators * n_classes
            self.blocks.append(sparse.csr_array(parts, shape))
        # Views: to make one takes as long as the product with a small block.
        self._transposed = [block.T for block in self.blocks]

    @classmethod
    def of(cls, annotations: Annotations, dtype: Any = np.float64) -> ItemBlocks:
        """Make the blocks of some annotations."""
        a = annotations
        n_classes = len(a.classes)
        return cls(a.indptr, a.annotator, a.answer, a.n_annotators, n_classes, dtype)

    def votes(self, weight: FloatArray | None = None) -> Array:
        """Count the answers of every class, (n_items, n_classes).

        Parameters
        ----------
        weight : ndarray of shape (n_annotators,), default=None
            Of the annotators; None counts all alike.
        """
        is_class = np.tile(
            np.eye(self.n_classes, dtype=self.dtype), (self.n_annotators, 1)
        )
        if weight is not None:
            of_row = np.repeat(weight, self.n_classes).astype(self.dtype)
            is_class *= of_row[:, None]
        counts = np.empty((self.n_items, self.n_classes), dtype=self.dtype)
        for rows, block in zip(self.rows, self.blocks, strict=True):
            counts[rows] = block @ is_class
        return counts

    def sums(self, posterior: Array, weight: FloatArray | None = None) -> Sums:
        """Return the sums over a given posterior, an M-step.

        Parameters
        ----------
        posterior : ndarray of shape (n_items, n_classes)
        weight : ndarray of shape (n_items,), default=None
        """

        def add_up(k: int) -> Sums:
            by_class = np.ascontiguousarray(posterior[self.rows[k]].T, self.dtype)
            if weight is not None:
                by_class = by_class * weight[self.rows[k]].astype(self.dtype)
            counts = self._counts_of_block(k, posterior, weight)
            return Sums(counts, by_class.sum(axis=1).astype(np.float64))

        return self._in_lanes(add_up)

    def update(
        self,
        posterior: Array,
        confusion: FloatArray,
        class_prior: FloatArray,
        weight: FloatArray | None = None,
        gold: IntArray | None = None,
    ) -> Sums:
        """Infer the truth by confusions, and return the sums over it.

        Parameters
        ----------
        posterior : ndarray of shape (n_items, n_classes)
            Of the last iteration; the new one is written into it.
        confusion : ndarray of shape (n_annotators, n_classes, n_classes)
        class_prior : ndarray of shape (n_classes,)
        weight : ndarray of shape (n_items,), default=None
        gold : int64 ndarray of shape (n_items,), default=None
            -1 where the truth is not known.
        """
        tiny = np.finfo(np.float64).tiny
        table = np.log(np.maximum(confusion, tiny)).transpose(0, 2, 1)
        table = table.reshape(-1, self.n_classes).astype(self.dtype)
        with np.errstate(divide="ignore"):
            log_prior = np.log(class_prior)

        def infer(k: int) -> Sums:
            rows, change, evidence = self.rows[k], 0.0, 0.0
            classes = np.zeros(self.n_classes)
            log_likelihood = self.blocks[k] @ table
            for start in range(rows.start, rows.stop, self.step):
                part = slice(start, min(start + self.step, rows.stop))
                of_block = slice(part.start - rows.start, part.stop - rows.start)
                updated, of_items = bayes(log_likelihood[of_block], log_prior)
                if gold is not None:
                    known = np.flatnonzero(gold[part] >= 0)
                    updated[:, known] = 0
                    updated[gold[part][known], known] = 1
                difference = np.subtract(posterior[part].T, updated, order="C")
                posterior[part] = updated.T
                np.abs(difference, out=difference)
                if weight is not None:
                    of_part = weight[part]
                    difference *= of_part.astype(self.dtype)
                    updated *= of_part.astype(self.dtype)
                    # an item of weight 0 may be impossible by the other items
                    of_items = of_part * np.where(of_part > 0, of_items, 0)
                change += float(difference.sum(axis=1).sum())
                evidence += float(of_items.sum(dtype=np.float64))
                classes += updated.sum(axis=1)
            counts = self._counts_of_block(k, posterior, weight)
            return Sums(counts, classes, change / self.n_classes, evidence)

        return self._in_lanes(infer)

    def _counts_of_block(self, k: int, posterior: Array, weight: Any) -> Array:
        """Return the expected answers to the items of a block, as rows of the table."""
        of_block = posterior[self.rows[k]]
        if weight is not None:
            of_block = of_block * weight[self.rows[k], None]
        return self._transposed[k] @ np.ascontiguousarray(of_block, self.dtype)

    def _in_lanes(self, of_block: Callable[[int], Sums]) -> Sums:
        """Add up the blocks, in lanes that do not depend on the number of threads."""
        size = self.n_annotators * self.n_classes**2
        n_lanes = min(MOST_LANES, max(1, NUMBERS_OF_LANES // size), len(self.blocks))

        def lane(start: int) -> Sums:
            total = None
            for k in range(start, len(self.blocks), n_lanes):
                part = of_block(k)
                if total is None:
                    total = part._replace(counts=part.counts.astype(np.float64))
                else:
                    np.add(total.counts, part.counts, out=total.counts)
                    total = total.plus(part._replace(counts=0.0))
            assert total is not None
            return total

        n_threads = min(n_lanes, _n_threads())
        if n_threads > 1:
            with ThreadPoolExecutor(n_threads) as pool:
                lanes = list(pool.map(lane, range(n_lanes)))
        else:
            lanes = [lane(start) for start in range(n_lanes)]
        total = reduce(Sums.plus, lanes)
        shape = self.n_annotators, self.n_classes, self.n_classes
        counts = total.counts.reshape(shape).transpose(0, 2, 1)
        return total._replace(counts=np.ascontiguousarray(counts))


def _n_threads() -> int:
    """Return OMP_NUM_THREADS if it is set, else the number of CPU cores."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) else joblib.cpu_count()


def bayes(log_likelihood: Array, log_prior: Any) -> tuple[Array, Array]:
    """Return the posterior of some items, and the log-probability of their answers.

    Parameters
    ----------
    log_likelihood : ndarray of shape (n_items, n_classes)
    log_prior : ndarray of shape (n_classes,)

    Returns
    -------
    posterior : ndarray of shape (n_classes, n_items)
        Classes first.
    evidence : ndarray of shape (n_items,)
    """
    # Sums over a short last axis are several times slower than over the first, and less
    # accurate in float32. In log space products of many probabilities do not underflow:
    # p(k | answers) = exp(joint_k - log Σ_i exp(joint_i)).
    joint = np.ascontiguousarray(log_likelihood.T)
    joint += np.asarray(log_prior, dtype=joint.dtype)[:, None]
    largest = joint.max(axis=0)
    joint -= largest
    np.exp(joint, out=joint)
    total = joint.sum(axis=0)
    joint /= total
    return joint, largest + np.log(total)
