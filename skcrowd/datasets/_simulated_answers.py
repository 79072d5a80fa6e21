"""Simulation of answers: labels by confusion matrices, numbers by affine maps."""

import numpy as np


def draw_classes(confusion, truth, item, annotator, rng):
    """Draw the answer of every pair from the annotator's confusion row of the class.

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


def draw_numbers(lines, truth, item, annotator, rng):
    """Draw the answer of every pair from the annotator's affine map, with normal noise.

    Parameters
    ----------
    lines : ndarray of shape (3, n_annotators)
        Rows scale, bias and noise_std.
    truth : ndarray of shape (n_items,)
    item, annotator : ndarrays of shape (n_answers,)
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_answers,)
        In the units of `truth`.
    """
    scale, bias, noise_std = lines
    answer = rng.standard_normal(len(item))
    answer *= noise_std[annotator]
    answer += scale[annotator] * truth[item]
    answer += bias[annotator]
    return answer
