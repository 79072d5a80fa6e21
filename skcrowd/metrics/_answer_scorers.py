"""Scores that compare predictions with single answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import logsumexp

from skcrowd.aggregation import LazyConfusion
from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.aggregation._lazy_confusion import columns_of, matrices_of
from skcrowd.aggregation._rating_posterior import rating_sums
from skcrowd.annotations._memory import is_large, row_blocks
from skcrowd.annotations._span_tags import is_span_scheme
from skcrowd.metrics._r2 import weighted_r2
from skcrowd.metrics._scorer_base import (
    AnswerScorer,
    answer_weights,
    over_answers,
)
from skcrowd.metrics._spans import span_f1_score

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._answer_evaluation import AnswerEvaluation


__all__ = ["Agreement", "AnswerLogLikelihood", "ItemLogLikelihood", "WeightedAgreement"]

LEAST = 1e-12  # probability of an answer, or information of an annotator


class AnswerLogLikelihood(AnswerScorer):
    """Mean log-probability of an answer, ``answer_log_likelihood``.

    For labels and tags the mean over the answers of
    log p(answer | x) = log Σ_k p(k | x) C_r[k, answer], where C_r is the confusion
    matrix of annotator r; for numbers the mean of the log-density
    log N(answer; scale * prediction + bias, noise_var + scale² * residual_var). A
    proper score for predicting answers, and the measure of early stopping.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import get_scorer
    >>> X, truth = load_iris(return_X_y=True)
    >>> Y = make_annotations(truth, 5, random_state=0).annotations
    >>> clf = CrowdClassifier(max_epochs=5, random_state=0).fit(X[::2], Y[::2])
    >>> get_scorer("answer_log_likelihood")(clf, X[1::2], Y[1::2]) < 0
    True
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Average over the answers; see :meth:`AnswerScorer.measure`."""
        return over_answers(evaluation, evaluation.log_likelihood, weight)


class ItemLogLikelihood(AnswerScorer):
    """Log-probability of all answers of an item together, ``item_log_likelihood``.

    The sum over the items of log Σ_k p(k | x) Π_r C_r[k, answer of r], divided by the
    number of answers, where C_r is the confusion matrix of annotator r. For numbers it
    is the log-density of a joint normal distribution: the answers to an item have means
    ``scale * prediction + bias`` and the covariance ``diag(noise_var) +
    residual_var * scale scale^T``, where ``residual_var`` is ``prediction_std ** 2``.
    Unlike :class:`AnswerLogLikelihood`, it takes into account that answers to the same
    item share their truth. An answer of weight w is w equal ones. It reads
    ``annotator_confusion_``, also where the annotator model of a method depends on the
    item.
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Sum over the items; see :meth:`AnswerScorer.measure`."""
        joint = _of_numbers if evaluation.kind == "numbers" else _of_labels
        n_answers = answer_weights(evaluation, weight).sum()
        return float(weight @ joint(evaluation) / n_answers)


def _of_labels(evaluation: AnswerEvaluation) -> FloatArray:
    """Return the log-probability of the answers to each item; 0 without answers."""
    answers, number = evaluation.annotations, given_weights(evaluation.annotations)
    log_joint = evaluation.truth.copy()
    for some, likelihood in columns_of(
        evaluation.confusion, evaluation.annotator, answers.answer
    ):
        log_likelihood = np.log(np.maximum(likelihood, LEAST))
        log_likelihood *= number[some, None]
        np.add.at(log_joint, answers.item[some], log_likelihood)
    return logsumexp(log_joint, axis=1)


def _of_numbers(evaluation: AnswerEvaluation) -> FloatArray:
    """Return the log-density of the ratings of each item; 0 without ratings."""
    answers, annotator = evaluation.annotations, evaluation.annotator
    scale = evaluation.confusion[annotator, 0, 0]
    noise_var = evaluation.noise_std[annotator] ** 2
    residual = answers.answer - expected_ratings(evaluation)
    # With covariance D + v s s^T, D = diag(noise_var), v = residual_var, s = scale,
    # Woodbury's identity and the determinant lemma give, for residuals e of an item,
    #   log N(e; 0, D + v s s^T) = log N(e; 0, D)
    #       + (v (s^T D^-1 e)^2 / (1 + v s^T D^-1 s) - log(1 + v s^T D^-1 s)) / 2.
    independent = -0.5 * (residual**2 / noise_var + np.log(2 * np.pi * noise_var))
    precision, scaled_residual = rating_sums(answers, residual, scale, noise_var)
    residual_var = evaluation.prediction_std**2
    shared = residual_var * scaled_residual**2 / (1 + residual_var * precision)
    shared = shared - np.log1p(residual_var * precision)
    number = given_weights(answers)
    independent = np.bincount(answers.item, number * independent, answers.n_items)
    return independent + 0.5 * shared


def expected_ratings(evaluation: AnswerEvaluation) -> FloatArray:
    """Ratings that the annotators would give to the predicted numbers, (n_answers,)."""
    scale, bias = evaluation.confusion[evaluation.annotator, 0].T
    return scale * evaluation.predicted[evaluation.annotations.item] + bias


class Agreement(AnswerScorer):
    """Agreement of answers with the prediction, ``agreement``.

    - Labels: the share of the answers that equal the predicted class.
    - Tag sequences that mark spans: F1 of the predicted spans against those of every
      annotator, over all sequences and annotators together; a token that an annotator
      left out counts as predicted. Other tags: the share of equal tags.
    - Numbers: R² of the ratings, predicted as ``scale * prediction + bias`` of their
      annotators.
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Compare each answer; see :meth:`AnswerScorer.measure`."""
        return _agreement(evaluation, weight, np.ones(len(evaluation.confusion)))


class WeightedAgreement(AnswerScorer):
    """Agreement weighted by the information of annotators, ``weighted_agreement``.

    As :class:`Agreement`, but an answer has the weight of its annotator: for labels the
    mutual information of truth and answer,
    Σ_kj p(k) C_r[k, j] log(C_r[k, j] / Σ_i p(i) C_r[i, j]), with p the mean prediction
    and C_r from ``annotator_confusion_``; for numbers ``scale² / noise_var``. Spammers
    have weight 0.
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Compare each answer; see :meth:`AnswerScorer.measure`."""
        return _agreement(evaluation, weight, annotator_weights(evaluation, weight))


def annotator_weights(evaluation: AnswerEvaluation, weight: FloatArray) -> FloatArray:
    """Return the information of an answer of each annotator, shape (n_annotators,)."""
    if evaluation.kind == "numbers":
        noise_std = np.maximum(evaluation.noise_std, LEAST)
        return (evaluation.confusion[:, 0, 0] / noise_std) ** 2
    weight = weight * (evaluation.annotations.answers_per_item > 0)
    prior = _mean_proba(evaluation.truth, weight)
    if isinstance(evaluation.confusion, LazyConfusion):
        every = matrices_of(evaluation.confusion, range(len(evaluation.confusion)))
        return np.concatenate(
            [_mutual_information(matrix[None], prior) for matrix in every]
        )
    return _mutual_information(evaluation.confusion, prior)


def _mean_proba(log_proba: FloatArray, weight: FloatArray) -> FloatArray:
    """Average probabilities over the items, (n_classes,)."""
    if not is_large(*log_proba.shape):
        return np.average(np.exp(log_proba), axis=0, weights=weight)
    blocks = row_blocks(*log_proba.shape)
    return sum(weight[b] @ np.exp(log_proba[b]) for b in blocks) / weight.sum()


def _mutual_information(confusion: FloatArray, prior: FloatArray) -> FloatArray:
    """Return the mutual information of truth and answer, (n_annotators,)."""
    joint = prior[:, None] * confusion
    chance = prior[:, None] * joint.sum(axis=1, keepdims=True)
    ratio = np.maximum(joint, LEAST) / np.maximum(chance, LEAST)
    return np.maximum((joint * np.log(ratio)).sum(axis=(1, 2)), LEAST)


def _agreement(
    evaluation: AnswerEvaluation, weight: FloatArray, of_annotator: FloatArray
) -> float:
    answers = evaluation.annotations
    each = answer_weights(evaluation, weight) * of_annotator[evaluation.annotator]
    if evaluation.kind == "numbers":
        return weighted_r2(answers.answer, expected_ratings(evaluation), each)
    if evaluation.lengths is not None and is_span_scheme(answers.classes.tolist()):
        return _span_agreement(evaluation, weight, of_annotator)
    agrees = evaluation.predicted[answers.item] == answers.answer
    return np.average(agrees, weights=each)


def _span_agreement(
    evaluation: AnswerEvaluation, weight: FloatArray, of_annotator: FloatArray
) -> float:
    """F1 over all pairs of a sequence and an annotator who tagged it."""
    answers, lengths = evaluation.annotations, evaluation.lengths
    n_sequences, n_annotators = len(lengths), len(of_annotator)
    sequence = np.repeat(np.arange(n_sequences), lengths)
    pair = sequence[answers.item] * n_annotators + evaluation.annotator
    pairs, of_answer = np.unique(pair, return_inverse=True)
    first = np.cumsum(lengths) - lengths
    rows, annotator = np.divmod(pairs, n_annotators)
    of_pair = np.bincount(of_answer, given_weights(answers)) / np.bincount(of_answer)
    predicted = np.split(evaluation.predicted, first[1:])
    tagged = [predicted[row].copy() for row in rows]
    place = answers.item - first[rows][of_answer]
    for k, token, tag in zip(of_answer, place, answers.answer, strict=True):
        tagged[k][token] = tag
    tags = answers.classes.astype(object)
    return span_f1_score(
        [tags[codes] for codes in tagged],
        [tags[predicted[row]] for row in rows],
        sample_weight=weight[first][rows] * of_annotator[annotator] * of_pair,
    )
