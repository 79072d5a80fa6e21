"""Majority vote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._annotator_groups import vote_weights
from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._answer_evidence import Evidence, gather_evidence
from skcrowd.annotations import check_annotations
from skcrowd.annotations._memory import check_fits, is_large

if TYPE_CHECKING:
    from skcrowd._typing import ArrayLike, BoolArray, FloatArray
    from skcrowd.annotations import Annotations


__all__ = ["majority_vote", "shares_of_votes"]

DOUBLE = 8  # bytes


def majority_vote(
    annotations: Annotations | ArrayLike,
    *,
    soft: bool = True,
    annotator_groups: Any = None,
) -> FloatArray:
    """Return the share of the votes of each class, for every item.

    Parameters
    ----------
    annotations : Annotations or array-like of shape (n_items, n_annotators)
        Answers in any form that :func:`skcrowd.annotations.check_annotations` reads.
    soft : bool, default=True
        True returns the shares of the votes. False puts all mass on the class with
        most votes; ties share it equally, so that no class is favoured by its place.
    annotator_groups : "auto", mapping or array-like of shape (n_annotators,), \
            default=None
        Groups of annotators who err together, such as language models of one
        provider: a name for each annotator, None for those on their own, or a dict from
        annotator to name. "auto" finds them
        (:func:`skcrowd.metrics.annotator_dependence`). The m answers of a group to an
        item count as m / (1 + (m - 1) e) votes (Kish 1965), with e the excess agreement
        in the group: one vote of copies, m of independent annotators. e is 1 where the
        other annotators do not show it.

    Returns
    -------
    votes : ndarray of shape (n_items, n_classes)
        Rows sum to 1. An item without answers gets the average of the others.

    Raises
    ------
    ValueError
        If there is no answer at all, or `annotator_groups` does not fit.

    References
    ----------
    L. Kish. Survey Sampling. Wiley, 1965.

    Examples
    --------
    >>> from skcrowd.annotations import Annotations
    >>> from skcrowd.aggregation import majority_vote
    >>> majority_vote(Annotations.from_dense([[0, 0, 1], [1, -1, 1]]))
    array([[0.66666667, 0.33333333],
           [0.        , 1.        ]])
    """
    annotations = check_annotations(annotations)
    if not annotations.n_answers:
        raise ValueError(f"{annotations.shape} annotations hold no answer at all.")
    shape = len(annotations), len(annotations.classes)
    check_fits(
        DOUBLE * shape[0] * shape[1],
        f"the shares of {shape[1]} classes in the votes on {shape[0]} items",
        "merge classes, or take fewer items at a time",
    )
    weight = vote_weights(annotations, annotator_groups)
    return shares_of_votes(annotations, gather_evidence(annotations), weight, soft)


def shares_of_votes(
    annotations: Annotations,
    evidence: Evidence,
    weight: FloatArray | None = None,
    soft: bool = True,
) -> FloatArray:
    """Return the share of the votes of each class; see :func:`majority_vote`.

    Parameters
    ----------
    annotations : Annotations
    evidence : Evidence
        What each answer is worth.
    weight : ndarray of shape (n_answers,), default=None
        Further weights of the answers.
    soft : bool, default=True

    Returns
    -------
    votes : ndarray of shape (n_items, n_classes)
    """
    shape = len(annotations), len(annotations.classes)
    cells = AnswerCounts(annotations, evidence=evidence).cells()
    item, answer, count, place = cells
    total = annotations.answers_per_item
    power = evidence.spread(weight)
    if power is not None:
        count = np.bincount(place, power)
        total = np.bincount(evidence.annotations.item, power, len(annotations))
    if soft:
        share = count / total[item]
    else:
        most = np.zeros(len(annotations), dtype=count.dtype)
        np.maximum.at(most, item, count)
        wins = np.isclose(count, most[item], rtol=1e-9)
        item, answer = item[wins], answer[wins]
        share = 1 / np.bincount(item, minlength=len(annotations))[item]
    # Column-major: sums over items read columns. Large ones are multiplied with sparse
    # matrices, which read rows.
    votes = np.zeros(shape, order="C" if is_large(*shape) else "F")
    votes[item, answer] = share
    answered = total > 0
    if not answered.all():
        votes[~answered] = _mean_row(votes, answered)
    return votes


def _mean_row(votes: FloatArray, answered: BoolArray) -> FloatArray:
    """Average some rows, (n_classes,)."""
    if is_large(*votes.shape):
        return answered @ votes / np.count_nonzero(answered)
    return votes[answered].mean(axis=0)
