"""The input of scores without true labels: answers and predictions for their items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.annotations import Annotations
from skcrowd.annotations._weights import read_weight

if TYPE_CHECKING:
    from skcrowd._typing import Array, ArrayLike, Confusions, FloatArray, IntArray


__all__ = ["AnswerEvaluation"]


@dataclass(frozen=True, eq=False)
class AnswerEvaluation:
    """Answers, and the predictions of a fitted estimator for items and annotators.

    ``evaluate_answers(X, y)`` of every estimator returns it. An item is a row of X, or
    a token of the sequences of X.

    Attributes
    ----------
    annotations : Annotations
        The answers; labels are coded by ``classes_``.
    annotator : int64 ndarray of shape (n_answers,)
        Who answered, counted as in ``fit``.
    log_likelihood : ndarray of shape (n_answers,)
        Log-probability of each answer given the features x of its item. For labels
        log Σ_k p(k | x) C_r[k, answer], where C_r is the confusion matrix of the
        annotator, of this item if the annotator model depends on it. For numbers the
        log-density log N(answer; scale * prediction + bias,
        noise_var + scale² * residual_var).
    truth : ndarray of shape (n_items, n_classes) or (n_items,)
        Of labels log p(k | x) of every class k; of numbers the predicted number.
    predicted : ndarray of shape (n_items,)
        Codes of the predicted classes (after class weights or decoding of tags), or
        the predicted numbers.
    confusion : ndarray of shape (n_annotators, n_classes, n_classes) or \
            (n_annotators, 2, 2)
        ``annotator_confusion_``. Of labels C_r[i, j] = P(answer j | truth i). Of
        numbers ``[r] = [[scale, bias], [0, 1]]``. Of labels with more than 2**24
        entries it is a :class:`skcrowd.aggregation.LazyConfusion`, which
        :func:`numpy.asarray` makes an array.
    noise_std : ndarray of shape (n_annotators,) or None
        Standard deviation of the noise of annotators, ``noise_var ** 0.5``; None for
        labels.
    prediction_std : float or None
        Standard deviation of the truth about the prediction, ``residual_var ** 0.5``;
        None for labels.
    lengths : ndarray of shape (n_samples,) or None
        Number of items of each row of X; None: one.
    class_ranks : int64 ndarray of shape (n_classes,) or None
        Place of every class in their order; None where they have none.
    """

    annotations: Annotations
    annotator: IntArray
    log_likelihood: FloatArray
    truth: Array
    predicted: Array
    confusion: Confusions
    noise_std: FloatArray | Any = None
    prediction_std: float | Any = None
    lengths: IntArray | Any = None
    class_ranks: IntArray | Any = None

    @property
    def kind(self) -> str:
        """What an answer is: "labels" or "numbers"."""
        return self.annotations.kind

    def item_weight(self, sample_weight: ArrayLike | None = None) -> FloatArray:
        """Return the weight of every item, shape (n_items,).

        Parameters
        ----------
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows of X.

        Raises
        ------
        ValueError
            If no item with an answer has a positive weight.
        """
        n_items = self.annotations.n_items
        n_samples = n_items if self.lengths is None else len(self.lengths)
        weight = read_weight(sample_weight, n_samples)
        if self.lengths is not None:
            weight = np.repeat(weight, self.lengths)
        if not weight[self.annotations.item].any():
            raise ValueError(
                "no item with an answer has a positive weight; there is nothing to "
                "score."
            )
        return weight

    def mean(self, values: FloatArray, sample_weight: ArrayLike | None = None) -> float:
        """Return the mean of a value for each answer, by weights of rows and answers.

        Parameters
        ----------
        values : ndarray of shape (n_answers,)
        sample_weight : array-like of shape (n_samples,), default=None
            Weights of the rows of X.

        Returns
        -------
        mean : float
        """
        weight = self.item_weight(sample_weight)[self.annotations.item]
        weight = weight * given_weights(self.annotations)
        return float(np.average(values, weights=weight))
