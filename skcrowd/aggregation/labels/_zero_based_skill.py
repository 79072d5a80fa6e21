"""Weights that follow the agreement with the weighted vote."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.aggregation.labels._weighted_vote import agreement_with, weighted_vote

__all__ = ["ZeroBasedSkill"]

FIRST_EXCESS = 1e-5  # of the first skill over that of guessing


class ZeroBasedSkill(LabelAggregator):
    """Weigh votes by skills that follow the agreement with the weighted vote.

    All skills begin at that of guessing. Each round a step of gradient descent brings
    them nearer to the shares of answers that are the weighted vote's label.

    Parameters
    ----------
    max_iter : int, default=100
        Maximum number of rounds.
    learning_rate : float, default=1.0
        Length of the first steps.
    rounds_per_rate : int, default=20
        After so many rounds the length is halved.
    tol : float, default=1e-5
        Stop when no skill changes by more.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        Shares of the weighted votes.
    class_prior_ : ndarray of shape (n_classes,)
        Their mean.
    annotator_skill_ : ndarray of shape (n_annotators,)
        The weights.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    With ``tol=0`` equal to crowd-kit's ``ZeroBasedSkill``, which runs all rounds, where
    no item has a tie: here, labels with equally large votes share the agreement.

    References
    ----------
    D. Ustalov, N. Pavlichenko, B. Tseitlin. Learning from crowds with Crowd-Kit.
    Journal of Open Source Software 9(96), 2024. doi:10.21105/joss.06227

    Examples
    --------
    >>> from skcrowd.aggregation import ZeroBasedSkill
    >>> ZeroBasedSkill().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _uses_evidence = True

    _parameter_constraints: dict[str, Any] = {
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0, 1, closed="right")],
        "rounds_per_rate": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        max_iter: int = 100,
        learning_rate: float = 1.0,
        rounds_per_rate: int = 20,
        tol: float = 1e-5,
    ) -> None:
        self.max_iter = max_iter
        self.learning_rate = learning_rate
        self.rounds_per_rate = rounds_per_rate
        self.tol = tol

    def _infer(self, answers: Answers) -> Inference:
        skill = np.full(answers.n_annotators, 1 / answers.n_classes + FIRST_EXCESS)
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change > self.tol:
            n_iter += 1
            rate = self.learning_rate * 0.5 ** (n_iter // self.rounds_per_rate)
            target = agreement_with(weighted_vote(answers, skill), answers)
            change = float(np.abs(target - skill).max()) * rate
            skill = skill + rate * (target - skill)
        posterior = weighted_vote(answers, skill)
        return Inference(
            posterior,
            posterior.mean(axis=0),
            skill=skill,
            n_iter=n_iter,
            change=change,
            tol=self.tol,
        )

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        return weighted_vote(answers, self.annotator_skill_)
