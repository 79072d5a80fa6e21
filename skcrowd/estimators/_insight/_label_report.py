"""Accuracy, confusions and bias of annotators who choose labels."""

import numpy as np
from scipy.special import betaincinv

from skcrowd.aggregation import LazyConfusion
from skcrowd.aggregation._lazy_confusion import ChosenConfusion, matrices_of
from skcrowd.metrics import spammer_score

__all__ = ["chosen", "label_accuracy", "label_columns"]

JEFFREYS = 0.5


def chosen(confusion, rows):
    """Confusions of some annotators, in the form in which all are kept.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    rows : slice or int ndarray
    """
    if isinstance(confusion, LazyConfusion):
        return ChosenConfusion(confusion, np.arange(len(confusion))[rows])
    return confusion[rows]


def label_accuracy(confusion, prior):
    """Probability of a right answer, (n_annotators,)."""
    if isinstance(confusion, LazyConfusion):
        everyone = range(len(confusion))
        return np.array([prior @ np.diag(m) for m in matrices_of(confusion, everyone)])
    return np.einsum("i,rii->r", prior, confusion)


def _by_annotator(measure, confusion, *args):
    """Measure confusions, where they are no array one after another.

    Parameters
    ----------
    measure : callable
        Maps an array of confusions to a tuple of arrays of shape (n_annotators,).
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    *args
        What else it takes.
    """
    if not isinstance(confusion, LazyConfusion):
        return measure(confusion, *args)
    every = matrices_of(confusion, range(len(confusion)))
    parts = zip(*(measure(m[None], *args) for m in every), strict=True)
    return tuple(map(np.concatenate, parts))


def label_columns(confusion, prior, n_answers, right, classes, level):
    """Describe annotators, one entry each.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    prior : ndarray of shape (n_classes,)
        Shares of the true classes.
    n_answers : ndarray of shape (n_annotators,)
    right : tuple of two ndarray of shape (n_annotators,) or None
        Mean and variance of the number of right answers; None where the method
        infers no truth.
    classes : ndarray of shape (n_classes,)
    level : float
        Probability that an interval holds the accuracy.

    Returns
    -------
    columns : dict from str to ndarray of shape (n_annotators,)
    """
    measures = _by_annotator(_measured, confusion, prior, classes)
    accuracy, worst, probability, bias, of_class, spam = measures
    low, high = _interval(accuracy, n_answers, right, level)
    return {
        "n_answers": n_answers,
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "worst_confusion": worst,
        "worst_confusion_probability": probability,
        "spammer_score": spam,
        "bias": bias,
        "bias_class": classes[of_class],
    }


def _measured(confusion, prior, classes):
    """Return the measures computed from confusions alone, a tuple of arrays."""
    accuracy = label_accuracy(confusion, prior)
    enough = len(classes) > 1
    spam = spammer_score(confusion) if enough else np.full(len(accuracy), np.nan)
    worst, bias = _worst_confusion(confusion, prior, classes), _bias(confusion, prior)
    return accuracy, *worst, *bias, spam


def _interval(accuracy, n_answers, right, level):
    """Return ends of Jeffreys intervals, from the answers as far as the truth is known.

    Of n answers, right with probabilities q, the share of information on their mean
    that is lost because the truth is uncertain is sum(q(1 - q)) / (n m (1 - m)), m the
    mean of q (Louis, 1982). `accuracy` itself is shrunk to the crowd's.
    """
    mean, n = accuracy, n_answers.astype(float)
    if right is not None:
        mean = np.where(n > 0, right[0] / np.maximum(n, 1), accuracy)
        whole = n * mean * (1 - mean)
        lost = right[1] / np.where(whole > 0, whole, 1)
        n = n * np.clip(1 - lost, 0, 1)
    mean = np.clip(mean, 0, 1)
    ends = n * mean + JEFFREYS, n * (1 - mean) + JEFFREYS
    low, high = (betaincinv(*ends, (1 + side * level) / 2) for side in (-1, 1))
    return np.minimum(low, accuracy), np.maximum(high, accuracy)


def _worst_confusion(confusion, prior, classes):
    """Name the mistake that is expected most often, and its probability."""
    n_classes = len(classes)
    mass = prior[:, None] * confusion
    mass[:, range(n_classes), range(n_classes)] = 0
    place = mass.reshape(len(mass), -1).argmax(axis=1)
    true, answered = np.divmod(place, n_classes)
    every = np.arange(len(mass))
    errs = mass[every, true, answered] > 0
    texts = [
        f"{classes[i]} → {classes[j]}" if any_mass else ""
        for i, j, any_mass in zip(true, answered, errs, strict=True)
    ]
    return np.array(texts, dtype=object), confusion[every, true, answered] * errs


def _bias(confusion, prior):
    """Largest difference of a class's share of answers and of truth; the class."""
    over = np.einsum("i,rij->rj", prior, confusion) - prior
    of_class = np.abs(over).argmax(axis=1)
    return over[np.arange(len(over)), of_class], of_class
