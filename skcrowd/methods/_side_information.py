"""Information other than the answers: gold, annotators, a previous fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["PreviousFit", "SideInformation", "known_mask"]

WARM_PARTS = 5  # passes on the vote in ``partial_fit``, as ``warm_epochs`` in ``fit``


@dataclass(frozen=True)
class PreviousFit:
    """A previous fit that this one continues.

    Attributes
    ----------
    net : CrowdNet
        Its network; the factory of the context starts from a copy of it.
    annotators : AnnotatorModel
        Its annotator model.
    rows : int64 ndarray of shape (n_annotators,)
        Position in that model of each annotator of this fit; -1 for new ones.
    rating_parameters : ndarray of shape (n_annotators, n_classes, n_classes), or tuple
        Its estimates for the annotators of this fit, the crowd's for new ones:
        confusions; or scale, bias and variance of the noise, and the variance of the
        truth about the prediction.
    """

    net: Any
    annotators: Any
    rows: np.ndarray
    rating_parameters: Any

    def is_continued_by(self, annotators):
        """Return whether an annotator model is of the type of this one."""
        return type(self.annotators) is type(annotators)


@dataclass(frozen=True)
class SideInformation:
    """Gold, prior knowledge of annotators, and a previous fit.

    Attributes
    ----------
    gold : ndarray of shape (n_items,) or None
        The truth where it is known: codes of classes and -1, or numbers and NaN.
    annotator_counts : ndarray of shape (n_annotators, n_classes, n_classes) or \
            (n_annotators, 3, 3) or None
        Answers of the annotators to other items, counted by truth and answer; of
        numbers their moments (``answer_moments``).
    prior_counts : ndarray of the shape of annotator_counts or None
        Of these, the ones that the user gave, without earlier parts of the data.
    is_identified : bool
        Whether scale and offset of the truth are fixed by a previous fit.
    previous_fit : PreviousFit or None
    n_previous_parts : int or None
        With ``partial_fit``, the number of passes before this one; None with ``fit``.
    """

    gold: Any = None
    annotator_counts: Any = None
    prior_counts: Any = None
    is_identified: bool = False
    previous_fit: Any = None
    n_previous_parts: int | None = None

    @property
    def is_cold_start(self):
        """Whether there is no network yet whose predictions are used."""
        if self.n_previous_parts is None:
            return self.previous_fit is None
        return self.n_previous_parts < WARM_PARTS

    def gold_mask(self, n_items):
        """Return whether the truth of an item is known, (n_items,)."""
        if self.gold is None:
            return np.zeros(n_items, dtype=bool)
        return known_mask(self.gold)


def known_mask(gold):
    """Return whether a code or number is a known truth.

    Parameters
    ----------
    gold : ndarray
        Codes of classes and -1, or numbers and NaN.

    Returns
    -------
    known : bool ndarray of the shape of `gold`
    """
    return gold >= 0 if gold.dtype.kind == "i" else ~np.isnan(gold)
