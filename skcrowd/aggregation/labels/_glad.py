"""Abilities of annotators and difficulties of items."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, softmax

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import (
    Answers,
    Inference,
    known_answers,
)
from skcrowd.aggregation.labels._one_coin import one_coin_posterior

__all__ = ["GLAD"]

ABILITY_MEAN, ABILITY_VAR = 1.0, 1.0  # normal prior of the abilities
EASINESS_VAR = 0.5  # normal prior of the log easiness, mean 0
NEWTON_STEPS, MOST_ABILITY, MOST_EASINESS = 5, 1.0, 0.5  # steps are cut at these


class GLAD(LabelAggregator):
    """Infer an ability for every annotator and an easiness for every item.

    An answer is right with probability ``1 / (1 + exp(-α_r β_i))``; wrong answers are
    spread evenly. EM, whose M-step takes Newton steps in α and log β alternately.

    Parameters
    ----------
    max_iter : int, default=100
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it.
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
        Abilities α: 0 is guessing between right and wrong, below 0 worse.
    item_easiness_ : ndarray of shape (n_items,)
        β; 1 is the mean of the prior.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    Crowd-kit's ``GLAD`` has a standard normal prior of log β, uniform shares of the
    classes, and an M-step by conjugate gradients; here the shares are estimated and
    the variance of log β is 0.5. Its probabilities differ, its labels hardly.

    References
    ----------
    J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma, J. Movellan. Whose vote should count
    more: optimal integration of labels from labelers of unknown expertise. NIPS 2009.

    Examples
    --------
    >>> from skcrowd.aggregation import GLAD
    >>> aggregator = GLAD().fit([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    >>> aggregator.predict()
    array([0, 1, 0, 1])
    >>> aggregator.item_easiness_.argmin() in (0, 1)
    True
    """

    _uses_evidence = True

    _parameter_constraints: dict[str, Any] = {
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        max_iter: int = 100,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: Answers) -> Inference:
        posterior = answers.first_posterior
        mean, precision = ability_prior(answers)
        ability = mean
        log_easiness = np.zeros(answers.n_items)
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            is_right = posterior[answers.item, answers.answer]
            ability, log_easiness = _maximize(
                answers, is_right, ability, log_easiness, mean, precision
            )
            prior = posterior.mean(axis=0)
            log_odds = ability[answers.annotator] * np.exp(log_easiness)[answers.item]
            # log odds of the answered class against any other
            evidence = log_odds + np.log(max(answers.n_classes - 1, 1))
            with np.errstate(divide="ignore"):
                joint = answers.scores(evidence) + np.log(prior)
            updated = answers.clamp(softmax(joint, axis=1))
            change = float(np.abs(updated - posterior).mean())
            posterior = updated
        return Inference(
            posterior,
            prior,
            skill=ability,
            n_iter=n_iter,
            change=change,
            tol=self.tol,
            extras={"item_easiness_": np.exp(log_easiness)},
        )

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        # items of average easiness
        accuracy = expit(self.annotator_skill_)
        return one_coin_posterior(answers, accuracy, self.class_prior_)


def ability_prior(
    answers: Answers,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and precision of the normal prior of every ability.

    Known answers are to items of average easiness: by them the log odds of a right
    answer have the precision ``n p (1 - p)``, with one right and one wrong answer more.
    """
    right, n_before = known_answers(answers)
    accuracy = (right + 1) / (n_before + 2)
    known = n_before * accuracy * (1 - accuracy)
    precision = known + 1 / ABILITY_VAR
    mean = (known * logit(accuracy) + ABILITY_MEAN / ABILITY_VAR) / precision
    return mean, precision


def _maximize(
    answers: Answers,
    is_right: NDArray[np.float64],
    ability: NDArray[np.float64],
    log_easiness: NDArray[np.float64],
    mean: NDArray[np.float64],
    precision: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Take Newton steps of the expected log-likelihood with its priors.

    With s = σ(α β) and q the probability that an answer is right::

        d/dα     = Σ (q - s) β      - (α - mean) precision
        d/dlog β = Σ (q - s) α β    - log β / EASINESS_VAR

    and the negative second derivatives, less the term in (q - s), which may have either
    sign, are Σ s (1 - s) β² + precision and Σ s (1 - s) α² β² + 1 / EASINESS_VAR.
    """
    item, annotator = answers.item, answers.annotator
    for _ in range(NEWTON_STEPS):
        easiness = np.exp(log_easiness)[item]
        right = expit(ability[annotator] * easiness)
        slope = answers.sum_by_annotator((is_right - right) * easiness)
        slope -= (ability - mean) * precision
        curve = answers.sum_by_annotator(right * (1 - right) * easiness**2)
        step = slope / (curve + precision)
        ability = ability + np.clip(step, -MOST_ABILITY, MOST_ABILITY)
        log_odds = ability[annotator] * easiness
        right = expit(log_odds)
        slope = answers.sum_by_item((is_right - right) * log_odds)
        slope -= log_easiness / EASINESS_VAR
        curve = answers.sum_by_item(right * (1 - right) * log_odds**2)
        step = slope / (curve + 1 / EASINESS_VAR)
        log_easiness = log_easiness + np.clip(step, -MOST_EASINESS, MOST_EASINESS)
    return ability, log_easiness
