"""Scale, bias and noise of the annotators of a simulated crowd of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.datasets._composition import count_kinds, kind_by_annotator, read_array
from skcrowd.datasets._kinds import RATING_KINDS

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray


MIXED_RATING_ANNOTATORS = {
    "expert": 3,
    "average": 8,
    "biased": 3,
    "compressing": 2,
    "noisy": 2,
    "random": 1,
    "adversarial": 1,
}
COLUMNS = ("scale", "bias", "noise_std")
EXPLICIT = f"an array of shape (n_annotators, 3) with columns {', '.join(COLUMNS)}"


def draw_rating_parameters(
    annotators: Any, truth: FloatArray, rng: np.random.RandomState
) -> tuple[FloatArray, Array]:
    """Draw scale, bias and noise of every annotator, or read given ones.

    Parameters
    ----------
    annotators : dict, int or array of shape (n_annotators, 3)
        See `skcrowd.datasets.make_annotations`.
    truth : ndarray of shape (n_items,)
        What the kinds are relative to.
    rng : RandomState

    Returns
    -------
    parameters : ndarray of shape (3, n_annotators)
        Rows scale (no unit), bias and noise_std (in the units of `truth`).
    kind : ndarray of shape (n_annotators,)
    """
    counts = count_kinds(annotators, RATING_KINDS, MIXED_RATING_ANNOTATORS, EXPLICIT)
    if counts is None:
        parameters = _check_parameters(read_array(annotators, EXPLICIT))
        return parameters, np.full(parameters.shape[1], "given")
    kind = kind_by_annotator(counts)
    low, high = np.moveaxis(np.array([RATING_KINDS[name] for name in kind]), 2, 0)
    scale, shift, noise = rng.uniform(low, high).T
    shift = shift * rng.choice([-1.0, 1.0], size=len(kind))
    mean, spread = _mean_and_spread(truth)
    bias = (1 - scale) * mean + shift * spread
    return np.stack([scale, bias, noise * spread]), kind


def _mean_and_spread(truth: FloatArray) -> tuple[float, float]:
    """Return mean and standard deviation, 1 if all numbers are equal."""
    low, reach = truth.min(), np.ptp(truth)
    if reach == 0:
        return low, 1.0
    share = (truth - low) / reach  # squares neither overflow nor vanish
    return low + reach * share.mean(), reach * share.std()


def _check_parameters(parameters: FloatArray) -> FloatArray:
    """Raise unless parameters describe annotators of numbers; return them as rows."""
    if parameters.ndim != 2 or parameters.shape[1] != len(COLUMNS):
        raise ValueError(
            f"annotators is an array of shape {parameters.shape}; with kind='numbers' "
            f"pass {EXPLICIT}."
        )
    if not len(parameters):
        raise ValueError("annotators is an array without any annotator; give one.")
    wrong = ~np.isfinite(parameters)
    wrong[:, 2] |= parameters[:, 2] < 0
    if wrong.any():
        annotator, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"The {COLUMNS[column]} of annotator {annotator} is "
            f"{parameters[annotator, column]}; it must be finite"
            f"{', and 0 or more' if column == 2 else ''}."
        )
    return parameters.T
