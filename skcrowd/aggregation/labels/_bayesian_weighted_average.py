"""Bayesian weighted average."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import (
    Answers,
    Inference,
    known_answers,
)

__all__ = ["BWA"]


class BWA(LabelAggregator):
    """Average one-hot answers, weighted by the precision of their annotators.

    For each class apart, an answer (1 where it is the class, else 0) is the truth plus
    normal noise, whose precision is the annotator's and has a gamma prior.

    Parameters
    ----------
    shape : float, default=15.0
        Shape of the gamma prior of the precisions, in answers.
    prior_precision : float, default=1.0
        Precision of the normal prior of the truth, in answers of precision 1.
    max_iter : int, default=500
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when no mean changes by more.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        Posterior means, scaled to sum to 1.
    class_prior_ : ndarray of shape (n_classes,)
        Their mean.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Precisions, averaged over the classes by their shares.
    n_iter_ : int
        Largest number over the classes.
    converged_ : bool

    References
    ----------
    Y. Li, B. Rubinstein, T. Cohn. Truth inference at scale: a Bayesian model for
    adjudicating highly redundant crowd annotations. WWW 2019.
    doi:10.1145/3308558.3313459

    Examples
    --------
    >>> from skcrowd.aggregation import BWA
    >>> BWA().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _parameter_constraints: dict[str, Any] = {
        "shape": [Interval(Real, 0, None, closed="neither")],
        "prior_precision": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        shape: float = 15.0,
        prior_precision: float = 1.0,
        max_iter: int = 500,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.shape = shape
        self.prior_precision = prior_precision
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: Answers) -> Inference:
        n_classes = answers.n_classes
        mean = np.empty((answers.n_items, n_classes))
        precision = np.empty((answers.n_annotators, n_classes))
        center = np.empty(n_classes)
        n_iter, change = 0, 0.0
        for k in range(n_classes):
            of_class = self._average_class(answers, k)
            mean[:, k], precision[:, k], center[k], own_iter, own_change = of_class
            n_iter, change = max(n_iter, own_iter), max(change, own_change)
        posterior = answers.clamp(_normalized(mean))
        prior = posterior.mean(axis=0)
        return Inference(
            posterior,
            prior,
            skill=precision @ prior,
            n_iter=n_iter,
            change=change,
            tol=self.tol,
            extras={"_precision": precision, "_center": center},
        )

    def _average_class(self, answers: Answers, k: int) -> tuple[Any, ...]:
        """Infer the truth of one class against all others.

        Returns
        -------
        mean : ndarray of shape (n_items,)
        precision : ndarray of shape (n_annotators,)
        center : float
            Mean of the prior.
        n_iter : int
        change : float
        """
        is_class = (answers.answer == k).astype(np.float64)
        right, n_before = known_answers(answers)
        # a wrong answer errs by 1 in two of the classes, that given and the true one
        squares_before = 2 / answers.n_classes * (n_before - right)
        n_answers = answers.per_annotator + n_before
        mean = answers.votes[:, k].copy()
        # Empirical prior: the mean variance of an answer about the votes, scaled by
        # 4 (1 - 1 / n_classes) as in the paper, because votes are nearer to answers.
        own_var = (mean * (1 - mean))[answers.item].mean()
        rate = self.shape * max(own_var, 1e-6)
        rate *= 4 * (1 - 1 / max(answers.n_classes, 2))
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change > self.tol:
            n_iter += 1
            center = mean.mean()
            squares = answers.sum_by_annotator((is_class - mean[answers.item]) ** 2)
            squares += squares_before
            precision = (self.shape + n_answers) / (rate + squares)
            updated = self._mean(answers, is_class, precision, center)
            if answers.gold is not None:
                known = answers.gold >= 0
                updated[known] = answers.gold[known] == k
            change = float(np.abs(updated - mean).max())
            mean = updated
        return mean, precision, center, n_iter, change

    def _mean(
        self,
        answers: Answers,
        is_class: NDArray[np.float64],
        precision: NDArray[np.float64],
        center: float,
    ) -> NDArray[np.float64]:
        weight = precision[answers.annotator]
        total = self.prior_precision + answers.sum_by_item(weight)
        return (
            self.prior_precision * center + answers.sum_by_item(weight * is_class)
        ) / total

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        mean = np.empty((answers.n_items, answers.n_classes))
        for k in range(answers.n_classes):
            is_class = (answers.answer == k).astype(np.float64)
            weights = self._precision[:, k], self._center[k]
            mean[:, k] = self._mean(answers, is_class, *weights)
        return _normalized(mean)


def _normalized(mean: NDArray[np.float64]) -> NDArray[np.float64]:
    mean = np.clip(mean, 0, None)
    return mean / mean.sum(axis=1, keepdims=True)
