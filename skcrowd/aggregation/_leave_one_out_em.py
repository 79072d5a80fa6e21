"""EM that compares each answer with the posterior of the truth without that answer.

Plain expectation-maximisation compares an annotator with a posterior that includes the
annotator's own answers. Who gives most of them is then right by construction, whether
or not anybody agrees. Here every answer is compared with the posterior without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.special import softmax

from skcrowd.aggregation._pooled_confusion import shrunk_to_typical
from skcrowd.annotations._memory import row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray, SparseMatrix
    from skcrowd.annotations import Annotations


__all__ = ["leave_one_out_em"]

N_ITER = 20
ANSWERS_AT_ONCE = 2**18
_TINY = np.finfo(np.float64).tiny


def leave_one_out_em(
    annotations: Annotations,
    log_prior: FloatArray,
    *,
    units: IntArray,
    sample_weight: FloatArray,
    answer_weight: FloatArray | None = None,
    answer_count: FloatArray | None = None,
    annotator_counts: FloatArray | None = None,
    pseudo_counts: float = 3.0,
    overwrite: bool = False,
) -> FloatArray:
    """Infer the truth, each annotator compared with the prior and the others alone.

    Confusions are counted by

        q_n^-u(k) ∝ p_n(k) Π_{r not in u} Π^r[k, y_n^r],

    where u is the annotator or the group that the annotator belongs to, so answers
    without any relation to those of others or to the prior are found to carry no
    information, however many they are. A row is shrunk to the mean of the annotators,
    in which one with many answers counts hardly more than a typical one.

    Parameters
    ----------
    annotations : Annotations
    log_prior : ndarray of shape (n_items, n_classes)
        Log-probabilities that do not depend on the answers to the item itself.
    units : int64 ndarray of shape (n_annotators,)
        Number of the group of every annotator.
    sample_weight : ndarray of shape (n_items,)
        Weights of the items in the counts.
    answer_weight : ndarray of shape (n_answers,), default=None
        Powers of the likelihoods of the answers.
    answer_count : ndarray of shape (n_answers,), default=None
        How many answers each counts for.
    annotator_counts : ndarray of shape (n_annotators, n_classes, n_classes), \
            default=None
        Further counts.
    pseudo_counts : float, default=3.0
    overwrite : bool, default=False
        Whether log_prior may be changed, which saves memory where it is large.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
        Given the prior and all answers.
    """
    n_classes = log_prior.shape[1]
    blocks = list(_blocks(annotations, units, answer_weight, answer_count))
    log_confusion: FloatArray | None = None
    for _ in range(N_ITER):
        shape = annotations.n_annotators * n_classes, n_classes
        counts = np.zeros(shape)
        for block in blocks:
            log_others = block.log_others(log_prior, log_confusion)
            others = softmax(log_others, axis=1) * sample_weight[block.item, None]
            counts += block.one_hot(annotations.n_annotators, n_classes).T @ others
        table = counts.reshape(-1, n_classes, n_classes).transpose(0, 2, 1)
        if annotator_counts is not None:
            table = table + annotator_counts
        confusion: FloatArray = np.asarray(shrunk_to_typical(table, pseudo_counts))
        log_confusion = np.log(np.maximum(confusion, _TINY))
    joint = log_prior if overwrite else log_prior.copy()
    for block in blocks:
        block.add_log_likelihood(joint, np.log(np.maximum(confusion, _TINY)))
    for rows in row_blocks(*joint.shape):  # softmax takes several arrays of its input
        joint[rows] = softmax(joint[rows], axis=1)
    return joint


class _Block:
    """The answers to some items.

    Parameters
    ----------
    item, annotator, answer, unit : int64 ndarray of shape (n_answers,)
    weight, count : ndarray of shape (n_answers,)
    """

    def __init__(
        self,
        item: IntArray,
        annotator: IntArray,
        answer: IntArray,
        unit: IntArray,
        weight: FloatArray,
        count: FloatArray,
    ) -> None:
        self.item, self.annotator, self.answer = item, annotator, answer
        self.weight, self.count = weight, count
        self.items, self.place = np.unique(item, return_inverse=True)
        code = self.place * (int(unit.max(initial=0)) + 1) + unit
        units, own = np.unique(code, return_inverse=True)
        self.own = None if len(units) == len(item) else own  # no two of one unit

    def log_others(
        self, log_prior: FloatArray, log_confusion: FloatArray | None
    ) -> FloatArray:
        """Return the joint log-probabilities without the unit of each answer."""
        if log_confusion is None:
            return log_prior[self.item]
        log_given = self._log_given(log_confusion)
        total = self._sums(self.place) @ log_given
        own = log_given
        if self.own is not None:
            own = (self._sums(self.own) @ log_given)[self.own]
        return log_prior[self.item] + total[self.place] - own

    def add_log_likelihood(self, joint: FloatArray, log_confusion: FloatArray) -> None:
        """Add the log-likelihood of all answers of each item in place."""
        joint[self.items] += self._sums(self.place) @ self._log_given(log_confusion)

    def one_hot(self, n_annotators: int, n_classes: int) -> SparseMatrix:
        """Return the pair of annotator and answer of each answer, a sparse matrix."""
        column = self.annotator * n_classes + self.answer
        indptr = np.arange(len(column) + 1)
        shape = len(column), n_annotators * n_classes
        return sparse.csr_array((self.count, column, indptr), shape)

    def _log_given(self, log_confusion: FloatArray) -> FloatArray:
        log_given: FloatArray = log_confusion[self.annotator, :, self.answer]
        return log_given * self.weight[:, None]

    @staticmethod
    def _sums(row: IntArray) -> SparseMatrix:
        """Return the matrix that sums the answers with the same number."""
        entries = np.ones(len(row)), (row, np.arange(len(row)))
        return sparse.csr_array(entries, (int(row.max(initial=-1)) + 1, len(row)))


def _blocks(
    annotations: Annotations,
    units: IntArray,
    answer_weight: FloatArray | None,
    answer_count: FloatArray | None,
) -> Iterator[_Block]:
    """Yield the answers, those to the same item together."""
    a = annotations
    one = np.broadcast_to(1.0, a.n_answers)  # takes no memory
    weight = one if answer_weight is None else answer_weight
    count = one if answer_count is None else answer_count
    start: int = 0
    while start < a.n_answers:
        # the last item that ends within the block, or one item with more answers
        last = np.searchsorted(a.indptr, start + ANSWERS_AT_ONCE, side="right") - 1
        stop = int(max(a.indptr[last], a.indptr[a.item[start] + 1]))
        part = slice(start, stop)
        unit = units[a.annotator[part]]
        answers = a.item[part], a.annotator[part], a.answer[part]
        yield _Block(*answers, unit, weight[part], count[part])
        start = stop
