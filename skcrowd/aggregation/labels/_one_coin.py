"""One accuracy for every annotator."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import (
    Answers,
    Inference,
    known_answers,
)

__all__ = ["OneCoin", "one_coin_posterior"]

SMOOTHING = 1.0  # right and wrong answers added to the accuracy of the crowd
LIMITS = 1e-9, 1 - 1e-9  # of an accuracy


class OneCoin(LabelAggregator):
    """Infer one accuracy for every annotator; wrong answers are spread evenly.

    The one-coin model of Dawid and Skene, which is also ZenCrowd's ("ZeroCoin", ZC).

    Parameters
    ----------
    pseudo_counts : float, default=3.0
        Pseudo-answers that shrink each accuracy to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_skill_ : ndarray of shape (n_annotators,)
        Accuracies.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    With ``pseudo_counts=0`` equal to crowd-kit's ``OneCoinDawidSkene``, which stops by
    the gain of the likelihood. Shrinking accuracies to the crowd's is our choice.

    References
    ----------
    G. Demartini, D. E. Difallah, P. Cudré-Mauroux. ZenCrowd: leveraging probabilistic
    reasoning and crowdsourcing techniques for large-scale entity linking. WWW 2012.
    doi:10.1145/2187836.2187900

    Y. Zhang, X. Chen, D. Zhou, M. I. Jordan. Spectral methods meet EM: a provably
    optimal algorithm for crowdsourcing. JMLR 17(102), 2016. arXiv:1406.3824

    Examples
    --------
    >>> from skcrowd.aggregation import OneCoin
    >>> aggregator = OneCoin().fit([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    >>> aggregator.predict()
    array([0, 1, 0, 1])
    >>> aggregator.annotator_skill_.argmin()
    np.int64(2)
    """

    _uses_evidence = True

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        pseudo_counts: float = 3.0,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: Answers) -> Inference:
        right_before, n_before = known_answers(answers)
        n_answers = answers.per_annotator + n_before
        posterior = answers.first_posterior
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            right = posterior[answers.item, answers.answer]
            n_right = answers.sum_by_annotator(right) + right_before
            accuracy = accuracy_of(n_right, n_answers, self.pseudo_counts)
            prior = posterior.mean(axis=0)
            updated = one_coin_posterior(answers, accuracy, prior)
            change = float(np.abs(updated - posterior).mean())
            posterior = updated
        return Inference(
            posterior,
            prior,
            skill=accuracy,
            n_iter=n_iter,
            change=change,
            tol=self.tol,
        )

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        return one_coin_posterior(answers, self.annotator_skill_, self.class_prior_)


def accuracy_of(
    n_right: NDArray[np.float64], n_answers: NDArray[np.float64], pseudo_counts: float
) -> NDArray[np.float64]:
    """Return the accuracies of annotators, shrunk to the crowd's.

    Parameters
    ----------
    n_right, n_answers : ndarray of shape (n_annotators,)
    pseudo_counts : float

    Returns
    -------
    accuracy : ndarray of shape (n_annotators,)
    """
    crowd = (n_right.sum() + SMOOTHING) / (n_answers.sum() + 2 * SMOOTHING)
    total = np.maximum(n_answers + pseudo_counts, 1e-12)
    accuracy: NDArray[np.float64] = (n_right + pseudo_counts * crowd) / total
    return accuracy


def symmetric_confusion(
    accuracy: NDArray[np.float64], n_classes: int
) -> NDArray[np.float64]:
    """Return confusions whose wrong answers are spread evenly.

    Parameters
    ----------
    accuracy : ndarray of shape (n_annotators,)
    n_classes : int

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
    """
    accuracy = np.clip(accuracy, *LIMITS)[:, None, None]
    is_right = np.eye(n_classes, dtype=bool)
    return np.where(is_right, accuracy, (1 - accuracy) / max(n_classes - 1, 1))


def one_coin_posterior(
    answers: Answers,
    accuracy: NDArray[np.float64],
    class_prior: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the posterior of the truth where wrong answers are spread evenly.

    An answer j of accuracy a multiplies the odds of class j against any other by
    ``a (n_classes - 1) / (1 - a)``.

    Parameters
    ----------
    answers : Answers
    accuracy : ndarray of shape (n_annotators,)
    class_prior : ndarray of shape (n_classes,)

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
        One-hot at gold.
    """
    others = max(answers.n_classes - 1, 1)
    accuracy = np.clip(accuracy, *LIMITS)
    log_odds = np.log(accuracy * others) - np.log1p(-accuracy)
    with np.errstate(divide="ignore"):
        joint = answers.scores(log_odds[answers.annotator]) + np.log(class_prior)
    return answers.clamp(softmax(joint, axis=1))
