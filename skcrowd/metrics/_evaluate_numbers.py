"""R² of predicted numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import weighted_mean
from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.annotations import check_annotations
from skcrowd.annotations._encoding import encode
from skcrowd.metrics._evaluate_notes import sparse_note
from skcrowd.metrics._evaluate_ratios import Ratio, powered_ratio

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, FloatArray, IntArray

    from ._evaluate_gold import PoweredEstimate


__all__ = ["NumberTask"]

UNCLEAR = 0.025  # share of draws in which the items do not differ
EXACT = 1e-12  # share of the variance of errors that are due to rounding
SINGLE = 1e-9  # share of the weight of pairs where there is only one rating


class NumberTask:
    """R² of one model, or the difference of two, on rated items.

    With ratings z = answer - bias of the truth t, the product (z - p)(z' - p) of two
    annotators of an item has the mean (t - p)², and (z - m)(z' - m) has (t - m)²: the
    noise of the two is independent and drops out, and so do scales that are 1 on
    average. Biases and noise are those of :func:`skcrowd.aggregation.weighted_mean`.

    Parameters
    ----------
    y : annotations of shape (n_items, n_annotators)
    predictions : list of array-like of shape (n_items,)
    classes, annotator_groups : None
    """

    measure = "r2"
    classes = None

    def __init__(
        self,
        y: AnswersLike,
        predictions: list[FloatArray],
        classes: Any,
        annotator_groups: list[int] | None,
    ) -> None:
        _check_none(classes=classes, annotator_groups=annotator_groups)
        annotations = check_annotations(y, kind="numbers")
        self.n_units = annotations.n_items
        numbers = [_numbers(p, self.n_units) for p in predictions]
        self._center = np.median(annotations.answer)
        deviation = np.abs(annotations.answer - self._center)
        self._exponent = int(np.frexp(deviation.max())[1])
        self._predictions = [self._in_unit(p) for p in numbers]
        answer = self._in_unit(annotations.answer)
        self.annotations = replace(annotations, answer=answer)

    def sample(self, n_draws: int, rng: np.random.RandomState) -> FloatArray:
        """Bayesian bootstrap over items and annotators, given the answers alone.

        Returns
        -------
        draws : ndarray of shape (n_draws,)
        """
        fitted = weighted_mean(self.annotations)
        self._mean, self._std = fitted.mean, fitted.std
        self._parameters = fitted.rating_parameters
        draws = [self._draw_r2(rng) for _ in range(n_draws)]
        self._n_unclear = np.isnan(draws).mean()
        known = np.nan_to_num(np.array(draws))
        self._expected = float(known.mean())
        return known

    def notes(self) -> list[Any]:
        """Return why the answers alone are not reliable, a list of str."""
        notes = sparse_note(self.annotations)
        if not notes and self._n_unclear > UNCLEAR:
            notes.append(
                "annotators agree too little to show that the items differ at all; "
                "pass gold numbers"
            )
        return notes

    def powered(
        self, rows: IntArray, values: Any, level: float
    ) -> tuple[PoweredEstimate, tuple[float, float], FloatArray]:
        """Estimate with gold numbers; see :func:`powered_ratio`.

        Parameters
        ----------
        rows : int64 ndarray of shape (n_gold,)
        values : ndarray of shape (n_gold,)
            Their truth.
        level : float

        Returns
        -------
        estimate : PoweredEstimate
        interval : tuple of float
        difference : ndarray of shape (n_gold,)
        """
        truth = self._in_unit(np.asarray(values, dtype=np.float64))
        is_gold = np.zeros(self.n_units, dtype=bool)
        is_gold[rows] = True
        center = truth.mean()
        _check_spread(truth)
        by_gold, by_answers = [], []
        for sign, predicted in zip((-1.0, 1.0), self._predictions, strict=False):
            spread = (truth - center) ** 2
            by_gold.append(Ratio((truth - predicted[rows]) ** 2, spread, sign))
            expected = (self._mean - predicted) ** 2 + self._std**2
            spread = (self._mean - center) ** 2 + self._std**2
            by_answers.append(Ratio(expected, spread, sign))
        is_difference = len(self._predictions) > 1
        from_answers = self._expected - (not is_difference)
        estimate, difference = powered_ratio(by_gold, by_answers, is_gold, from_answers)
        if is_difference:
            low, high = estimate.interval(level)
            unseen = _unseen(estimate, rows.size, level) if high - low < EXACT else 0.0
            return estimate, (low - unseen, high + unseen), difference
        r2 = estimate._replace(value=1 + estimate.value)
        return r2, _r2_interval(r2, rows.size, level), difference

    def _draw_r2(self, rng: np.random.RandomState) -> float:
        """R² (of two models the difference) of a bootstrap sample, or NaN."""
        annotations = self.annotations
        weight = rng.standard_exponential(self.n_units)
        center = np.average(self._mean, weights=weight)
        spread = (self._mean - center) ** 2 + self._std**2
        by_annotator = rng.standard_exponential(annotations.n_annotators)
        precision = (by_annotator / self._parameters.noise_var)[annotations.annotator]
        precision = given_weights(annotations) * precision
        bias = self._parameters.bias[annotations.annotator]
        rating = precision * (annotations.answer - bias)
        total = self._sum(precision)
        pairs = total**2 - self._sum(precision**2)
        used = pairs > SINGLE * total**2
        # A product is the noisier, the less precise the ratings of its item are.
        noise = 1 / np.maximum(total * np.average(spread, weights=weight), SINGLE)
        weight = weight * used / (1 + noise) ** 2 / np.where(used, pairs, 1)

        def squared_error(predicted: FloatArray) -> float:
            residual = rating - precision * predicted[annotations.item]
            squares = self._sum(residual) ** 2 - self._sum(residual**2)
            return float(weight @ squares)

        variance = squared_error(np.full(self.n_units, center))
        if variance <= 0:
            return np.nan
        n_used = np.count_nonzero(used)

        def unexplained(predicted: FloatArray) -> float:
            share = squared_error(predicted) / variance
            # without errors that are seen, an item may have one with this probability
            return share if share > EXACT else rng.beta(0.5, n_used + 0.5)

        r2 = [1 - unexplained(p) for p in self._predictions]
        return r2[0] if len(r2) == 1 else r2[0] - r2[1]

    def _in_unit(self, numbers: FloatArray) -> FloatArray:
        """Return numbers in a unit in which no square overflows or is lost.

        R² has no unit, and a power of two costs no bit.
        """
        return np.ldexp(numbers - self._center, -self._exponent)

    def _sum(self, values: Any) -> FloatArray:
        """Sum over the answers of each item."""
        total = np.bincount(self.annotations.item, values, self.n_units)
        return np.asarray(total, dtype=np.float64)


def _r2_interval(
    estimate: PoweredEstimate, n_gold: int, level: float
) -> tuple[float, float]:
    """Interval of R², which is skewed where it is near 1: that of log(1 - R²).

    Where no gold number shows an error, it is that of a share of items.
    """
    share = 1 - estimate.value
    width = estimate.quantile(level) * estimate.standard_error
    if share <= EXACT:
        return 1 - max(_unseen(estimate, n_gold, level), share + width), 1.0
    with np.errstate(over="ignore"):
        return 1 - share * np.exp(width / share), 1 - share * np.exp(-width / share)


def _unseen(estimate: PoweredEstimate, n_gold: int, level: float) -> float:
    """Share of items that may have an error where no item with gold has one."""
    squared = estimate.quantile(level) ** 2
    return squared / (n_gold + squared)


def _check_spread(truth: FloatArray) -> None:
    if np.ptp(truth) == 0:
        raise ValueError(
            f"the {truth.size} gold numbers are all equal, of which R² is not defined; "
            "give gold numbers of further items."
        )


def _check_none(**arguments: Any) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(f"{name} is for labels only; leave it out.")


def _numbers(given: FloatArray, n_items: int) -> FloatArray:
    values = np.asarray(given)
    if values.shape != (n_items,):
        raise ValueError(
            f"y_pred has shape {values.shape}, but y has {n_items} items; give one "
            "number for each."
        )
    numbers, _ = encode(values, "numbers", None, lambda k: f"row {k}", "y_pred")
    if not np.isfinite(numbers).all():
        raise ValueError("y_pred holds a missing number; leave these items out.")
    return numbers
