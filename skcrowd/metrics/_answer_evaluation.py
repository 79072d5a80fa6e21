"""Answers beside what a fitted estimator says of them: what gold-free scores read."""

from dataclasses import dataclass

import numpy as np

from skcrowd.aggregation import LazyConfusion
from skcrowd.annotations import Annotations
from skcrowd.annotations._weights import read_weight

__all__ = ["AnswerEvaluation"]


@dataclass(frozen=True, eq=False)
class AnswerEvaluation:
    """Answers, and what a fitted estimator says of their items and annotators.

    ``evaluate_answers(X, y)`` of every estimator returns it. An item is a row of X, or
    a token of the sequences of X.

    Attributes
    ----------
    annotations : Annotations
        The answers; labels are coded by ``classes_``.
    annotator : int64 ndarray of shape (n_answers,)
        Who answered, counted as in ``fit``.
    log_likelihood : ndarray of shape (n_answers,)
        Log-probability of each answer, given the features of its item; for numbers
        the log-density.
    truth : ndarray of shape (n_items, n_classes) or (n_items,)
        Log-probability of every class, or the predicted number.
    predicted : ndarray of shape (n_items,)
        What is predicted: codes of classes, or numbers.
    confusion : ndarray of shape (n_annotators, n_classes, n_classes) or \
            (n_annotators, 2, 2)
        ``annotator_confusion_``. Of labels, where these are more than 2**24 numbers, a
        :class:`skcrowd.aggregation.LazyConfusion`, which :func:`numpy.asarray` makes
        an array.
    noise_std : ndarray of shape (n_annotators,) or None
        Standard deviation of the annotators' noise; None for labels.
    prediction_std : float or None
        Standard deviation of the truth about the prediction; None for labels.
    lengths : ndarray of shape (n_samples,) or None
        Number of items of each row of X; None: one.
    """

    annotations: Annotations
    annotator: np.ndarray
    log_likelihood: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    confusion: np.ndarray | LazyConfusion
    noise_std: np.ndarray | None = None
    prediction_std: float | None = None
    lengths: np.ndarray | None = None

    @property
    def kind(self):
        """What an answer is: "labels" or "numbers"."""
        return self.annotations.kind

    def item_weight(self, sample_weight=None):
        """Weight of every item, shape (n_items,).

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

    def mean(self, values, sample_weight=None):
        """Mean of what each answer scores.

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
        return float(np.average(values, weights=weight))
