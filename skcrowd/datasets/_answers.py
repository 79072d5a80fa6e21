"""What is answered: class labels drawn from the annotators' confusion matrices."""

import numpy as np


def draw_classes(confusion, truth, item, annotator, rng):
    """Draw the answer of every pair from the annotator's row of the item's class.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)
    truth : ndarray of shape (n_items,)
        Class codes.
    item, annotator : ndarrays of shape (n_answers,)
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_answers,)
        Class codes. Memory grows with the answers, not with answers x classes.
    """
    n_classes = confusion.shape[-1]
    cumulative = confusion.cumsum(axis=2)
    cumulative /= cumulative[:, :, -1:]
    rows = cumulative.reshape(-1, n_classes)
    row = annotator * n_classes + truth[item]
    chance = rng.random_sample(len(row))
    answer = np.zeros(len(row), dtype=np.intp)
    for column in range(n_classes - 1):
        answer += chance >= rows[row, column]
    return answer
