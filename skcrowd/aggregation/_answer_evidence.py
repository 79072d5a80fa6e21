"""What each answer is worth: weights, stated confidences and soft labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._stated_confidence import fit_confidence
from skcrowd.annotations._select import unchecked

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = [
    "Evidence",
    "gather_evidence",
    "given_weights",
    "refuse_evidence",
    "refuse_rating_evidence",
]


CROWD_ANSWERS = 3.0  # of a typical annotator, beside one's own
LEAST_DECIDED = 0.05


class Evidence(NamedTuple):
    """Answers as the sums over them see them.

    A soft label is several entries of an annotator and an item, one for each class
    with a probability. Their powers are the probabilities, scaled for each annotator so
    that a typical answer decides as much between classes as a plain one; in counts it
    is its most probable class, because the shares of the others are doubts, not
    errors, of the annotator. A certain one is a plain answer. :attr:`single` has one
    entry for each answer.

    Attributes
    ----------
    annotations : Annotations
        A pair of item and annotator may occur several times, in order.
    place : int64 ndarray of shape (n_entries,) or None
        The answer that an entry belongs to; None if each is an answer.
    number : ndarray of shape (n_entries,) or None
        How many answers an entry counts for; None if all are 1.
    power : ndarray of shape (n_entries,) or None
        By which its log-likelihood is multiplied: `number`, times what its confidence
        is worth; None if all are 1.
    modes : Evidence or None
        The same with one entry for each soft label, its most probable class; None
        where there are no soft labels.
    """

    annotations: Annotations
    place: IntArray | None = None
    number: FloatArray | None = None
    power: FloatArray | None = None
    modes: Any = None

    @property
    def single(self) -> Evidence:
        """One entry for each answer, for sums over confusions.

        The likelihood of a distribution by a row of a confusion is largest for rows
        that are as uncertain as it is, so a class with many errors would attract all
        items that annotators doubt.
        """
        modes: Evidence = self if self.modes is None else self.modes
        return modes

    def spread(self, answer_weight: FloatArray | None) -> FloatArray | None:
        """Return `power` times further weights of the answers, (n_entries,).

        Parameters
        ----------
        answer_weight : ndarray of shape (n_answers,) or None
        """
        weight = self.placed(answer_weight)
        if weight is None or self.power is None:
            return self.power if weight is None else weight
        return weight * self.power

    def placed(self, answer_weight: FloatArray | None) -> FloatArray | None:
        """Return weights of the answers by entry, (n_entries,).

        Parameters
        ----------
        answer_weight : ndarray of shape (n_answers,) or None
            None gives None.
        """
        if answer_weight is None or self.place is None:
            return answer_weight
        return answer_weight[self.place]


def gather_evidence(
    annotations: Annotations,
    sample_weight: FloatArray | None = None,
    gold: Any = None,
) -> Evidence:
    """Return what each answer is worth.

    Parameters
    ----------
    annotations : Annotations
        Labels.
    sample_weight : ndarray of shape (n_items,), default=None
        The use of confidences is not learned from items of weight 0.
    gold : int64 ndarray of shape (n_items,), default=None
        Code of the known class; -1 where it is not known.

    Returns
    -------
    evidence : Evidence
        The answers themselves where nothing but answers is given.
    """
    details = annotations.details
    if details is None or not details.is_evidence:
        return Evidence(annotations)
    count, power = details.weight, None
    if count is not None and (count == 1).all():
        count = None
    if details.confidence is not None:
        curves = fit_confidence(
            annotations, count=count, sample_weight=sample_weight, gold=gold
        )
        if (curves.power != 1).any():
            power = curves.power
    if power is not None and count is not None:
        power = power * count
    evidence = Evidence(annotations, None, count, count if power is None else power)
    if details.probabilities is None:
        return evidence
    return _with_soft_labels(evidence, details.probabilities)


def _with_soft_labels(evidence: Evidence, probabilities: FloatArray) -> Evidence:
    """Make an entry of each class that an answer gives a probability."""
    place, answer = np.nonzero(probabilities)
    share = probabilities[place, answer]
    if len(place) == len(probabilities) and (share == 1).all():
        return evidence
    a = evidence.annotations
    scale = _scales(a, probabilities)
    plain = replace(a, details=None)
    parts = {name: getattr(plain, name) for name in plain.__dataclass_fields__}
    parts |= {"item": a.item[place], "annotator": a.annotator[place], "answer": answer}
    is_mode = (answer == a.answer[place]).astype(float)
    count = is_mode if evidence.number is None else is_mode * evidence.number[place]
    power = share * scale[place]
    if evidence.power is not None:
        power = power * evidence.power[place]
    entries = unchecked(type(a), *parts.values())
    mode_power = scale * _decided(probabilities)
    if evidence.power is not None:
        mode_power = mode_power * evidence.power
    modes = Evidence(a, None, evidence.number, mode_power)
    return Evidence(entries, place, count, power, modes)


def _scales(a: Annotations, probabilities: FloatArray) -> FloatArray:
    """Return by what the probabilities of each answer are multiplied, (n_answers,).

    One over the mean difference of the largest probability and the mean of the others,
    of the annotator, shrunk to the crowd's. Otherwise doubts would lower the
    likelihood of all answers, so the estimated accuracies, and these the likelihood
    again.
    """
    decided = _decided(probabilities)
    n = a.answers_per_annotator + CROWD_ANSWERS
    total = np.bincount(a.annotator, decided, a.n_annotators)
    mean = (total + CROWD_ANSWERS * decided.mean()) / n
    scale: FloatArray = 1 / np.maximum(mean, LEAST_DECIDED)
    return scale[a.annotator]


def _decided(probabilities: FloatArray) -> FloatArray:
    """Return the largest probability less the mean of the others, (n_answers,)."""
    n_others = max(probabilities.shape[1] - 1, 1)
    largest: FloatArray = probabilities.max(axis=1)
    return largest - (1 - largest) / n_others


def given_weights(annotations: Annotations) -> FloatArray:
    """Return how many answers each counts for, (n_answers,): its weight, or 1."""
    weight = None if annotations.details is None else annotations.details.weight
    return np.ones(annotations.n_answers) if weight is None else weight


def refuse_rating_evidence(annotations: Any, name: str) -> None:
    """Raise if ratings have what no model of numbers can use; see `refuse_evidence`.

    A weight is a number of ratings. What a confidence is worth is learned from answers
    that are right or wrong, and a rating is neither.
    """
    names = "confidence", "probabilities"
    refuse_evidence(annotations, name, names, has_others=False)


def refuse_evidence(
    annotations: Any, name: str, names: Any = None, *, has_others: bool = True
) -> None:
    """Raise if answers have what somebody cannot use.

    Parameters
    ----------
    annotations : Annotations
    name : str
        Name of the estimator or method.
    names : sequence of str, default=None
        What it cannot use; None for all evidence.
    has_others : bool, default=True
        Whether other estimators or methods for these answers can use it.

    Raises
    ------
    ValueError
        If there is any.
    """
    details = getattr(annotations, "details", None)
    if details is None or not details.is_evidence:
        return
    refused = ("confidence", "weight", "probabilities") if names is None else names
    found = [kind for kind in refused if getattr(details, kind) is not None]
    if found:
        listed = ", ".join(map(repr, found))
        raise ValueError(
            f"{name} cannot use the {' and the '.join(found)} of answers; leave it out "
            f"with y.without_details({listed})"
            f"{', or choose another method' if has_others else ''}."
        )
