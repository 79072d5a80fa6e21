"""Expected numbers of right answers, from which intervals of accuracy are computed."""

import numpy as np

__all__ = ["added_right_answers", "expected_right"]


def expected_right(annotations, posterior):
    """Return mean and variance of every annotator's number of right answers.

    An answer to an item with posterior p is right with probability p[answer].

    Parameters
    ----------
    annotations : Annotations
    posterior : ndarray of shape (n_items, n_classes)

    Returns
    -------
    mean, var : ndarray of shape (n_annotators,)
    """
    right = posterior[annotations.item, annotations.answer]
    return tuple(
        np.bincount(annotations.annotator, values, annotations.n_annotators)
        for values in (right, right * (1 - right))
    )


def added_right_answers(previous, annotations, posterior):
    """Add the expected right answers of earlier parts to those of this one.

    Parameters
    ----------
    previous : tuple of two ndarray of shape (n_earlier_annotators,), or None
        Result for the earlier parts; the annotators of this part begin with theirs.
    annotations : Annotations
    posterior : ndarray of shape (n_items, n_classes) or None

    Returns
    -------
    mean, var : ndarray of shape (n_annotators,), or None
        None where a part had no posterior.
    """
    if posterior is None or previous is None:
        return None
    sums = expected_right(annotations, posterior)
    for values, earlier in zip(sums, previous, strict=True):
        values[: len(earlier)] += earlier
    return sums
