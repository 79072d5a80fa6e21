"""Error rates of the annotators of a simulated crowd of sequences."""

from typing import NamedTuple

import numpy as np

from skcrowd.datasets._composition import count_kinds, kind_by_annotator, read_array
from skcrowd.datasets._kinds import TAGGERS, evenly

MIXED_TAGGERS = {
    "expert": 3,
    "average": 8,
    "careless": 4,
    "imprecise": 2,
    "confused": 2,
    "spammer": 1,
}
RATES = ("miss", "wrong_type", "wrong_boundary", "false_alarm")
EXPLICIT = f"an array of shape (n_annotators, 4) with columns {', '.join(RATES)}"


class Taggers(NamedTuple):
    """Error rates of the annotators of sequences.

    See `skcrowd.datasets.make_annotations` for the rates, each of shape
    (n_annotators,). The rate of wrong types is in `type_confusion`, of shape
    (n_annotators, n_types, n_types).
    """

    miss: np.ndarray
    wrong_boundary: np.ndarray
    false_alarm: np.ndarray
    type_confusion: np.ndarray

    @property
    def wrong_type(self):
        """Return the rate of type errors, averaged over the types."""
        return 1 - np.diagonal(self.type_confusion, axis1=1, axis2=2).mean(axis=1)


def tagger_habits(annotators, n_types, rng):
    """Draw the error rates of every annotator, or read given ones.

    Parameters
    ----------
    annotators : dict, int or array of shape (n_annotators, 4)
        See `skcrowd.datasets.make_annotations`.
    n_types : int
    rng : RandomState

    Returns
    -------
    taggers : Taggers
    kind : ndarray of shape (n_annotators,)
    """
    counts = count_kinds(annotators, TAGGERS, MIXED_TAGGERS, EXPLICIT)
    if counts is None:
        rates = _check_rates(read_array(annotators, EXPLICIT), n_types)
        kind = np.full(len(rates), "given")
        return _taggers(rates, evenly(rates[:, 1], n_types, rng)), kind
    kind = kind_by_annotator(counts)
    low, high = np.moveaxis(np.array([TAGGERS[name][:4] for name in kind]), 2, 0)
    rates = rng.uniform(low, high)
    confusion = [
        TAGGERS[name].mistake(rates[kind == name, 1], n_types, rng)
        for name, count in counts.items()
        if count
    ]
    return _taggers(rates, np.concatenate(confusion)), kind


def _taggers(rates, type_confusion):
    miss, _, wrong_boundary, false_alarm = rates.T
    return Taggers(miss, wrong_boundary, false_alarm, type_confusion)


def _check_rates(rates, n_types):
    """Raise unless the description is of annotators of sequences."""
    if rates.ndim != 2 or rates.shape[1] != len(RATES):
        raise ValueError(
            f"annotators is an array of shape {rates.shape}; with kind='sequences' "
            f"pass {EXPLICIT}."
        )
    if not len(rates):
        raise ValueError("annotators is an array without any annotator; give one.")
    wrong = ~((rates >= 0) & (rates <= 1))
    if wrong.any():
        annotator, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"The {RATES[column]} of annotator {annotator} is "
            f"{rates[annotator, column]}; it must be a rate from 0 to 1."
        )
    if n_types == 1 and rates[:, 1].any():
        annotator = np.argmax(rates[:, 1] > 0)
        raise ValueError(
            f"The wrong_type of annotator {annotator} is {rates[annotator, 1]}, but "
            "there is only one type of span; set it to 0, or name more types with "
            "classes=."
        )
    return rates
