"""Accuracy, confusions and bias of annotators who choose labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import LazyConfusion
from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.aggregation._lazy_confusion import ChosenConfusion, matrices_of
from skcrowd.metrics import spammer_score
from skcrowd.metrics._annotator_accuracy import COMMON_SHIFT_STD, accuracy_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from skcrowd._typing import Array, Confusions, Counts, FloatArray, IntArray
    from skcrowd.metrics._annotator_accuracy import RightAnswers

__all__ = ["chosen", "label_columns", "own_accuracy", "rank_columns", "tables_of"]

LEAST_MISTAKES = 0.5  # expected number from which a mistake is reported


def chosen(confusion: Confusions, rows: Any) -> Confusions:
    """Confusions of some annotators, in the form in which all are kept.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    rows : slice or int ndarray
    """
    if isinstance(confusion, LazyConfusion):
        return ChosenConfusion(confusion, np.arange(len(confusion))[rows])
    return confusion[rows]


def own_accuracy(right: RightAnswers | None, n_answers: IntArray) -> FloatArray:
    """Return the expected share of right answers; NaN without answers.

    Parameters
    ----------
    right : RightAnswers or None
    n_answers : ndarray of shape (n_annotators,)
    """
    accuracy = np.full(len(n_answers), np.nan)
    if right is not None:
        np.divide(right.mean, n_answers, out=accuracy, where=n_answers > 0)
    return np.minimum(accuracy, 1)  # sums of probabilities are rounded


def _by_annotator(
    measure: Callable[..., tuple[Array, ...]], confusion: Confusions, *args: Any
) -> tuple[Array, ...]:
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


def label_columns(
    confusion: Confusions,
    counts: Iterable[FloatArray],
    prior: FloatArray,
    n_answers: IntArray,
    right: RightAnswers | None,
    classes: Array,
    level: float,
    design_effect: float = 1.0,
    common_shift: float = COMMON_SHIFT_STD,
) -> dict[str, Array]:
    """Describe annotators, one entry each.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    counts : iterable of n_annotators ndarray of shape (n_classes, n_classes)
        Expected numbers of the annotator's own answers, by truth and answer.
    prior : ndarray of shape (n_classes,)
        Shares of the true classes.
    n_answers : ndarray of shape (n_annotators,)
    right : RightAnswers or None
        Expected numbers of right answers; None where they are not known.
    classes : ndarray of shape (n_classes,)
    level : float
        Probability that an interval holds the accuracy.
    design_effect : float, default=1.0
        How many answers are worth one that is independent of all others.
    common_shift : float, default=1.0
        Standard deviation of what is wrong in the log-odds of all right answers.

    Returns
    -------
    columns : dict from str to ndarray of shape (n_annotators,)
    """
    at_prior, bias, of_class, spam = _by_annotator(_measured, confusion, prior)
    mistakes = [_worst_confusion(table, classes) for table in counts]
    worst, probability = map(list, zip(*mistakes, strict=True))
    low, high = np.zeros(len(n_answers)), np.ones(len(n_answers))
    if right is not None:
        low, high = accuracy_interval(
            right.mean, right.doubt(common_shift), n_answers, level, design_effect
        )
    return {
        "n_answers": n_answers,
        "accuracy": own_accuracy(right, n_answers),
        "accuracy_low": low,
        "accuracy_high": high,
        "average_item_accuracy": at_prior,
        "worst_confusion": np.array(worst, dtype=object),
        "worst_confusion_probability": np.array(probability),
        "spammer_score": spam,
        "bias": bias,
        "bias_class": classes[of_class],
    }


def rank_columns(
    confusion: Confusions, prior: FloatArray, ranks: IntArray
) -> dict[str, Array]:
    """Describe errors of annotators in steps of the order of the classes.

    Parameters
    ----------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    prior : ndarray of shape (n_classes,)
        Shares of the true classes.
    ranks : int64 ndarray of shape (n_classes,)

    Returns
    -------
    columns : dict from str to ndarray of shape (n_annotators,)
    """
    steps = ranks - ranks[:, None]  # [truth, answer]

    def mean_steps(tables: FloatArray) -> tuple[Array, ...]:
        joint = prior[:, None] * tables
        bias = np.einsum("rij,ij->r", joint, steps)
        return bias, np.einsum("rij,ij->r", joint, np.abs(steps))

    bias, error = _by_annotator(mean_steps, confusion)
    return {"rank_bias": bias, "rank_error": error}


def tables_of(counts: Counts, rows: Any) -> Iterator[FloatArray]:
    """Yield the counts of annotators, by truth and answer.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes), or ExpectedCounts
    rows : slice or int ndarray
    """
    n_annotators, n_classes, _ = counts.shape
    answers = np.arange(n_classes)
    for row in np.arange(n_annotators)[rows]:
        if isinstance(counts, ExpectedCounts):
            yield counts.columns(np.full(n_classes, row), answers).T
        else:
            yield counts[row]


def _measured(confusion: FloatArray, prior: FloatArray) -> tuple[Array, ...]:
    """Return the measures computed from confusions alone, a tuple of arrays."""
    accuracy = np.einsum("i,rii->r", prior, confusion)
    enough = len(prior) > 1
    spam = spammer_score(confusion) if enough else np.full(len(accuracy), np.nan)
    return accuracy, *_bias(confusion, prior), spam


def _worst_confusion(counts: FloatArray, classes: Array) -> tuple[str, float]:
    """Name the mistake made most often, and how often it is made where it can be.

    A mistake that is expected less than half a time is none.
    """
    mistakes = counts.copy()
    np.fill_diagonal(mistakes, 0)
    true, answered = np.unravel_index(mistakes.argmax(), mistakes.shape)
    if mistakes[true, answered] < LEAST_MISTAKES:
        return "", 0.0
    share = mistakes[true, answered] / counts[true].sum()
    return f"{classes[true]} → {classes[answered]}", float(share)


def _bias(confusion: FloatArray, prior: FloatArray) -> tuple[FloatArray, IntArray]:
    """Largest difference of a class's share of answers and of truth; the class."""
    over = np.einsum("i,rij->rj", prior, confusion) - prior
    of_class = np.abs(over).argmax(axis=1)
    return over[np.arange(len(over)), of_class], of_class
