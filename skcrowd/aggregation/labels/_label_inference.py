"""What an aggregator of labels gets, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._answer_evidence import Evidence, gather_evidence
from skcrowd.aggregation._expected_counts import AnsweredQuestions
from skcrowd.aggregation._majority_vote import shares_of_votes
from skcrowd.aggregation._observed_answers import ObservedAnswers

__all__ = ["Answers", "Inference", "known_answers"]


@dataclass(eq=False)
class Answers(ObservedAnswers):
    """The answers that an aggregator learns from.

    Parameters
    ----------
    annotations : Annotations
        Labels.
    gold : int64 ndarray of shape (n_items,) or None
        Code of the class of every item of known truth, -1 for the others.
    prior_counts : float64 ndarray of shape (n_annotators, n_classes, n_classes) or None
        Answers known from elsewhere, by annotator, truth and answer.
    start : Inference or None
        The result of an earlier fit to some of the answers, to begin with.
    """

    gold: NDArray[np.int64] | None = None
    prior_counts: NDArray[np.float64] | None = None
    start: Inference | None = None

    @cached_property
    def n_classes(self) -> int:
        """Number of classes."""
        assert self.annotations.classes is not None
        return len(self.annotations.classes)

    @cached_property
    def counts(self) -> AnswerCounts:
        """The sums over answers of the model of Dawid and Skene."""
        return AnswerCounts(self.annotations, evidence=self.evidence)

    @cached_property
    def evidence(self) -> Evidence:
        """What each answer is worth; its entries are the answers below."""
        return gather_evidence(self.annotations, gold=self.gold)

    def _known(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        of_items = () if self.gold is None else (self.gold,)
        prior = self.prior_counts
        if prior is None:
            return of_items, ()
        if isinstance(prior, AnsweredQuestions):
            return of_items, (prior.accuracy, prior.n_questions)
        return of_items, known_answers(self)

    @property
    def item(self) -> NDArray[np.int64]:
        """Row of every answer, (n_answers,)."""
        return self.evidence.annotations.item

    @property
    def annotator(self) -> NDArray[np.int64]:
        """Annotator of every answer, (n_answers,)."""
        return self.evidence.annotations.annotator

    @property
    def answer(self) -> NDArray[Any]:
        """Code of the class of every answer, (n_answers,)."""
        return self.evidence.annotations.answer

    def sum_by_annotator(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values of answers by annotator, times their number, (n_annotators,)."""
        count = self.evidence.number
        return super().sum_by_annotator(values if count is None else values * count)

    def sum_by_item(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values of answers by item, times their power, (n_items,)."""
        power = self.evidence.power
        return super().sum_by_item(values if power is None else values * power)

    @cached_property
    def votes(self) -> NDArray[np.float64]:
        """Shares of the votes, one-hot at gold, (n_items, n_classes)."""
        votes = shares_of_votes(self.annotations, self.evidence)
        return self.clamp(np.ascontiguousarray(votes))

    @property
    def first_posterior(self) -> NDArray[np.float64]:
        """Where iterations begin: that of the earlier fit, else the votes."""
        return self.votes if self.start is None else self.start.posterior

    def clamp(self, posterior: NDArray[np.float64]) -> NDArray[np.float64]:
        """Put all mass on the known truth of the items that have one, in place."""
        if self.gold is not None:
            known = np.flatnonzero(self.gold >= 0)
            posterior[known] = 0.0
            posterior[known, self.gold[known]] = 1.0
        return posterior

    def scores(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values of answers by item and answered class, (n_items, n_classes)."""
        if self.evidence.power is not None:
            values = values * self.evidence.power
        entries = values, (self.item, self.answer)
        shape = self.n_items, self.n_classes
        return sparse.coo_array(entries, shape).toarray()


@dataclass(eq=False)
class Inference:
    """What an aggregator found.

    Parameters
    ----------
    posterior : float64 ndarray of shape (n_items, n_classes)
        Rows sum to 1.
    class_prior : float64 ndarray of shape (n_classes,)
        Shares of the classes.
    confusion : float64 ndarray of shape (n_annotators, n_classes, n_classes) or None
    skill : float64 ndarray of shape (n_annotators,) or None
    n_iter : int, default=1
        Number of iterations run.
    change, tol : float, default=0.0
        Change in the last iteration, and what it was to fall below.
    extras : dict
        Further fitted attributes, by name.
    """

    posterior: NDArray[np.float64]
    class_prior: NDArray[np.float64]
    confusion: Any = None
    skill: NDArray[np.float64] | None = None
    n_iter: int = 1
    change: float = 0.0
    tol: float = 0.0
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def converged(self) -> bool:
        """Whether the last change is below the tolerance."""
        return self.change <= self.tol


def known_answers(
    answers: Answers,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how many answers known from elsewhere are right, and all of them.

    Parameters
    ----------
    answers : Answers

    Returns
    -------
    n_right, n_all : ndarray of shape (n_annotators,)
        Zeros without a prior.
    """
    if answers.prior_counts is None:
        return np.zeros(answers.n_annotators), np.zeros(answers.n_annotators)
    counts = np.asarray(answers.prior_counts)
    return np.trace(counts, axis1=1, axis2=2), counts.sum(axis=(1, 2))
