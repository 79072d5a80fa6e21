"""What an aggregator of ratings gets, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation._annotator_prior import rating_moments
from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.aggregation._observed_answers import ObservedAnswers

__all__ = ["RatingAnswers", "RatingInference"]


@dataclass(eq=False)
class RatingAnswers(ObservedAnswers):
    """The ratings that an aggregator learns from.

    Parameters
    ----------
    annotations : Annotations
        Numbers. A rating of weight w is w of them.
    gold : float64 ndarray of shape (n_items,) or None
        The truth where it is known, else NaN.
    prior : tuple of two ndarray of shape (n_annotators,) or None
        Root mean squared error of every annotator, and how many ratings of known items
        it comes from.
    start : RatingInference or None
        The truth of all items under the annotators of an earlier fit, to begin with.
    """

    gold: NDArray[np.float64] | None = None
    prior: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None
    start: RatingInference | None = None

    def _known(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        return () if self.gold is None else (self.gold,), self.prior or ()

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether the truth of an item is known, (n_items,)."""
        if self.gold is None:
            return np.zeros(self.n_items, dtype=bool)
        return ~np.isnan(self.gold)

    @cached_property
    def number(self) -> NDArray[np.float64]:
        """How many ratings each counts for, (n_answers,)."""
        return given_weights(self.annotations)

    @cached_property
    def per_annotator(self) -> NDArray[np.float64]:
        """Number of ratings of every annotator, (n_annotators,)."""
        return self.sum_by_annotator(self.number)

    @cached_property
    def center(self) -> float:
        """Mean of all ratings."""
        return float(np.average(self.answer, weights=self.number))

    @cached_property
    def unit(self) -> float:
        """Standard deviation of all ratings, 1 where they are equal."""
        square = np.average((self.answer - self.center) ** 2, weights=self.number)
        return float(np.sqrt(square)) or 1.0

    @property
    def moments(self) -> Any:
        """What is known of annotators as moments of ratings; see `answer_moments`."""
        if self.prior is None:
            return None
        return rating_moments(*self.prior, shift=self.center)

    def clamp(
        self, values: NDArray[np.float64], at_gold: Any = None
    ) -> NDArray[np.float64]:
        """Return values of items with gold, or another number, where it is known."""
        if self.gold is None:
            return values
        return np.where(self.known, self.gold if at_gold is None else at_gold, values)

    def weighted_mean(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean of every item's ratings, weighted by annotator, (n_items,).

        Items without an answer get the mean of the others.
        """
        of_answer = self.number * weight[self.annotator]
        total = self.sum_by_item(of_answer)
        answered = total > 0
        mean = self.sum_by_item(of_answer * self.answer) / np.where(answered, total, 1)
        if not answered.all():
            mean[~answered] = mean[answered].mean()
        return mean


@dataclass(eq=False)
class RatingInference:
    """What an aggregator of ratings found.

    Parameters
    ----------
    mean : float64 ndarray of shape (n_items,)
        The inferred truth.
    noise_var : float64 ndarray of shape (n_annotators,)
        Variance of the noise of every annotator.
    std : float64 ndarray of shape (n_items,) or None
        Standard deviation of the truth, where a model has one.
    scale, bias : float64 ndarray of shape (n_annotators,) or None
        Where they are estimated.
    n_iter : int, default=1
        Number of iterations run.
    change, tol : float, default=0.0
        Change in the last iteration, and what it was to fall below.
    extras : dict
        Further fitted attributes, by name.
    """

    mean: NDArray[np.float64]
    noise_var: NDArray[np.float64]
    std: NDArray[np.float64] | None = None
    scale: NDArray[np.float64] | None = None
    bias: NDArray[np.float64] | None = None
    n_iter: int = 1
    change: float = 0.0
    tol: float = 0.0
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def skill(self) -> NDArray[np.float64]:
        """Information of one rating on the truth, scale² / variance of the noise."""
        scale = 1.0 if self.scale is None else self.scale
        return np.asarray(scale**2 / self.noise_var)

    @property
    def converged(self) -> bool:
        """Whether the last change is below the tolerance."""
        return self.change <= self.tol
