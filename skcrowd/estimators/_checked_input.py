"""The input of ``fit`` after all checks."""

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["CheckedInput", "CheckedRatings", "CheckedSequences"]


@dataclass(frozen=True)
class CheckedInput:
    """The checked input of ``fit``; items of weight zero are left out.

    Attributes
    ----------
    X : ndarray, CSR matrix or SequenceRows of n_kept samples
    annotations : Annotations or SequenceAnnotations
    weight : ndarray of shape (n_kept,)
    gold : ndarray or None
        The truth where it is known, a code or number for each item.
    held_out : bool ndarray of shape (n_kept,)
    output : ClassScores or Number
    is_truth : bool
        Whether the answers are the truth itself.
    seed : int
    all_weight : ndarray of shape (n_samples,)
        Weights of all samples, zero for those left out.
    """

    X: Any
    annotations: Any
    weight: np.ndarray
    gold: Any
    held_out: np.ndarray
    output: Any
    is_truth: bool
    seed: int
    all_weight: np.ndarray

    @property
    def kept(self):
        """Which of the samples are the items, (n_samples,)."""
        return self.all_weight > 0

    @property
    def item_annotations(self):
        """Annotations of the items; of sequences, those of their tokens."""
        return getattr(self.annotations, "tokens", self.annotations)


@dataclass(frozen=True)
class CheckedSequences(CheckedInput):
    """The checked input of ``fit``, where the samples are sequences.

    Attributes
    ----------
    rows : SequenceRows of n_samples sequences
        All sequences, those of weight zero included.
    learnable : bool ndarray of shape (n_samples,)
        Whether tags of a sequence may be learned from.
    """

    rows: Any = None
    learnable: Any = None


@dataclass(frozen=True)
class CheckedRatings(CheckedInput):
    """The checked input of ``fit``, where the answers are numbers.

    Attributes
    ----------
    shift : float
        The number that was added to all ratings before they were standardised.
    standardised : Annotations
        The ratings in the unit in which the network is trained.
    """

    shift: float = 0.0
    standardised: Any = None
