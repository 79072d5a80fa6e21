"""Certainty of the truth of every item, and probability that an answer is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import entr

from skcrowd.aggregation._answer_evidence import given_weights

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray
    from skcrowd.annotations import Annotations

    from ._evidence import LabelEvidence, NumberEvidence


__all__ = [
    "label_answer_columns",
    "label_quality_columns",
    "number_answer_columns",
    "number_quality_columns",
]


def label_quality_columns(evidence: LabelEvidence, classes: Any) -> dict[str, Array]:
    """Describe every item.

    Parameters
    ----------
    evidence : LabelEvidence
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    columns : dict from str to ndarray of shape (n_items,)
    """
    posterior, annotations = evidence.posterior, evidence.annotations
    consensus = posterior.argmax(axis=1)
    entropy = entr(posterior).sum(axis=1)
    agrees = annotations.answer == consensus[annotations.item]
    largest = np.log(max(len(classes), 2))
    return {
        "consensus_label": classes[consensus],
        "consensus_probability": posterior.max(axis=1),
        "entropy": entropy,
        "quality": np.clip(1 - entropy / largest, 0, 1),
        "network_label": classes[evidence.network.argmax(axis=1)],
        "n_answers": annotations.answers_per_item,
        "agreement": _mean_over_answers(agrees, annotations),
    }


def label_answer_columns(
    evidence: LabelEvidence, classes: Any, threshold: float
) -> dict[str, Array]:
    """Describe every answer.

    Parameters
    ----------
    evidence : LabelEvidence
    classes : ndarray of shape (n_classes,)
    threshold : float
        Answers less probably right than that look wrong.

    Returns
    -------
    columns : dict from str to ndarray of shape (n_answers,)
    """
    annotations, posterior = evidence.annotations, evidence.posterior
    if not 0 <= threshold <= 1:
        raise ValueError(
            f"threshold is {threshold!r}; give a probability, from 0 to 1, below which "
            "an answer looks wrong."
        )
    probability = posterior[annotations.item, annotations.answer]
    return {
        "annotator": annotations.annotator_names[annotations.annotator],
        "label": annotations.labels,
        "consensus_label": classes[posterior.argmax(axis=1)][annotations.item],
        "probability": probability,
        "looks_wrong": probability < threshold,
    }


def number_quality_columns(
    evidence: NumberEvidence, residual_var: float
) -> dict[str, Array]:
    """Describe every item.

    Parameters
    ----------
    evidence : NumberEvidence
    residual_var : float
        Variance of the truth among all items.

    Returns
    -------
    columns : dict from str to ndarray of shape (n_items,)
    """
    annotations, std = evidence.annotations, np.sqrt(evidence.var)
    quality = (
        1 - evidence.var / residual_var
        if residual_var > 0
        else (std == 0).astype(float)
    )
    return {
        "consensus": evidence.mean,
        "std": std,
        "quality": np.clip(quality, 0, 1),
        "network": evidence.network,
        "n_answers": annotations.answers_per_item,
        "mean_rating": _mean_over_answers(annotations.answer, annotations),
    }


def number_answer_columns(
    evidence: NumberEvidence, threshold: float
) -> dict[str, Array]:
    """Describe every rating by its residual given all others.

    Parameters
    ----------
    evidence : NumberEvidence
    threshold : float
        Ratings further away than so many standard deviations look wrong.

    Returns
    -------
    columns : dict from str to ndarray of shape (n_answers,)
    """
    annotations = evidence.annotations
    if not threshold > 0:
        raise ValueError(
            f"threshold is {threshold!r}; give a positive number of standard "
            "deviations, beyond which a rating looks wrong."
        )
    scale, bias, noise_var = (
        values[annotations.annotator] for values in evidence.rating_parameters
    )
    mean, var = evidence.mean[annotations.item], evidence.var[annotations.item]
    # Share of the precision that is the rating's own; it is left out as a whole.
    own = given_weights(annotations) * scale**2 * var / noise_var
    rest = np.maximum(1 - own, np.finfo(float).eps)
    residual = (annotations.answer - bias - scale * mean) / rest
    expected = annotations.answer - residual
    standardised = residual / np.sqrt(noise_var + scale**2 * var / rest)
    return {
        "annotator": annotations.annotator_names[annotations.annotator],
        "rating": annotations.answer,
        "expected": expected,
        "residual": standardised,
        "looks_wrong": np.abs(standardised) > threshold,
    }


def _mean_over_answers(values: Any, annotations: Annotations) -> FloatArray:
    """Mean by item, NaN where there is no answer."""
    counts = annotations.answers_per_item
    sums = np.bincount(annotations.item, values, annotations.n_items)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
