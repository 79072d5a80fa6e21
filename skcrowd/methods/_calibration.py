"""Variance of the truth about a network's predictions, on held-out items."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import minimize_scalar

from skcrowd.aggregation._rating_posterior import rating_sums
from skcrowd.exceptions import CrowdWarning
from skcrowd.training._split import AnswerSplit, hold_out_items

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray

    from ._method import Method
    from ._training_context import TrainingContext


__all__ = ["calibrated_residual_var"]

SHARE = 0.2  # of the items, held out to measure the variance
FEWEST = 5  # items with an answer
SMALLEST = 1e-8  # variances, in the unit in which answers have variance 1
LARGEST = 1e4


def calibrated_residual_var(
    context: TrainingContext, method: Method, result: Any, seed: int
) -> float:
    """Estimate the variance of the truth about the network's predictions.

    On the training items the error of the network is underestimated, and so is the
    noise of annotators with few answers. Therefore the variance is the one of maximum
    likelihood on held-out items: those of early stopping, or a fifth of the items, in
    which case the method learns once more from the others.

    Parameters
    ----------
    context : TrainingContext
    method : Method
    result : MethodResult
        What the method learned.
    seed : int
        Seed of the choice of held-out items.

    Returns
    -------
    var : float
    """
    held_out, previous_fit = context.held_out, context.side_information.previous_fit
    if (
        previous_fit is not None
        and context.side_information.n_previous_parts is not None
    ):
        held_out = context.annotations.answers_per_item > 0
        result = replace(result, net=previous_fit.net)
    elif not held_out.any():
        answered = np.flatnonzero(context.annotations.answers_per_item)
        if len(answered) < FEWEST or result.net.was_cut:
            return result.annotators.residual_var().item()
        held_out = hold_out_items(np.zeros(len(held_out)), answered, SHARE, seed)
        others = _without(context, held_out, len(result.net.history))
        try:
            result = method.learn(others)
            context = others  # which has the prediction of its network
        except KeyboardInterrupt:
            return _uncalibrated(context, result)
    return _most_likely_var(context, result, held_out)


def _uncalibrated(context: TrainingContext, result: Any) -> Any:
    """Raise the KeyboardInterrupt at hand, or return the variance seen in training."""
    if context.factory.on_interrupt == "raise":
        raise
    warnings.warn(
        "calibration was cut by a KeyboardInterrupt; prediction_std_ is the one seen "
        "in training, which is too small.",
        CrowdWarning,
        stacklevel=2,
    )
    return result.annotators.residual_var().item()


def _without(
    context: TrainingContext, held_out: BoolArray, max_epochs: int
) -> TrainingContext:
    """Return the context with items held out, and without side effects."""
    split = AnswerSplit(held_out)
    factory = context.factory.fresh().quiet(
        max_epochs=max_epochs,
        train_split=split,
        on_interrupt="raise",
        stage="calibration",
    )
    side_information = replace(context.side_information, previous_fit=None)
    return replace(
        context, factory=factory, held_out=held_out, side_information=side_information
    )


def _most_likely_var(
    context: TrainingContext, result: Any, held_out: BoolArray
) -> float:
    """Maximise the likelihood of held-out ratings over the variance of the truth."""
    a = context.annotations
    scale, bias, noise_var = (
        v[a.annotator] for v in result.annotators.rating_parameters()
    )
    noise_var = np.maximum(noise_var, SMALLEST)
    residual = a.answer - bias - scale * context.predict_trained(result.net)[a.item]
    precision, scaled_residual = (
        sums[held_out] for sums in rating_sums(a, residual, scale, noise_var)
    )
    weight = context.sample_weight[held_out]

    # The ratings of an item have the covariance diag(σ²) + v s sᵀ. By Woodbury's
    # identity and the determinant lemma, twice their negative log-likelihood is, up to
    # terms without v, log(1 + v p) - v q² / (1 + v p), with p = Σ s² / σ² and
    # q = Σ s e / σ². The search is over log v, so that v stays positive.
    def negative_log_likelihood(log_var: float) -> float:
        var = np.exp(log_var)
        determinant = 1 + var * precision
        return weight @ (np.log(determinant) - var * scaled_residual**2 / determinant)

    found = minimize_scalar(
        negative_log_likelihood, bounds=np.log([SMALLEST, LARGEST]), method="bounded"
    )
    return float(np.exp(found.x))
