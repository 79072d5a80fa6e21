"""Means of ratings: plain, and weighted by how reliable the annotators are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._answer_evidence import (
    given_weights,
    refuse_rating_evidence,
)
from skcrowd.aggregation._convergence import warn_unless_converged
from skcrowd.aggregation._given import gold_numbers
from skcrowd.aggregation._rating_parameters import (
    RatingParameters,
    apply_identifiability_constraint,
    fit_rating_parameters,
)
from skcrowd.aggregation._rating_posterior import rating_posterior
from skcrowd.annotations import check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._assemble import where_in
from skcrowd.annotations._encoding import check_squares
from skcrowd.annotations._weights import read_weight

if TYPE_CHECKING:
    from skcrowd._typing import Array, ArrayLike, FloatArray
    from skcrowd.annotations import Annotations


__all__ = ["WeightedMeanResult", "answer_mean", "answer_mean_var", "weighted_mean"]

UNSEEN_NOISE = 0.1  # noise as a share of the answers' variance, if it is unidentified


def answer_mean(annotations: Annotations | ArrayLike) -> FloatArray:
    """Return the mean answer of every item.

    Parameters
    ----------
    annotations : Annotations or array-like of shape (n_items, n_annotators)
        Answers in any form that :func:`skcrowd.annotations.check_annotations` reads
        with ``kind="numbers"``. One with a weight is as many equal answers.

    Returns
    -------
    mean : ndarray of shape (n_items,)
        An item without answers gets the average of the others.

    Raises
    ------
    ValueError
        If there is no answer at all, or answers have confidences.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import answer_mean
    >>> answer_mean([[1.0, 2.0], [3.0, np.nan]])
    array([1.5, 3. ])
    """
    annotations = check_annotations(annotations, kind="numbers")
    refuse_rating_evidence(annotations, "answer_mean")
    if not annotations.n_answers:
        raise ValueError(f"{annotations.shape} annotations hold no answer at all.")
    number, n_items = given_weights(annotations), annotations.n_items
    n_answers = np.bincount(annotations.item, number, n_items)
    total = np.bincount(annotations.item, number * annotations.answer, n_items)
    answered = n_answers > 0
    mean = total / np.where(answered, n_answers, 1)
    mean[~answered] = mean[answered].mean()
    return mean


def answer_mean_var(
    annotations: Annotations, sample_weight: FloatArray | None = None
) -> FloatArray:
    """Return the squared standard error of every item's mean answer.

    From the variance of the answers about the means of their items, pooled over all.

    Parameters
    ----------
    annotations : Annotations
    sample_weight : ndarray of shape (n_items,), default=None

    Returns
    -------
    var : ndarray of shape (n_items,)
        An item without answers counts as having one. Where no item has two answers,
        a tenth of their variance counts as noise, of a single answer 1.

    Notes
    -----
    An answer of weight w is w answers, and an item of several annotators with n of
    them has n - 1 degrees of freedom; a weight below 1 takes off only itself,
    Σ w (1 - min(w, 1) / n), so that halves of answers show noise, too. A single
    annotator shows none, whatever the weight.
    """
    check_aligned(annotations=annotations, sample_weight=sample_weight)
    weight = np.ones(len(annotations)) if sample_weight is None else sample_weight
    weight = np.asarray(weight)
    item, number = annotations.item, given_weights(annotations)
    n_answers = np.bincount(item, number, len(annotations))
    residual = annotations.answer - answer_mean(annotations)[item]
    answer_weight = weight[item] * number
    others = 1 - np.minimum(number, 1) / n_answers[item]
    several = (annotations.answers_per_item > 1)[item]
    degrees_of_freedom = (answer_weight * others * several).sum()
    if degrees_of_freedom:
        noise_var = (answer_weight * residual**2).sum() / degrees_of_freedom
    else:
        noise_var = _weighted_var(annotations.answer, answer_weight) * UNSEEN_NOISE
        if np.count_nonzero(answer_weight) == 1:  # of which nothing can be estimated
            noise_var = 1.0
    return noise_var / np.where(n_answers > 0, n_answers, 1)


def _weighted_var(values: Any, weight: FloatArray) -> float:
    center = np.average(values, weights=weight)
    return np.average((values - center) ** 2, weights=weight)


class WeightedMeanResult(NamedTuple):
    """Result of :func:`weighted_mean`.

    Attributes
    ----------
    mean, std : ndarray of shape (n_items,)
        Posterior of the truth.
    rating_parameters : RatingParameters
        ``scale``, ``bias`` and ``noise_var`` of every annotator.
    n_iter : int
        Number of iterations run.
    change : float
        Mean absolute change of the truth in the last one, in standard deviations of the
        answers; 0 where no item has two answers.
    """

    mean: FloatArray
    std: FloatArray
    rating_parameters: RatingParameters
    n_iter: int
    change: float


def weighted_mean(
    annotations: Annotations | ArrayLike,
    *,
    scale_std: float = 0.3,
    pseudo_counts: float = 2.0,
    max_iter: int = 300,
    tol: float = 1e-4,
    sample_weight: Array | None = None,
    gold: Array | None = None,
    moments: Array | None = None,
    is_identified: bool = False,
    initial_posterior: tuple[FloatArray, FloatArray] | None = None,
) -> WeightedMeanResult:
    """Return the mean of the answers, corrected for bias and weighted by precision.

    Bias, scale and noise of the annotators, and the truth, are inferred in turn by
    expectation-maximisation; the truth has a normal prior, the same for all items.

    Parameters
    ----------
    annotations : Annotations or array-like of shape (n_items, n_annotators)
        Answers in any form that :func:`skcrowd.annotations.check_annotations` reads
        with ``kind="numbers"``. One with a weight is as many equal answers.
    scale_std : float, default=0.3
        Standard deviation of the scales' prior around 1; 0 keeps all scales at 1.
    pseudo_counts : float, default=2.0
        Pseudo-counts that shrink each annotator's noise variance to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations. Where no item has two answers, there is one.
    tol : float, default=1e-4
        Stop when the mean absolute change of the truth falls below it, in standard
        deviations of the answers; 0 runs exactly `max_iter` iterations.
    sample_weight : ndarray of shape (n_items,), default=None
        Weights of the items.
    gold : ndarray of shape (n_items,), default=None
        The truth where it is known, else NaN.
    moments : ndarray of shape (n_annotators, 3, 3), default=None
        Of further answers of the annotators; see
        ``answer_moments``.
    is_identified : bool, default=False
        Whether `moments` identify the unit of the truth, so that no constraint is
        needed; see :func:`skcrowd.aggregation.apply_identifiability_constraint`.
    initial_posterior : tuple of two ndarray of shape (n_items,), default=None
        Mean and variance of the truth to begin with; None is the plain means.

    Returns
    -------
    result : WeightedMeanResult
        ``mean`` and ``std`` (n_items,) of the truth, ``rating_parameters``, ``n_iter``,
        ``change``.

    Raises
    ------
    ValueError
        If `max_iter` is below 1, no item with an answer has a positive weight, or
        answers have confidences, which no method for ratings uses.

    Warns
    -----
    ConvergenceWarning
        If the change is still `tol` or more after `max_iter` iterations.

    References
    ----------
    V. Raykar et al. Learning from crowds. JMLR 11, 2010, section 7. Biases, scales
    and priors are our choice.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation import weighted_mean
    >>> low, high = np.arange(9.0), np.arange(9.0) + 2
    >>> weighted_mean(np.column_stack([low, high])).mean.round(1)
    array([1., 2., 3., 4., 5., 6., 7., 8., 9.])
    """
    if max_iter < 1:
        raise ValueError(f"max_iter must be 1 or more, got {max_iter}.")
    check_aligned(annotations=annotations, sample_weight=sample_weight, gold=gold)
    annotations = check_annotations(annotations, kind="numbers")
    refuse_rating_evidence(annotations, "weighted_mean")
    check_squares(annotations.answer, where_in(annotations))
    weight = read_weight(sample_weight, len(annotations))
    gold = gold_numbers(gold, len(annotations))
    known = ~np.isnan(gold)
    weight = weight * ((annotations.answers_per_item > 0) | known)
    if not weight.any():
        raise ValueError(
            "no item with an answer has a positive weight; there is nothing to infer "
            "the truth from."
        )
    settings = {"scale_std": scale_std, "pseudo_counts": pseudo_counts}
    if initial_posterior is None:
        initial_posterior = (
            answer_mean(annotations),
            answer_mean_var(annotations, weight),
        )
    mean, var = initial_posterior
    mean, var = np.where(known, gold, mean), np.where(known, 0.0, var)
    of_answer = weight[annotations.item] * given_weights(annotations)
    unit = _weighted_var(annotations.answer, of_answer) ** 0.5 or 1.0
    n_iter, change = 0, np.inf
    is_single = annotations.answers_per_item[weight > 0].max() == 1
    if is_single:
        max_iter = 1  # noise and differences between items are not identified
    previous = mean
    while n_iter < max_iter and change >= tol:
        n_iter += 1
        rating_parameters = fit_rating_parameters(
            annotations, mean, var, sample_weight=weight, moments=moments, **settings
        )
        stretch, offset = 1.0, 0.0
        if not is_identified:
            rating_parameters, stretch, offset = apply_identifiability_constraint(
                rating_parameters,
                annotations,
                mean,
                var,
                sample_weight=weight,
                gold=gold if known.any() else None,
                moments=moments,
            )
        mean = np.where(known, gold, stretch * mean + offset)
        var = stretch**2 * var
        center = np.average(mean, weights=weight)
        truth_var = np.average((mean - center) ** 2 + var, weights=weight)
        mean, var = rating_posterior(annotations, rating_parameters, center, truth_var)
        mean, var = np.where(known, gold, mean), np.where(known, 0.0, var)
        change = np.average(np.abs(mean - previous), weights=weight) / unit
        previous = mean
    if not is_single:
        warn_unless_converged("weighted_mean", change, tol, n_iter)
    change = 0.0 if is_single else float(change)
    return WeightedMeanResult(mean, np.sqrt(var), rating_parameters, n_iter, change)
