"""Annotators who know the answer or spam."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, logsumexp
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._observed_answers import draw_seed
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import (
    Answers,
    Inference,
    known_answers,
)
from skcrowd.annotations._answer_keys import uniform_of_keys

__all__ = ["MACE"]


class MACE(LabelAggregator):
    """Multi-annotator competence estimation: annotators know the label, or spam.

    Annotator r gives the true label with probability θ_r, and else one drawn from
    their own distribution ξ_r. Variational Bayes with the priors θ ~ Beta(a, a) and
    ξ ~ Dirichlet(b).

    Parameters
    ----------
    competence_prior : float, default=0.5
        a, pseudo-counts of knowing and of spamming.
    spam_prior : float, default=10.0
        b, pseudo-counts of every label among the spam.
    n_init : int, default=10
        Number of starts, the first from the vote, the others from random competences;
        the most probable result is kept.
    max_iter : int, default=300
        Maximum number of iterations of each.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.
    random_state : int, RandomState instance or None, default=0
        For the starts, which do not depend on the order of items and annotators.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
    class_prior_ : ndarray of shape (n_classes,)
        Uniform, as in the paper.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Competences: posterior mean of θ.
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``θ δ_ij + (1 - θ) ξ_j``.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    The model, the priors and the updates are those of crowd-kit's ``MACE`` with
    ``method="vb"``, which begins at random and runs a fixed number of rounds.

    References
    ----------
    D. Hovy, T. Berg-Kirkpatrick, A. Vaswani, E. Hovy. Learning whom to trust with
    MACE. NAACL-HLT 2013. https://aclanthology.org/N13-1132

    Examples
    --------
    >>> from skcrowd.aggregation import MACE
    >>> y = [[0, 0, 1], [1, 1, 1], [0, 0, 1], [1, 1, 1], [2, 2, 1]]
    >>> aggregator = MACE().fit(y)
    >>> aggregator.predict()
    array([0, 1, 0, 1, 2])
    >>> aggregator.annotator_skill_.argmin()
    np.int64(2)
    """

    _parameter_constraints: dict[str, Any] = {
        "competence_prior": [Interval(Real, 0, None, closed="neither")],
        "spam_prior": [Interval(Real, 0, None, closed="neither")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        competence_prior: float = 0.5,
        spam_prior: float = 10.0,
        n_init: int = 10,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.competence_prior = competence_prior
        self.spam_prior = spam_prior
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior
        self.random_state = random_state

    def _infer(self, answers: Answers) -> Inference:
        random = check_random_state(self.random_state)
        starts = [answers.first_posterior[answers.item, answers.answer]]
        for _ in range(self.n_init - 1):
            seed = draw_seed(random)
            competence = uniform_of_keys(answers.keys.annotators, seed, 1)[:, 0]
            starts.append(starts[0] * competence[answers.annotator])
        found = [self._iterate(answers, start) for start in starts]
        return max(found, key=lambda result: result.extras["log_likelihood_"])

    def _iterate(self, answers: Answers, knows: NDArray[np.float64]) -> Inference:
        """Alternate between the annotators and the truth.

        Parameters
        ----------
        answers : Answers
        knows : ndarray of shape (n_answers,)
            Probability that an answer was known, to begin with.
        """
        n_classes, a, b = answers.n_classes, self.competence_prior, self.spam_prior
        right, n_before = known_answers(answers)
        # an answer is right, too, if the spam happens to be the label
        knew = n_before * competence_of(right / np.maximum(n_before, 1), n_classes)
        before = knew + a, n_before - knew + a
        n_all = answers.per_annotator + before[0] + before[1]
        cell = answers.annotator * n_classes + answers.answer
        shape = answers.n_annotators, n_classes
        posterior, n_iter, change = answers.votes, 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            n_known = answers.sum_by_annotator(knows)
            n_spam = np.bincount(cell, 1 - knows, shape[0] * n_classes).reshape(shape)
            # exp(E[log θ]) and the like take the place of point estimates
            log_known = digamma(n_known + before[0]) - digamma(n_all)
            log_spams = digamma(n_spam.sum(axis=1) + before[1]) - digamma(n_all)
            log_label = digamma(n_spam + b) - digamma(
                n_spam.sum(axis=1, keepdims=True) + n_classes * b
            )
            log_other = log_spams[answers.annotator] + log_label.ravel()[cell]
            log_same = np.logaddexp(log_known[answers.annotator], log_other)
            joint = answers.scores(log_same - log_other) - np.log(n_classes)
            evidence = logsumexp(joint, axis=1, keepdims=True)
            updated = answers.clamp(np.exp(joint - evidence))
            is_truth = updated[answers.item, answers.answer]
            knows = is_truth * np.exp(log_known[answers.annotator] - log_same)
            change = float(np.abs(updated - posterior).mean())
            posterior = updated
        competence = (n_known + before[0]) / n_all
        spam = (n_spam + b) / (n_spam.sum(axis=1, keepdims=True) + n_classes * b)
        confusion = (1 - competence)[:, None, None] * spam[:, None, :]
        confusion = confusion + competence[:, None, None] * np.eye(n_classes)
        return Inference(
            posterior,
            np.full(n_classes, 1 / n_classes),
            confusion,
            competence,
            n_iter=n_iter,
            change=change,
            tol=self.tol,
            extras={"log_likelihood_": float(evidence.sum() + log_other.sum())},
        )


def competence_of(accuracy: NDArray[np.float64], n_classes: int) -> NDArray[np.float64]:
    """Return the competence that an accuracy stands for if spam is even."""
    chance = 1 / max(n_classes, 2)
    return np.clip((accuracy - chance) / (1 - chance), 0.0, 1.0)
