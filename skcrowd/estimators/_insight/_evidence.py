"""Posterior of the truth given network and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import softmax

from skcrowd.aggregation import rating_posterior
from skcrowd.aggregation._calibrated_variances import calibrated_variances
from skcrowd.aggregation._given import given_array, given_proba
from skcrowd.aggregation._label_posterior import label_posterior
from skcrowd.aggregation._tempered_posterior import (
    LARGEST_OUT_OF_FOLD,
    LARGEST_WEIGHT,
    tempered_posterior,
)
from skcrowd.annotations import Annotations

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, FloatArray
    from skcrowd.aggregation._expected_counts import ExpectedCounts
    from skcrowd.aggregation._vote_discount import DependentGroups


__all__ = [
    "LabelEvidence",
    "NumberEvidence",
    "calibrate_labels",
    "calibrate_numbers",
    "check_pred_proba",
    "check_prediction",
    "no_answers",
    "weigh_labels",
    "weigh_numbers",
]


SHARES_COUNTS = 10.0  # items with the fit's class shares, added to those predicted


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
    rating_parameters : tuple of ndarray of shape (n_annotators,)
        Scale, bias and variance of the noise that the ratings were weighed by.
    """

    network: np.ndarray
    annotations: Annotations
    mean: np.ndarray
    var: np.ndarray
    rating_parameters: tuple[FloatArray, FloatArray, FloatArray]


def weigh_labels(
    log_network: FloatArray,
    annotations: Annotations,
    confusion: FloatArray,
    groups: DependentGroups | None = None,
) -> LabelEvidence:
    """Combine network and answers by Bayes' rule, as in ``fit``.

    Parameters
    ----------
    log_network : ndarray of shape (n_items, n_classes)
    annotations : Annotations
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
    groups : DependentGroups, default=None
        Annotators who err together.

    Returns
    -------
    evidence : LabelEvidence
    """
    posterior = label_posterior(log_network, annotations, confusion, groups=groups)
    return LabelEvidence(log_network, annotations, posterior)


def calibrate_labels(
    log_network: Array,
    annotations: Annotations,
    confusion: Any,
    *,
    class_shares: Array,
    other_counts: ExpectedCounts | Array | None,
    class_ranks: Array | None = None,
    groups: DependentGroups | None = None,
    of_fit: BoolArray | None = None,
) -> LabelEvidence:
    """Combine network and answers, weighted so that probabilities are calibrated.

    Parameters
    ----------
    log_network : ndarray of shape (n_items, n_classes)
        By a network that has not seen the answers.
    annotations : Annotations
    confusion : ndarray of shape (n_annotators, n_classes, n_classes), or LazyConfusion
        Of the fit, from which the estimation begins.
    class_shares : ndarray of shape (n_classes,)
    other_counts : ndarray of shape (n_annotators, n_classes, n_classes), \
            ExpectedCounts or None
        Of answers to other items.
    class_ranks : ndarray of shape (n_classes,), default=None
        Places of the classes on a scale, if they have an order.
    groups : DependentGroups, default=None
        Annotators who err together.
    of_fit : bool ndarray of shape (n_items,), default=None
        Independent items that ``fit`` has learned from. Given them, evidence of the
        network is relative to its mean prediction for these, and the shrinkage of
        confusions is learned; its predictions may count as more than they say.

    Returns
    -------
    evidence : LabelEvidence
    """
    shares, is_learned = None, of_fit is not None
    if of_fit is not None:
        shares = _network_shares(log_network[of_fit], class_shares)
    first = weigh_labels(log_network, annotations, confusion, groups)
    posterior = tempered_posterior(
        log_network,
        annotations,
        class_shares,
        first.posterior,
        other_counts=other_counts,
        largest_network_weight=LARGEST_OUT_OF_FOLD if is_learned else LARGEST_WEIGHT,
        class_ranks=class_ranks,
        groups=groups,
        network_shares=shares,
        learn_shrinkage=is_learned,
    ).posterior
    return first._replace(posterior=posterior)


def _network_shares(log_network: Array, class_shares: Array) -> Any:
    """Return the mean of predictions; of very few it is near the shares of the fit."""
    total = softmax(log_network, axis=1).sum(axis=0) + SHARES_COUNTS * class_shares
    return total / total.sum()


def calibrate_numbers(
    prediction: Array,
    annotations: Annotations,
    rating_parameters: Any,
    residual_var: Any,
) -> NumberEvidence:
    """Combine network and ratings, with variances of the most likely size.

    Parameters
    ----------
    prediction : ndarray of shape (n_items,)
        By a network that has not seen the ratings.
    annotations, rating_parameters, residual_var
        As for :func:`weigh_numbers`.

    Returns
    -------
    evidence : NumberEvidence
    """
    if annotations.n_answers:
        residual_var, noise_factor = calibrated_variances(
            annotations, rating_parameters, prediction, residual_var
        )
        scale, bias, noise_var = rating_parameters
        rating_parameters = scale, bias, noise_factor * noise_var
    return weigh_numbers(prediction, annotations, rating_parameters, residual_var)


def weigh_numbers(
    prediction: FloatArray,
    annotations: Annotations,
    rating_parameters: tuple[FloatArray, FloatArray, FloatArray],
    residual_var: float,
) -> NumberEvidence:
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
    return NumberEvidence(prediction, annotations, mean, var, rating_parameters)


def no_answers(n_items: int, names: Any, classes: Any = None) -> Any:
    """Return annotations of items without any answer."""
    none = np.empty(0, dtype=np.int64)
    return Annotations(none, none, none, (n_items, len(names)), classes, names)


def check_pred_proba(pred_proba: Any, n_items: int, classes: Array) -> FloatArray:
    """Return the log of given probabilities of the classes.

    Columns of a table are found by the names of the classes.

    Raises
    ------
    ValueError
        If they are of another shape, or no probabilities.
    """
    with np.errstate(divide="ignore"):
        return np.log(given_proba(pred_proba, n_items, len(classes), classes))


def check_prediction(prediction: Any, n_items: int) -> Any:
    """Return given predictions of numbers.

    Raises
    ------
    ValueError
        If they are of another shape, or not finite.
    """
    numbers = given_array(prediction, "prediction")
    if numbers.shape != (n_items,) or not np.isfinite(numbers).all():
        raise ValueError(
            f"prediction has shape {numbers.shape}, expected {(n_items,)}: a finite "
            "number for each item."
        )
    return numbers
