"""Majority vote."""

import numpy as np

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.annotations import check_annotations
from skcrowd.annotations._memory import check_fits, is_large

__all__ = ["majority_vote"]

DOUBLE = 8  # bytes


def majority_vote(annotations, *, soft=True):
    """Return the share of the votes of each class, for every item.

    Parameters
    ----------
    annotations : Annotations or array-like of shape (n_items, n_annotators)
        Answers in any form that :func:`skcrowd.annotations.check_annotations` reads.
    soft : bool, default=True
        True returns the shares of the votes. False puts all mass on the class with
        most votes; ties share it equally, so that no class is favoured by its place.

    Returns
    -------
    votes : ndarray of shape (n_items, n_classes)
        Rows sum to 1. An item without answers gets the average of the others.

    Raises
    ------
    ValueError
        If there is no answer at all.

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
    item, answer, count, _ = AnswerCounts(annotations).cells()
    if soft:
        share = count / annotations.answers_per_item[item]
    else:
        most = np.zeros(len(annotations), dtype=count.dtype)
        np.maximum.at(most, item, count)
        wins = count == most[item]
        item, answer = item[wins], answer[wins]
        share = 1 / np.bincount(item, minlength=len(annotations))[item]
    # Column-major: sums over items read columns. Large ones are multiplied with sparse
    # matrices, which read rows.
    votes = np.zeros(shape, order="C" if is_large(*shape) else "F")
    votes[item, answer] = share
    answered = annotations.answers_per_item > 0
    if not answered.all():
        votes[~answered] = _mean_row(votes, answered)
    return votes


def _mean_row(votes, answered):
    """Average some rows, (n_classes,)."""
    if is_large(*votes.shape):
        return answered @ votes / np.count_nonzero(answered)
    return votes[answered].mean(axis=0)
