"""Expected information gain of a further answer, given the posterior so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import entr

from skcrowd.aggregation import LazyConfusion
from skcrowd.aggregation._expected_counts import too_large_table
from skcrowd.annotations._memory import check_fits

if TYPE_CHECKING:
    from skcrowd._typing import Confusions, FloatArray, IntArray

__all__ = ["LabelBeliefs", "LabelSetBeliefs", "NumberBeliefs"]

NUMBERS_AT_ONCE = 2**22
MOST_OUTCOMES = 256  # of answers already asked for, kept apart for a token


class LabelBeliefs:
    """Posterior of labels; the gain of an answer is mutual information, in nats.

    Parameters
    ----------
    posterior : ndarray of shape (n_rows, n_classes)
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    offsets : ndarray of shape (n_items + 1,), default=None
        Item k is the rows ``offsets[k]:offsets[k + 1]``, as a sentence is its tokens,
        whose gains add up. None: every row is an item.
    """

    def __init__(
        self,
        posterior: FloatArray,
        confusion: Confusions,
        offsets: IntArray | None = None,
    ) -> None:
        n_rows = len(posterior)
        if isinstance(confusion, LazyConfusion):
            n_bytes, whose, _ = too_large_table(confusion.shape, "next_queries")
            check_fits(4 * n_bytes, whose, "merge classes, or fit fewer annotators")
            confusion = np.asarray(confusion)
        self.posterior, self.confusion = posterior, confusion
        self.offsets = np.arange(n_rows + 1) if offsets is None else offsets
        self.n_items = len(self.offsets) - 1
        n_annotators, n_classes = confusion.shape[:2]
        self._answers = confusion.transpose(1, 0, 2).reshape(n_classes, -1)
        self._noise = entr(confusion).sum(axis=2).T
        rows = NUMBERS_AT_ONCE // (n_annotators * n_classes) // self._rows_an_item()
        self.items_at_once = max(1, int(rows))

    def _rows_an_item(self) -> int:
        return max(1, int(np.diff(self.offsets).max(initial=1)))

    def gains(self, start: int, stop: int) -> FloatArray:
        """Gain of every annotator's answer to some items, (n_items, n_annotators)."""
        first = self.offsets[start]
        by_row = self._information(self.posterior[first : self.offsets[stop]])
        return np.add.reduceat(by_row, self.offsets[start:stop] - first)

    def _information(self, proba: FloatArray) -> FloatArray:
        """Mutual information of truth and answer, (n_rows, n_annotators)."""
        answer = proba @ self._answers
        answer = answer.reshape(len(proba), len(self.confusion), -1)
        gain = entr(answer).sum(axis=2) - proba @ self._noise
        return np.maximum(gain, 0)

    def start(self, item: int) -> tuple[FloatArray, FloatArray]:
        """Return what is believed of an item: weights and posteriors by outcome."""
        proba = self.posterior[self.offsets[item] : self.offsets[item + 1], None]
        return np.ones(proba.shape[:2]), proba

    def after(
        self, state: tuple[FloatArray, FloatArray], annotator: int
    ) -> tuple[FloatArray, FloatArray]:
        """Return the beliefs for every answer that may come, each with its weight."""
        weight, proba = state
        joint = proba[..., None] * self.confusion[annotator]
        share = joint.sum(axis=2)
        n_rows, _, n_classes = proba.shape
        proba = np.moveaxis(joint / np.where(share > 0, share, 1)[:, :, None], 3, 2)
        proba = proba.reshape(n_rows, -1, n_classes)
        return _most_probable((weight[..., None] * share).reshape(n_rows, -1), proba)

    def gain(self, state: tuple[FloatArray, FloatArray]) -> FloatArray:
        """Return the expected gain of every annotator's next answer."""
        weight, proba = state
        n_classes = proba.shape[2]
        information = self._information(proba.reshape(-1, n_classes))
        return weight.ravel() @ information


def _most_probable(
    weight: FloatArray, proba: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Drop outcomes where there are too many; the others share their weight."""
    if weight.shape[1] > MOST_OUTCOMES:
        kept = np.argpartition(-weight, MOST_OUTCOMES, axis=1)[:, :MOST_OUTCOMES]
        weight = np.take_along_axis(weight, kept, axis=1)
        proba = np.take_along_axis(proba, kept[..., None], axis=1)
        weight = weight / weight.sum(axis=1, keepdims=True)
    return weight, proba


class LabelSetBeliefs:
    """Posterior of sets of labels; gains of the labels of an item add up.

    Parameters
    ----------
    posterior : ndarray of shape (n_items, n_labels, 2)
        That a label does not apply, and that it does.
    confusion : ndarray of shape (n_annotators, n_labels, 2, 2)
    """

    def __init__(self, posterior: FloatArray, confusion: FloatArray) -> None:
        self.labels = [
            LabelBeliefs(posterior[:, k], confusion[:, k])
            for k in range(posterior.shape[1])
        ]
        self.n_items = len(posterior)
        self.items_at_once = self.labels[0].items_at_once

    def gains(self, start: int, stop: int) -> FloatArray:
        """Gain of every annotator's answer to some items, (n_items, n_annotators)."""
        gain: FloatArray = np.sum([one.gains(start, stop) for one in self.labels], 0)
        return gain

    def start(self, item: int) -> list[Any]:
        """Return what is believed of each label of an item."""
        return [label.start(item) for label in self.labels]

    def after(self, state: list[Any], annotator: int) -> list[Any]:
        """Return the beliefs for every answer that may come, label by label."""
        return [
            label.after(one, annotator)
            for label, one in zip(self.labels, state, strict=True)
        ]

    def gain(self, state: list[Any]) -> FloatArray:
        """Return the expected gain of every annotator's next answer."""
        gains = [label.gain(one) for label, one in zip(self.labels, state, strict=True)]
        gain: FloatArray = np.sum(gains, axis=0)
        return gain


class NumberBeliefs:
    """Posterior of numbers; the gain of a rating is the reduction of the variance.

    Parameters
    ----------
    var : ndarray of shape (n_items,)
    precision : ndarray of shape (n_annotators,)
        What a rating adds to the precision: ``scale ** 2 / noise_var``.
    """

    def __init__(self, var: FloatArray, precision: FloatArray) -> None:
        self.var, self.precision = var, precision
        self.n_items = len(var)
        self.items_at_once = max(1, NUMBERS_AT_ONCE // len(precision))

    def gains(self, start: int, stop: int) -> FloatArray:
        """Gain of every annotator's rating of some items, (n_items, n_annotators)."""
        return self._reduction(self.var[start:stop, None])

    def _reduction(self, var: Any) -> FloatArray:
        ratio = var * self.precision
        return var * ratio / (1 + ratio)

    def start(self, item: int) -> float:
        """Return the variance of an item."""
        return self.var[item]

    def after(self, state: float, annotator: int) -> float:
        """Return the variance after a rating; it does not depend on its value."""
        return state / (1 + state * self.precision[annotator])

    def gain(self, state: float) -> FloatArray:
        """Return the gain of every annotator's next rating."""
        return self._reduction(state)
