"""Scores that compare predictions with single answers."""

import numpy as np
from scipy.special import logsumexp

from skcrowd.aggregation import LazyConfusion
from skcrowd.aggregation._lazy_confusion import columns_of, matrices_of
from skcrowd.annotations import is_span_scheme
from skcrowd.annotations._memory import is_large, row_blocks
from skcrowd.metrics._r2 import weighted_r2
from skcrowd.metrics._scorer_base import AnswerScorer, over_answers
from skcrowd.metrics._spans import span_f1_score

__all__ = ["Agreement", "AnswerLogLikelihood", "ItemLogLikelihood", "WeightedAgreement"]

LEAST = 1e-12  # probability of an answer, or information of an annotator


class AnswerLogLikelihood(AnswerScorer):
    """Mean log-probability of an answer, ``answer_log_likelihood``.

    mean over the answers of log p(answer | x), or for numbers of the log-density. A
    proper score for predicting answers, and the measure of early stopping.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import answer_log_likelihood
    >>> X, truth = load_iris(return_X_y=True)
    >>> Y = make_annotations(truth, 5, random_state=0).annotations
    >>> clf = CrowdClassifier(max_epochs=5, random_state=0).fit(X[::2], Y[::2])
    >>> answer_log_likelihood(clf, X[1::2], Y[1::2]) < 0
    True
    """

    def measure(self, evaluation, weight):
        """Average over the answers; see :meth:`AnswerScorer.measure`."""
        return over_answers(evaluation, evaluation.log_likelihood, weight)


class ItemLogLikelihood(AnswerScorer):
    """Log-probability of all answers of an item together, ``item_log_likelihood``.

    The sum over the items of log Σ_k p(k | x) Π_r Π^r[k, answer of r], divided by the
    number of answers; for numbers a joint normal density, the truth integrated out.
    Unlike :class:`AnswerLogLikelihood`, it knows that answers to the same item share
    their truth. It reads ``annotator_confusion_``, also of methods that know more.
    """

    def measure(self, evaluation, weight):
        """Sum over the items; see :meth:`AnswerScorer.measure`."""
        joint = _of_numbers if evaluation.kind == "numbers" else _of_labels
        n_answers = evaluation.annotations.answers_per_item
        return weight @ joint(evaluation) / (weight @ n_answers)


def _of_labels(evaluation):
    """Log-probability of each item's answers; 0 where there is none."""
    item, answer = evaluation.annotations.item, evaluation.annotations.answer
    log_joint = evaluation.truth.copy()
    for some, likelihood in columns_of(
        evaluation.confusion, evaluation.annotator, answer
    ):
        np.add.at(log_joint, item[some], np.log(np.maximum(likelihood, LEAST)))
    return logsumexp(log_joint, axis=1)


def _of_numbers(evaluation):
    """Log-density of each item's ratings; 0 where there is none."""
    item, who, n_items = (
        evaluation.annotations.item,
        evaluation.annotator,
        len(evaluation.truth),
    )
    scale = evaluation.confusion[who, 0, 0]
    variance = evaluation.noise_std[who] ** 2
    error = evaluation.annotations.answer - expected_ratings(evaluation)
    alone = -0.5 * (error**2 / variance + np.log(2 * np.pi * variance))
    told = np.bincount(item, scale**2 / variance, n_items)
    pull = np.bincount(item, scale * error / variance, n_items)
    spread = evaluation.prediction_std**2
    shared = spread * pull**2 / (1 + spread * told) - np.log1p(spread * told)
    return np.bincount(item, alone, n_items) + 0.5 * shared


def expected_ratings(evaluation):
    """Ratings that the annotators would give to the predicted numbers, (n_answers,)."""
    scale, bias = evaluation.confusion[evaluation.annotator, 0].T
    return scale * evaluation.predicted[evaluation.annotations.item] + bias


class Agreement(AnswerScorer):
    """How far answers agree with the prediction, ``agreement``.

    - Labels: the share of the answers that equal the predicted class.
    - Tag sequences that mark spans: F1 of the predicted spans against those of every
      annotator, over all sequences and annotators together; a token that an annotator
      left out counts as predicted. Other tags: the share of equal tags.
    - Numbers: R² of the ratings, the share of their variance that goes with what their
      annotators would give to the predicted numbers (bias and scale heeded).
    """

    def measure(self, evaluation, weight):
        """Compare each answer; see :meth:`AnswerScorer.measure`."""
        return _agreement(evaluation, weight, np.ones(len(evaluation.confusion)))


class WeightedAgreement(AnswerScorer):
    """The same, annotators weighted by what they say, ``weighted_agreement``.

    An annotator counts as much as an answer of theirs tells of the truth, as far as the
    estimator knows: the mutual information of truth and answer by
    ``annotator_confusion_`` and the mean prediction; for numbers ``scale² / noise²``.
    Spammers do not count.
    """

    def measure(self, evaluation, weight):
        """Compare each answer; see :meth:`AnswerScorer.measure`."""
        return _agreement(evaluation, weight, annotator_weights(evaluation, weight))


def annotator_weights(evaluation, weight):
    """How much an answer of each annotator tells, shape (n_annotators,)."""
    if evaluation.kind == "numbers":
        noise_std = np.maximum(evaluation.noise_std, LEAST)
        return (evaluation.confusion[:, 0, 0] / noise_std) ** 2
    weight = weight * (evaluation.annotations.answers_per_item > 0)
    prior = _mean_proba(evaluation.truth, weight)
    if isinstance(evaluation.confusion, LazyConfusion):
        every = matrices_of(evaluation.confusion, range(len(evaluation.confusion)))
        return np.concatenate([_told(matrix[None], prior) for matrix in every])
    return _told(evaluation.confusion, prior)


def _mean_proba(log_proba, weight):
    """Average probabilities over the items, (n_classes,)."""
    if not is_large(*log_proba.shape):
        return np.average(np.exp(log_proba), axis=0, weights=weight)
    blocks = row_blocks(*log_proba.shape)
    return sum(weight[b] @ np.exp(log_proba[b]) for b in blocks) / weight.sum()


def _told(confusion, prior):
    """Mutual information of truth and answer, (n_annotators,)."""
    joint = prior[:, None] * confusion
    chance = prior[:, None] * joint.sum(axis=1, keepdims=True)
    ratio = np.maximum(joint, LEAST) / np.maximum(chance, LEAST)
    return np.maximum((joint * np.log(ratio)).sum(axis=(1, 2)), LEAST)


def _agreement(evaluation, weight, of_annotator):
    answers = evaluation.annotations
    each = weight[answers.item] * of_annotator[evaluation.annotator]
    if evaluation.kind == "numbers":
        return weighted_r2(answers.answer, expected_ratings(evaluation), each)
    if evaluation.lengths is not None and is_span_scheme(answers.classes.tolist()):
        return _span_agreement(evaluation, weight, of_annotator)
    agrees = evaluation.predicted[answers.item] == answers.answer
    return np.average(agrees, weights=each)


def _span_agreement(evaluation, weight, of_annotator):
    """F1 over all pairs of a sequence and an annotator who tagged it."""
    answers, lengths = evaluation.annotations, evaluation.lengths
    n_sequences, n_annotators = len(lengths), len(of_annotator)
    sequence = np.repeat(np.arange(n_sequences), lengths)
    pair = sequence[answers.item] * n_annotators + evaluation.annotator
    pairs, of_answer = np.unique(pair, return_inverse=True)
    first = np.cumsum(lengths) - lengths
    rows, who = np.divmod(pairs, n_annotators)
    predicted = np.split(evaluation.predicted, first[1:])
    said = [predicted[row].copy() for row in rows]
    place = answers.item - first[rows][of_answer]
    for k, token, tag in zip(of_answer, place, answers.answer, strict=True):
        said[k][token] = tag
    tags = answers.classes.astype(object)
    return span_f1_score(
        [tags[codes] for codes in said],
        [tags[predicted[row]] for row in rows],
        sample_weight=weight[first][rows] * of_annotator[who],
    )
