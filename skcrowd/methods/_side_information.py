"""What is known beside the answers of a fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["PreviousFit", "SideInformation", "known_mask"]

WARM_PARTS = 5  # passes on the vote, if data come in parts; as in other fits


@dataclass(frozen=True)
class PreviousFit:
    """An earlier fit, from which this one goes on.

    Attributes
    ----------
    net : CrowdNet
        Its network; the factory of the problem begins with a copy of it.
    annotators : AnnotatorModel
        Its annotator model.
    rows : int64 ndarray of shape (n_annotators,)
        Place in that model of each annotator of the problem; -1 for new ones.
    rating_parameters : ndarray of shape (n_annotators, n_classes, n_classes), or tuple
        What it knew of the annotators of the problem, the crowd's for new ones:
        confusions; or scale, bias and variance of the noise, and the variance of the
        truth.
    """

    net: Any
    annotators: Any
    rows: np.ndarray
    rating_parameters: Any

    def is_continued_by(self, annotators):
        """Whether an annotator model goes on from this one."""
        return type(self.annotators) is type(annotators)


@dataclass(frozen=True)
class SideInformation:
    """Some truths, what is known of annotators, and an earlier fit.

    Attributes
    ----------
    gold : ndarray of shape (n_items,) or None
        The truth where it is known: codes of classes and -1, or numbers and NaN.
    annotator_counts : ndarray of shape (n_annotators, n_classes, n_classes) or \
            (n_annotators, 3, 3) or None
        Answers of the annotators to other items, counted by truth and answer; of
        numbers their moments (``answer_moments``).
    prior_counts : ndarray of the shape of annotator_counts or None
        Of these, what the user said, and no earlier part of the data.
    is_identified : bool
        Whether the unit of the truth is known already, and no rating may change it.
    previous_fit : PreviousFit or None
    n_previous_parts : int or None
        Of data that come in parts, how many passes were made before; None where all
        data are here.
    """

    gold: Any = None
    annotator_counts: Any = None
    prior_counts: Any = None
    is_identified: bool = False
    previous_fit: Any = None
    n_previous_parts: int | None = None

    @property
    def is_cold_start(self):
        """Whether no network is there yet whose opinion counts."""
        if self.n_previous_parts is None:
            return self.previous_fit is None
        return self.n_previous_parts < WARM_PARTS

    def gold_mask(self, n_items):
        """Whether the truth of an item is known, (n_items,)."""
        if self.gold is None:
            return np.zeros(n_items, dtype=bool)
        return known_mask(self.gold)


def known_mask(gold):
    """Whether a code or number stands for a known truth.

    Parameters
    ----------
    gold : ndarray
        Codes of classes and -1, or numbers and NaN.

    Returns
    -------
    known : bool ndarray of the shape of `gold`
    """
    return gold >= 0 if gold.dtype.kind == "i" else ~np.isnan(gold)
