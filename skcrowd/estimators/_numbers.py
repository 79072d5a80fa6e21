"""Ratings: reading them, and scaling them to the unit of the network."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._answer_evidence import (
    given_weights,
    refuse_rating_evidence,
)
from skcrowd.annotations import check_annotations
from skcrowd.annotations._assemble import where_in
from skcrowd.annotations._check import true_annotations
from skcrowd.annotations._encoding import check_squares
from skcrowd.annotations._true_values import warn_of_truth
from skcrowd.training._finite import place_of

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, FloatArray, Gold
    from skcrowd.annotations import Annotations


__all__ = ["AnswerScaler", "check_gold_distance", "read_numbers"]

# Largest distance of gold from the median rating, in units of the largest distance of a
# rating, so that its square is finite in float32.
FARTHEST = 1e8
NOTHING = 1e-9  # of a number, what may be added to it


def read_numbers(y: AnswersLike, is_gold: bool = False) -> Annotations:
    """Read numbers in any form.

    Parameters
    ----------
    y : Annotations or array-like
    is_gold : bool, default=False
        Whether ``y`` is 1-D: one annotator who answered every item.

    Returns
    -------
    annotations : Annotations
    """
    if is_gold:
        values = np.asarray(y)
        warn_of_truth(values, "numbers")
        annotations = true_annotations(values, "numbers")
    else:
        annotations = check_annotations(y, kind="numbers")
        refuse_rating_evidence(annotations, "a regressor")
    check_squares(annotations.answer, where_in(annotations))
    if not annotations.n_answers:
        raise ValueError(
            f"y of shape {annotations.shape} holds no answer at all for the items to "
            "learn from; leave at least one answer to an item of positive weight."
        )
    return annotations


def check_gold_distance(gold: Gold, answers: FloatArray) -> None:
    """Raise if gold is so far from the ratings that it must have another unit.

    Parameters
    ----------
    gold : ndarray of shape (n_items,)
        NaN where the truth is not known.
    answers : ndarray of shape (n_answers,)
    """
    center = np.median(answers)
    largest = np.abs(answers - center).max() or max(abs(center), 1.0)
    too_far = np.flatnonzero(np.abs(gold - center) > FARTHEST * largest)
    if too_far.size:
        raise ValueError(
            f"gold holds {float(gold[too_far[0]])!r}, but the ratings in y lie between "
            f"{answers.min():.4g} and {answers.max():.4g}; give gold in the unit of "
            "the ratings."
        )


def _unit_of_constant(center: float, gold: FloatArray | None, is_final: bool) -> float:
    """Return the unit of answers that are all the same."""
    nothing = NOTHING * (abs(center) or 1.0)
    spread = 0.0 if gold is None else _spread(gold[~np.isnan(gold)])
    if spread > nothing:
        return spread
    return nothing if is_final else 1.0


def _spread(numbers: FloatArray) -> float:
    """Return the largest distance from the mean."""
    mean = numbers.mean() if numbers.size else 0.0
    return float(np.abs(numbers - mean).max(initial=0.0))


@dataclass(frozen=True)
class AnswerScaler:
    """Affine map between ratings and the unit of the network.

    ``rating = center + size * inner``, where the inner ratings that a network is
    trained on have mean 0 and standard deviation 1.

    Attributes
    ----------
    center, size : float
    """

    center: float
    size: float

    @classmethod
    def from_answers(
        cls,
        annotations: Annotations,
        weight: FloatArray,
        gold: FloatArray | None = None,
        *,
        is_final: bool = True,
    ) -> AnswerScaler:
        """Return the scaler that standardises the weighted answers.

        Where all are the same number, the truth is one number: the unit is so small
        that what a network adds to it is nothing.

        Parameters
        ----------
        annotations : Annotations
        weight : ndarray of shape (n_items,)
        gold : ndarray of shape (n_items,) or None
            NaN where the truth is not known. Where the answers are all the same, the
            unit is its largest distance from its mean.
        is_final : bool, default=True
            False if other answers may follow in the same unit, or something else is
            given in the unit of the answers: then the unit is 1 where all are the same.

        Raises
        ------
        ValueError
            If no answer has a weight.
        """
        weight = weight[annotations.item] * given_weights(annotations)
        if not weight.any():
            raise ValueError(
                "every item with ratings is held out, so there is no rating to learn "
                "from; leave some of them out of validation, or give weights above 0."
            )
        used = annotations.answer[weight > 0]
        center = np.average(annotations.answer, weights=weight)
        if not np.ptp(used):  # not its mean, whose rounding error would be the unit
            center = used[0]
        deviation = annotations.answer - center
        # std = m * sqrt(mean((deviation / m)²)) with m = max |deviation|, because the
        # square of a large deviation would overflow
        largest = np.abs(deviation).max() or _unit_of_constant(center, gold, is_final)
        mean_square = np.average((deviation / largest) ** 2, weights=weight)
        return cls(float(center), float(largest * np.sqrt(mean_square)) or largest)

    def transform_annotations(self, annotations: Annotations) -> Annotations:
        """Return the answers in the inner unit."""
        return replace(annotations, answer=self.transform(annotations.answer))

    def transform(self, numbers: FloatArray) -> FloatArray:
        """Return numbers in the unit of ``y`` in the inner unit."""
        return (numbers - self.center) / self.size

    def compose(self, scale: float, shift: float) -> AnswerScaler:
        """Return the scaler of x, where ``scale * x + shift`` is the inner number."""
        return AnswerScaler(self.center + self.size * shift, self.size * scale)

    def inverse_transform(self, inner: FloatArray | float) -> Any:
        """Return inner numbers in the unit of ``y``."""
        return self.center + self.size * inner

    def inverse_transform_predictions(self, inner: FloatArray) -> Any:
        """Return predicted numbers in the unit of ``y``.

        Raises
        ------
        ValueError
            If they are too large for float64.
        """
        with np.errstate(over="ignore"):
            numbers = self.inverse_transform(inner)
        if not np.isfinite(numbers).all():
            raise ValueError(
                f"predictions overflow, first for {place_of(~np.isfinite(numbers))}: "
                "its features are too far from those of fit; scale X as it was scaled "
                "for fit."
            )
        return numbers

    def inverse_transform_parameters(
        self, scale: FloatArray, bias: FloatArray, noise_var: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return scales, biases and noise variances in the unit of ``y``.

        With y = c + s * inner, ``y = scale * truth + bias`` has the same scale, the
        bias ``s * bias + c * (1 - scale)`` and the noise variance ``s² * noise_var``.
        """
        bias = self.size * bias + self.center * (1 - scale)
        return scale, bias, self.size**2 * noise_var

    def transform_parameters(
        self, scale: FloatArray, bias: FloatArray, noise_var: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return scales, biases and noise variances in the inner unit."""
        bias = (bias - self.center * (1 - scale)) / self.size
        return scale, bias, noise_var / self.size**2

    def inverse_transform_moments(self, moments: Any) -> Any:
        """Return moments, (n_annotators, 3, 3), in the unit of ``y``.

        They are sums of products of v = (1, truth, answer). A change of unit is
        linear in v, v' = A v, so the moments Σ v vᵀ become A (Σ v vᵀ) Aᵀ.

        See ``answer_moments``.
        """
        to_outer = np.diag([1.0, self.size, self.size])
        to_outer[1:, 0] = self.center
        return to_outer @ moments @ to_outer.T

    def transform_moments(self, moments: FloatArray) -> FloatArray:
        """Return moments, (n_annotators, 3, 3), in the inner unit."""
        to_inner = np.diag([1.0, 1 / self.size, 1 / self.size])
        to_inner[1:, 0] = -self.center / self.size
        return to_inner @ moments @ to_inner.T
