"""Kinds of simulated annotators: tables for labels, for numbers and for sequences.

Every kind of ``KINDS`` is a function ``(n_annotators, n_classes, rng) -> confusion``
with ``confusion`` of shape (n_annotators, n_classes, n_classes) and rows summing to 1.
A new kind is one such function and one line in ``KINDS``. Every kind of
``RATING_KINDS`` is three ranges; a new one is one line there. Every kind of ``TAGGERS``
is four ranges and a function that returns which types are mistaken for which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray


def expert(n_annotators: int, n_classes: int, rng: np.random.RandomState) -> FloatArray:
    """Draw experts: accuracy .90 to .99 in every class."""
    return _with_accuracy(_uniform(rng, 0.90, 0.99, n_annotators, n_classes), rng)


def average(
    n_annotators: int, n_classes: int, rng: np.random.RandomState
) -> FloatArray:
    """Draw average annotators: accuracy .60 to .85, different in each class."""
    return _with_accuracy(_uniform(rng, 0.60, 0.85, n_annotators, n_classes), rng)


def biased(n_annotators: int, n_classes: int, rng: np.random.RandomState) -> FloatArray:
    """Draw annotators who confuse half of the classes, at least one, systematically.

    Such a class is called by the name of its partner 55 to 80 times in 100; the
    annotator is good (80 to 95) at the remaining classes.
    """
    confusion = _with_accuracy(_uniform(rng, 0.80, 0.95, n_annotators, n_classes), rng)
    mistaken, partner = _mistaken_half(n_annotators, n_classes, rng)
    strength = _uniform(rng, 0.55, 0.80, *mistaken.shape)
    return _mistake(confusion, mistaken, partner, strength)


def one_class_spammer(
    n_annotators: int, n_classes: int, rng: np.random.RandomState
) -> FloatArray:
    """Draw spammers who answer the same class to every item."""
    confusion = np.zeros((n_annotators, n_classes, n_classes))
    favourite = rng.randint(n_classes, size=n_annotators)
    confusion[np.arange(n_annotators), :, favourite] = 1.0
    return confusion


def random(n_annotators: int, n_classes: int, rng: np.random.RandomState) -> FloatArray:
    """Draw spammers who answer every class with the same probability."""
    return np.full((n_annotators, n_classes, n_classes), 1.0 / n_classes)


def adversarial(
    n_annotators: int, n_classes: int, rng: np.random.RandomState
) -> FloatArray:
    """Draw adversaries, who answer a fixed wrong class for every class.

    The swap is a random cycle through all classes, held 80 to 95 times in 100.
    """
    hold = _uniform(rng, 0.80, 0.95, n_annotators, n_classes)
    confusion = _with_accuracy(hold, rng)
    partner = _partners(n_annotators, n_classes, rng)
    swapped = np.empty_like(confusion)
    annotator, answered = np.indices((n_annotators, n_classes))
    swapped[annotator, :, partner] = confusion[annotator, :, answered]
    return swapped


KINDS = {
    "expert": expert,
    "average": average,
    "biased": biased,
    "one_class_spammer": one_class_spammer,
    "random": random,
    "adversarial": adversarial,
}


class Ranges(NamedTuple):
    """Ranges of the uniform distributions of a kind of annotators of numbers.

    With m the mean and d the standard deviation of the truth, an annotator answers
    ``m + scale * (truth - m) + shift * d + noise * d * N(0, 1)``; the shift goes up or
    down with the same probability.
    """

    scale: tuple[float, float]
    shift: tuple[float, float]
    noise: tuple[float, float]


RATING_KINDS = {
    "expert": Ranges(scale=(0.95, 1.05), shift=(0.0, 0.05), noise=(0.05, 0.2)),
    "average": Ranges(scale=(0.8, 1.1), shift=(0.0, 0.3), noise=(0.3, 0.7)),
    "biased": Ranges(scale=(0.9, 1.1), shift=(0.5, 1.5), noise=(0.2, 0.5)),
    "compressing": Ranges(scale=(0.3, 0.7), shift=(0.0, 0.2), noise=(0.1, 0.3)),
    "noisy": Ranges(scale=(0.9, 1.1), shift=(0.0, 0.2), noise=(1.0, 2.0)),
    "random": Ranges(scale=(0.0, 0.0), shift=(0.0, 0.0), noise=(1.0, 1.0)),
    "adversarial": Ranges(scale=(-1.0, -1.0), shift=(0.0, 0.2), noise=(0.2, 0.5)),
}


def evenly(rate: FloatArray, n_types: int, rng: np.random.RandomState) -> FloatArray:
    """Draw confusions of types with the same rate for every pair.

    Parameters
    ----------
    rate : ndarray of shape (n_annotators,)
    n_types : int
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_annotators, n_types, n_types)
        Rows sum to 1. A single type is never mistaken.
    """
    if n_types == 1:
        return np.ones((len(rate), 1, 1))
    confusion = np.empty((len(rate), n_types, n_types))
    confusion[:] = (rate / (n_types - 1))[:, None, None]
    diagonal = np.arange(n_types)
    confusion[:, diagonal, diagonal] = (1 - rate)[:, None]
    return confusion


def in_pairs(rate: FloatArray, n_types: int, rng: np.random.RandomState) -> FloatArray:
    """Draw confusions of half of the types, at least one, each with a fixed other one.

    The rate is that of these types; parameters and result are those of `evenly`.
    """
    confusion = np.tile(np.eye(n_types), (len(rate), 1, 1))
    mistaken, partner = _mistaken_half(len(rate), n_types, rng)
    return _mistake(confusion, mistaken, partner, rate[:, None])


class Habits(NamedTuple):
    """Ranges of the uniform distributions of a kind of annotators of sequences."""

    miss: tuple[float, float]
    wrong_type: tuple[float, float]
    wrong_boundary: tuple[float, float]
    false_alarm: tuple[float, float]
    mistake: Callable[..., Any] = evenly


TAGGERS = {
    "expert": Habits((0.02, 0.10), (0.01, 0.05), (0.01, 0.05), (0.0, 0.005)),
    "average": Habits((0.15, 0.35), (0.05, 0.20), (0.05, 0.20), (0.002, 0.02)),
    "careless": Habits((0.40, 0.70), (0.05, 0.15), (0.05, 0.15), (0.0, 0.01)),
    "imprecise": Habits((0.10, 0.25), (0.02, 0.10), (0.30, 0.60), (0.002, 0.02)),
    "confused": Habits(
        (0.05, 0.20), (0.50, 0.80), (0.02, 0.10), (0.002, 0.02), in_pairs
    ),
    "spammer": Habits((1.0, 1.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.2)),
}


def _uniform(
    rng: np.random.RandomState, low: float, high: float, *shape: Any
) -> FloatArray:
    return rng.uniform(low, high, size=shape)


def _with_accuracy(accuracy: FloatArray, rng: np.random.RandomState) -> FloatArray:
    """Return confusions with a given diagonal and random off-diagonal entries.

    Parameters
    ----------
    accuracy : ndarray of shape (n_annotators, n_classes)
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_annotators, n_classes, n_classes)
    """
    n_classes = accuracy.shape[1]
    diagonal = np.arange(n_classes)
    share = rng.standard_exponential((*accuracy.shape, n_classes))
    share[:, diagonal, diagonal] = 0.0
    share *= ((1 - accuracy) / share.sum(axis=2))[..., None]
    share[:, diagonal, diagonal] = accuracy
    return share


def _mistaken_half(
    n_annotators: int, n_classes: int, rng: np.random.RandomState
) -> tuple[IntArray, IntArray]:
    """Choose half of the classes, at least one, and a wrong class for each.

    Returns
    -------
    mistaken : ndarray of shape (n_annotators, n_mistaken)
    partner : ndarray of shape (n_annotators, n_classes)
    """
    partner = _partners(n_annotators, n_classes, rng)
    order = rng.random_sample((n_annotators, n_classes)).argsort(axis=1)
    return order[:, : max(1, n_classes // 2)], partner


def _mistake(
    confusion: FloatArray, mistaken: IntArray, partner: IntArray, strength: FloatArray
) -> FloatArray:
    """Move probability from confused classes to their wrong class, in place."""
    annotator = np.arange(len(confusion))[:, None]
    confusion[annotator, mistaken] *= 1 - strength[..., None]
    confusion[annotator, mistaken, partner[annotator, mistaken]] += strength
    return confusion


def _partners(
    n_annotators: int, n_classes: int, rng: np.random.RandomState
) -> IntArray:
    """Return, for each annotator, a random cyclic permutation of the classes.

    No class is its own partner. Returns shape (n_annotators, n_classes).
    """
    cycle = rng.random_sample((n_annotators, n_classes)).argsort(axis=1)
    partner = np.empty_like(cycle)
    np.put_along_axis(partner, cycle, np.roll(cycle, -1, axis=1), axis=1)
    return partner
