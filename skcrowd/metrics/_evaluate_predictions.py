"""The truth given what one or two models predict, drawn from its posterior."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.metrics._evaluate_shares import SharePrior

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray


__all__ = ["PredictionSampler"]

WRONG_COUNTS = 2.0  # pseudo-counts of the true classes, of items predicted wrongly
TINY = np.finfo(np.float64).tiny


class PredictionSampler:
    """Gibbs steps for P(truth | predictions of one or two models).

    Items on which both models predict class c form a group with a share of right
    predictions; the others are wrong for one class or another. Items on which they
    disagree, c against d, form a group with a share where one of the two is right, and
    of these a share where the first is. Shares of groups are drawn hierarchically, so
    that small groups borrow from the others.

    Parameters
    ----------
    first, second : int64 ndarray of shape (n_items,)
        Codes of the classes predicted; of one model, twice the same.
    n_classes : int
    rng : numpy.random.Generator
    """

    def __init__(
        self,
        first: IntArray,
        second: IntArray,
        n_classes: int,
        rng: np.random.RandomState,
    ) -> None:
        self._first, self._second = first, second
        self._n_classes = n_classes
        self._rng = rng
        self._prior = SharePrior(rng)
        self._agree = np.flatnonzero(first == second)
        self._differ = np.flatnonzero(first != second)
        pair = (first * n_classes + second)[self._differ]
        self._group = np.unique(pair, return_inverse=True)[1]

    def log_prior(self, truth: IntArray) -> FloatArray:
        """Draw the shares given the truth; return the log-probability of every class.

        Parameters
        ----------
        truth : int64 ndarray of shape (n_items,)

        Returns
        -------
        log_prior : ndarray of shape (n_items, n_classes)
        """
        shape = truth.size, self._n_classes
        probability = np.empty(shape)
        counts = np.bincount(truth, minlength=self._n_classes)
        class_share = self._rng.dirichlet(counts + 1.0)
        if self._agree.size:
            table = self._where_models_agree(truth, class_share)
            probability[self._agree] = table[self._first[self._agree]]
        if self._differ.size:
            differing = self._where_models_differ(truth[self._differ], class_share)
            probability[self._differ] = differing
        return np.log(np.maximum(probability, TINY))

    def _where_models_agree(
        self, truth: IntArray, class_share: FloatArray
    ) -> FloatArray:
        """P(truth | both predict c), shape (n_classes, n_classes), c first."""
        n_classes = self._n_classes
        if n_classes == 1:  # there is nothing to be wrong for
            return np.ones((1, 1))
        predicted = self._first[self._agree]
        cell = predicted * n_classes + truth[self._agree]
        counts = np.bincount(cell, minlength=n_classes**2)
        counts = counts.reshape(n_classes, n_classes)
        right = counts.diagonal()
        share = self._prior.draw_one_owner(right, counts.sum(axis=1) - right)
        wrong = ~np.eye(n_classes, dtype=bool)
        base = class_share * wrong
        base /= base.sum(axis=1, keepdims=True)
        pseudo_counts = WRONG_COUNTS * (n_classes - 1) * base
        table = (self._rng.standard_gamma(counts + pseudo_counts) + TINY) * wrong
        table *= ((1 - share) / table.sum(axis=1))[:, None]
        np.fill_diagonal(table, share)
        return table

    def _where_models_differ(
        self, truth: IntArray, class_share: FloatArray
    ) -> FloatArray:
        """P(truth | predictions) of the items on which they differ."""
        first, second = self._first[self._differ], self._second[self._differ]
        n_first, n_second = self._count(truth == first), self._count(truth == second)
        n_neither = self._count(np.ones(truth.size)) - n_first - n_second
        either = np.ones(n_first.size)
        if self._n_classes > 2:
            either = self._prior.draw_one_owner(n_first + n_second, n_neither)
        share = self._prior.draw_one_owner(n_first, n_second)
        either, share = either[self._group], share[self._group]
        row = np.arange(truth.size)
        probability = np.tile(class_share, (truth.size, 1))
        probability[row, first] = probability[row, second] = 0
        if self._n_classes > 2:
            probability *= ((1 - either) / probability.sum(axis=1))[:, None]
        probability[row, first] = either * share
        probability[row, second] = either * (1 - share)
        return probability

    def _count(self, is_counted: Array) -> FloatArray:
        return np.asarray(np.bincount(self._group, is_counted), dtype=np.float64)
