"""Numbers in and out of the unit in which networks are trained."""

from dataclasses import dataclass, replace

import numpy as np

from skcrowd.annotations import check_annotations
from skcrowd.annotations._assemble import where_in
from skcrowd.annotations._check import true_annotations
from skcrowd.annotations._encoding import check_squares
from skcrowd.annotations._true_values import warn_of_truth
from skcrowd.training._finite import place_of

__all__ = ["AnswerScaler", "check_gold_distance", "read_numbers"]

FARTHEST = 1e8  # of gold from the ratings, in ranges; squares stay in float32


def read_numbers(y, is_gold=False):
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
    check_squares(annotations.answer, where_in(annotations))
    if not annotations.n_answers:
        raise ValueError(
            f"y of shape {annotations.shape} holds no answer at all for the items to "
            "learn from; leave at least one answer to an item of positive weight."
        )
    return annotations


def check_gold_distance(gold, answers):
    """Raise if known numbers are so far from the ratings that they say nothing of them.

    Parameters
    ----------
    gold : ndarray of shape (n_items,)
        NaN where the truth is not known.
    answers : ndarray of shape (n_answers,)
    """
    center = np.median(answers)
    reach = np.abs(answers - center).max() or max(abs(center), 1.0)
    far = np.flatnonzero(np.abs(gold - center) > FARTHEST * reach)
    if far.size:
        raise ValueError(
            f"gold holds {float(gold[far[0]])!r}, but the answers in y lie between "
            f"{answers.min():.4g} and {answers.max():.4g}; give gold in the unit of "
            "the answers."
        )


@dataclass(frozen=True)
class AnswerScaler:
    """An affine change of unit: ``number = center + size * inner``.

    Attributes
    ----------
    center, size : float
    """

    center: float
    size: float

    @classmethod
    def from_answers(cls, annotations, weight):
        """Return the unit in which the weighted answers are standardised."""
        weight = weight[annotations.item]
        center = np.average(annotations.answer, weights=weight)
        apart = annotations.answer - center
        largest = np.abs(apart).max() or 1.0  # so that no square overflows
        square = np.average((apart / largest) ** 2, weights=weight)
        return cls(float(center), float(largest * np.sqrt(square)) or largest)

    def transform_annotations(self, annotations):
        """Return the answers in the inner unit."""
        return replace(annotations, answer=self.transform(annotations.answer))

    def transform(self, numbers):
        """Return outer numbers in the inner unit."""
        return (numbers - self.center) / self.size

    def compose(self, scale, shift):
        """Return the unit in which ``scale * inner + shift`` is the inner number."""
        return AnswerScaler(self.center + self.size * shift, self.size * scale)

    def inverse_transform(self, inner):
        """Return inner numbers in the outer unit."""
        return self.center + self.size * inner

    def inverse_transform_predictions(self, inner):
        """Return predicted numbers in the outer unit.

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
                "its features are too far from those of fit; bring X to the scale that "
                "it had there."
            )
        return numbers

    def inverse_transform_parameters(self, scale, bias, noise_var):
        """Return scales, biases and noise variances of annotators in the outer unit."""
        bias = self.size * bias + self.center * (1 - scale)
        return scale, bias, self.size**2 * noise_var

    def transform_parameters(self, scale, bias, noise_var):
        """Return scales, biases and noise variances of annotators in the inner unit."""
        bias = (bias - self.center * (1 - scale)) / self.size
        return scale, bias, noise_var / self.size**2

    def inverse_transform_moments(self, moments):
        """Return moments of truth and answer, (n_annotators, 3, 3), in the outer unit.

        See ``answer_moments``.
        """
        to_outer = np.diag([1.0, self.size, self.size])
        to_outer[1:, 0] = self.center
        return to_outer @ moments @ to_outer.T

    def transform_moments(self, moments):
        """Return them, (n_annotators, 3, 3), in the inner unit."""
        to_inner = np.diag([1.0, 1 / self.size, 1 / self.size])
        to_inner[1:, 0] = -self.center / self.size
        return to_inner @ moments @ to_inner.T
