"""Majority vote."""

import numpy as np

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.annotations import check_annotations

__all__ = ["majority_vote"]


def majority_vote(annotations, *, soft=True):
    """Share of the votes that each class gets, item by item.

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
    counts = AnswerCounts(annotations).per_item()
    if not soft:
        counts = (counts == counts.max(axis=1, keepdims=True)).astype(float)
    answered = annotations.answers_per_item > 0
    votes = np.empty_like(counts)
    votes[answered] = counts[answered] / counts[answered].sum(axis=1, keepdims=True)
    votes[~answered] = votes[answered].mean(axis=0)
    return votes
