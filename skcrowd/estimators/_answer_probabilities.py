"""Probabilities of answers, from a network and an annotator model."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from skcrowd.annotations._memory import check_fits

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = ["answer_log_likelihood", "answer_probabilities"]

NUMBERS_AT_ONCE = 2**24  # a pair may need as many as its confusion matrix has


@torch.no_grad()
def answer_probabilities(
    log_truth: FloatArray, annotators: Any, features: torch.Tensor | None = None
) -> FloatArray:
    """Probability of every answer of every annotator to every item.

    Parameters
    ----------
    log_truth : ndarray of shape (n_items, n_classes)
    annotators : AnnotatorModel
    features : float64 Tensor of shape (n_items, n_units), default=None
        What else the annotator model needs to know of the items.

    Returns
    -------
    proba : ndarray of shape (n_items, n_annotators, n_classes)
    """
    n_items, n_classes = log_truth.shape
    n_annotators = annotators.n_annotators
    check_fits(
        8 * n_items * n_annotators * n_classes,
        f"every answer of {n_annotators} annotators to {n_items} items, one of "
        f"{n_classes} classes,",
        "predict fewer items at a time",
    )
    proba = np.empty((n_items, n_annotators, n_classes))
    step = max(1, NUMBERS_AT_ONCE // (n_annotators * annotators.numbers_per_pair))
    everyone = torch.arange(n_annotators)
    annotators = deepcopy(annotators).double()
    for start in range(0, n_items, step):
        chunk = torch.as_tensor(log_truth[start : start + step].T)
        n_chunk = chunk.shape[1]
        shown = {}
        if features is not None:
            part = features[start : start + step]
            shown["features"] = part.repeat_interleave(n_annotators, dim=0)
        log_answer = annotators(
            chunk.repeat_interleave(n_annotators, dim=1),
            everyone.repeat(n_chunk),
            **shown,
        )
        shape = (n_chunk, n_annotators, n_classes)
        proba[start : start + step] = log_answer.exp().t().reshape(shape).numpy()
    return proba


@torch.no_grad()
def answer_log_likelihood(
    log_truth: FloatArray,
    annotators: Any,
    annotations: Annotations,
    annotator: IntArray,
    features: torch.Tensor | None = None,
) -> FloatArray:
    """Log-probability of every given answer, shape (n_answers,).

    Parameters
    ----------
    log_truth : ndarray of shape (n_items, n_classes)
    annotators : AnnotatorModel
    annotations : Annotations
        Coded by the same classes.
    annotator : ndarray of shape (n_answers,)
        Who answered, counted as `annotators` does.
    features : float64 Tensor of shape (n_items, n_units), default=None
        What else the annotator model needs to know of the items.
    """
    by_class = torch.as_tensor(log_truth.T)
    annotators = deepcopy(annotators).to(by_class.dtype)
    shown = {} if features is None else {"features": features.to(by_class.dtype)}
    values = np.empty(annotations.n_answers)
    step = max(1, NUMBERS_AT_ONCE // annotators.numbers_per_pair)
    for start in range(0, annotations.n_answers, step):
        part = slice(start, start + step)
        values[part] = annotators.answer_log_likelihood(
            by_class,
            torch.tensor(annotations.item[part]),
            torch.tensor(annotator[part]),
            torch.tensor(annotations.answer[part]),
            **shown,
        ).numpy()
    return values
