"""The input of ``fit`` after all checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from skcrowd.estimators._held_out import is_known

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray
    from skcrowd.annotations import Annotations


__all__ = ["CheckedInput", "CheckedLabelSets", "CheckedRatings", "CheckedSequences"]


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
    may_continue : bool, default=False
        Whether later calls may train the network on other samples.
    """

    X: Any
    annotations: Any
    weight: FloatArray
    gold: Any
    held_out: BoolArray
    output: Any
    is_truth: bool
    seed: int
    all_weight: FloatArray
    may_continue: bool = False

    @property
    def training_weight(self) -> FloatArray:
        """Weights of the samples, zero for those held out or without any answer."""
        known = is_known(self.annotations, self.gold)
        return self.weight * (known & ~self.held_out)

    @property
    def kept(self) -> BoolArray:
        """Which of the samples are the items, (n_samples,)."""
        return self.all_weight > 0

    @property
    def item_annotations(self) -> Annotations:
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


@dataclass(frozen=True)
class CheckedLabelSets(CheckedInput):
    """The checked input of ``fit``, where the answers are sets of labels.

    `annotations` hold a decision for each label; their annotators are the pairs of an
    annotator and a label.

    Attributes
    ----------
    answers : MultilabelAnnotations of shape (n_kept, n_annotators)
    """

    answers: Any = None
