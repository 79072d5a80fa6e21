"""Scoring of predictions with true values, and with answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sklearn.utils.validation import check_consistent_length

from skcrowd.annotations._true_values import read_truth, warn_of_truth
from skcrowd.annotations._weights import read_weight
from skcrowd.estimators._answer_probabilities import answer_log_likelihood
from skcrowd.metrics import AnswerEvaluation
from skcrowd.metrics._scorer_names import structured_agreement

if TYPE_CHECKING:
    import torch

    from skcrowd._typing import AnswersLike, Array, FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = ["agreement_score", "evaluate_label_answers", "truth_and_weight"]


def truth_and_weight(
    y: AnswersLike, sample_weight: Any, kind: Any, n_items: int, classes: Any = None
) -> tuple[Array, FloatArray | None]:
    """Check true values and sample weights against the number of predictions.

    Parameters
    ----------
    y : array-like of shape (n_items,)
    sample_weight : array-like of shape (n_items,) or None
    kind : {"labels", "numbers"}
    n_items : int
    classes : ndarray of shape (n_classes,), default=None
        Labels that are not warned of where they look like a missing value.

    Returns
    -------
    y : ndarray of shape (n_items,)
    sample_weight : ndarray of shape (n_items,) or None
    """
    y = read_truth(y, kind)
    warn_of_truth(y, kind, known=classes)
    check_consistent_length(range(n_items), y)
    if sample_weight is not None:
        sample_weight = read_weight(sample_weight, n_items)
    return y, sample_weight


def evaluate_label_answers(
    estimator: Any,
    annotations: Annotations,
    log_proba: FloatArray,
    features: torch.Tensor | None,
    *,
    predicted: IntArray,
    lengths: Any = None,
) -> AnswerEvaluation:
    """Return the answers with the predictions for their items, for scorers.

    Parameters
    ----------
    estimator : LabelEstimator
    annotations : Annotations
    log_proba : ndarray of shape (n_items, n_classes)
        Log-probabilities of the truth.
    features : Tensor or None
        Features that the annotator model needs.
    predicted : ndarray of shape (n_items,)
        Codes of the predicted classes.
    lengths : ndarray of shape (n_sequences,), default=None
        Numbers of tokens, where the items are tokens of sequences.

    Returns
    -------
    evaluation : AnswerEvaluation
    """
    annotator = estimator._fitted_annotators(annotations)
    log_likelihood = answer_log_likelihood(
        log_proba, estimator.annotator_model_, annotations, annotator, features
    )
    return AnswerEvaluation(
        annotations,
        annotator,
        log_likelihood,
        truth=log_proba,
        predicted=predicted,
        confusion=estimator._stored_confusions(),
        lengths=lengths,
    )


def agreement_score(evaluation: AnswerEvaluation, sample_weight: Any) -> float:
    """Score predictions with answers; see ``structured_agreement``.

    Parameters
    ----------
    evaluation : AnswerEvaluation
    sample_weight : array-like of shape (n_items,) or None

    Returns
    -------
    score : float
    """
    weight = evaluation.item_weight(sample_weight)
    return float(structured_agreement.measure(evaluation, weight))
