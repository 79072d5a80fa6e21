"""What is known beside the answers of a fit."""

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Earlier", "Knowledge", "known_mask"]

WARM_PARTS = 5  # passes on the vote, if data come in parts; as in other fits


@dataclass(frozen=True)
class Earlier:
    """An earlier fit, from which this one goes on.

    Attributes
    ----------
    net : CrowdNet
        Its network; the factory of the problem begins with a copy of it.
    annotators : AnnotatorModel
        Its annotator model.
    rows : int64 ndarray of shape (n_annotators,)
        Place in that model of each annotator of the problem; -1 for new ones.
    raters : ndarray of shape (n_annotators, n_classes, n_classes), or tuple
        What it knew of the annotators of the problem, the crowd's for new ones:
        confusions; or scale, bias and variance of the noise, and the variance of the
        truth.
    """

    net: Any
    annotators: Any
    rows: np.ndarray
    raters: Any

    def is_followed_by(self, annotators):
        """Whether an annotator model goes on from this one."""
        return type(self.annotators) is type(annotators)


@dataclass(frozen=True)
class Knowledge:
    """Some truths, what is known of annotators, and an earlier fit.

    Attributes
    ----------
    gold : ndarray of shape (n_items,) or None
        The truth where it is known: codes of classes and -1, or numbers and NaN.
    annotator_counts : ndarray of shape (n_annotators, n_classes, n_classes) or \
            (n_annotators, 3, 3) or None
        Answers of the annotators to other items, counted by truth and answer; of
        numbers their moments (:func:`skcrowd.aggregation.rater_moments`).
    prior_counts : ndarray of the shape of annotator_counts or None
        Of these, what the user said, and no earlier part of the data.
    holds_gauge : bool
        Whether the unit of the truth is known already, and no rating may change it.
    earlier : Earlier or None
    parts_before : int or None
        Of data that come in parts, how many passes were made before; None where all
        data are here.
    """

    gold: Any = None
    annotator_counts: Any = None
    prior_counts: Any = None
    holds_gauge: bool = False
    earlier: Any = None
    parts_before: int | None = None

    @property
    def begins(self):
        """Whether no network is there yet whose opinion counts."""
        if self.parts_before is None:
            return self.earlier is None
        return self.parts_before < WARM_PARTS

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
