"""Posterior of the truth given network and answers."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from skcrowd.aggregation import rating_posterior
from skcrowd.aggregation._label_posterior import label_posterior
from skcrowd.annotations import Annotations
from skcrowd.annotations._tables import plain

__all__ = [
    "LabelEvidence",
    "NumberEvidence",
    "as_fitted",
    "check_pred_proba",
    "check_prediction",
    "no_answers",
    "weigh_labels",
    "weigh_numbers",
]


class LabelEvidence(NamedTuple):
    """Posterior of the class of every item, and what it is computed from.

    Attributes
    ----------
    network : ndarray of shape (n_items, n_classes)
        Log-probabilities without the answers.
    annotations : Annotations of shape (n_items, n_annotators)
        The answers, annotators counted as in ``fit``.
    posterior : ndarray of shape (n_items, n_classes)
        Probabilities given both.
    """

    network: np.ndarray
    annotations: Annotations
    posterior: np.ndarray


class NumberEvidence(NamedTuple):
    """Posterior of the number of every item, and what it is computed from.

    Attributes
    ----------
    network : ndarray of shape (n_items,)
        Predictions without the ratings.
    annotations : Annotations of shape (n_items, n_annotators)
        The ratings, annotators counted as in ``fit``.
    mean, var : ndarray of shape (n_items,)
        Of the truth given both.
    """

    network: np.ndarray
    annotations: Annotations
    mean: np.ndarray
    var: np.ndarray


def weigh_labels(log_network, annotations, confusion):
    """Combine network and answers by Bayes' rule.

    Parameters
    ----------
    log_network : ndarray of shape (n_items, n_classes)
    annotations : Annotations
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion

    Returns
    -------
    evidence : LabelEvidence
    """
    posterior = label_posterior(log_network, annotations, confusion)
    return LabelEvidence(log_network, annotations, posterior)


def weigh_numbers(prediction, annotations, rating_parameters, residual_var):
    """Combine network and ratings; all are normal.

    Parameters
    ----------
    prediction : ndarray of shape (n_items,)
    annotations : Annotations
    rating_parameters : tuple of ndarray of shape (n_annotators,)
        Scale, bias and variance of the noise.
    residual_var : float
        Variance of the truth about the network's prediction.

    Returns
    -------
    evidence : NumberEvidence
    """
    mean, var = prediction, np.full(len(prediction), residual_var)
    if annotations.n_answers:
        mean, var = rating_posterior(
            annotations, rating_parameters, prediction, residual_var
        )
    return NumberEvidence(prediction, annotations, mean, var)


def as_fitted(annotations, annotator, names):
    """Count annotators as in ``fit``.

    Parameters
    ----------
    annotations : Annotations
    annotator : ndarray of shape (n_answers,)
        Who answered, counted as in ``fit``.
    names : ndarray of shape (n_annotators,)
        All annotators of ``fit``.

    Returns
    -------
    annotations : Annotations of shape (n_items, n_annotators)
    """
    order = np.lexsort((annotator, annotations.item))
    return replace(
        annotations,
        annotator=annotator[order],
        answer=annotations.answer[order],
        shape=(annotations.n_items, len(names)),
        annotator_names=names,
    )


def no_answers(n_items, names, classes=None):
    """Return annotations of items without any answer."""
    none = np.empty(0, dtype=np.int64)
    return Annotations(none, none, none, (n_items, len(names)), classes, names)


def check_pred_proba(pred_proba, n_items, n_classes):
    """Return the log of given probabilities of the classes.

    Raises
    ------
    ValueError
        If they are of another shape, or no probabilities.
    """
    proba = _numbers(pred_proba, "pred_proba")
    if proba.shape != (n_items, n_classes):
        raise ValueError(
            f"pred_proba has shape {proba.shape}, expected {(n_items, n_classes)}: a "
            "row for each item, a column for each of classes_."
        )
    wrong = ~((proba >= 0).all(axis=1) & (np.abs(proba.sum(axis=1) - 1) < 1e-3))
    if wrong.any():
        row = int(wrong.argmax())
        raise ValueError(
            f"row {row} of pred_proba is {proba[row].tolist()}; give probabilities, "
            "which are not negative and sum to 1."
        )
    with np.errstate(divide="ignore"):
        return np.log(proba)


def check_prediction(prediction, n_items):
    """Return given predictions of numbers.

    Raises
    ------
    ValueError
        If they are of another shape, or not finite.
    """
    numbers = _numbers(prediction, "prediction")
    if numbers.shape != (n_items,) or not np.isfinite(numbers).all():
        raise ValueError(
            f"prediction has shape {numbers.shape}, expected {(n_items,)}: a finite "
            "number for each item."
        )
    return numbers


def _numbers(values, name):
    """Read an array of any library; refuse what holds anything but numbers."""
    values = plain(values, name)
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold numbers only: {error}.") from error
