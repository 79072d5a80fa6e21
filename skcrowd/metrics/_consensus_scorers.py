"""Scores of predictions against the consensus of the answers to an item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation import (
    dawid_skene,
    majority_vote,
    sequence_dawid_skene,
    weighted_mean,
)
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.aggregation._rating_posterior import rating_sums
from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._span_tags import is_span_scheme
from skcrowd.metrics._r2 import weighted_r2
from skcrowd.metrics._scorer_base import AnswerScorer
from skcrowd.metrics._spans import span_f1_score

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray

    from ._answer_evaluation import AnswerEvaluation


__all__ = ["Consensus", "agreement_with_consensus", "squared_errors"]


class Consensus(AnswerScorer):
    """Agreement of predictions with the consensus of the answers, ``consensus``.

    - Labels: the expected share of correct predictions, mean of q(predicted class) over
      the items, where q is the posterior of Dawid and Skene's model, fitted to the
      answers that are scored and to nothing else; the answers themselves where no
      item has two.
    - Tag sequences that mark spans: F1 of the predicted spans against the best path of
      :func:`skcrowd.aggregation.sequence_dawid_skene`. Other tags: as labels.
    - Numbers: R² against the precision-weighted mean of (rating - bias) / scale of each
      item, with precision scale² / noise_var. Bias, scale and noise are those of the
      estimator, because few ratings are scored, too few to estimate them anew.
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Infer the consensus, then compare; see :meth:`AnswerScorer.measure`."""
        if evaluation.kind == "numbers":
            return _explained_consensus(evaluation, weight)
        if evaluation.lengths is not None and is_span_scheme(_classes(evaluation)):
            return _span_consensus(evaluation, weight)
        answered = evaluation.annotations.answers_per_item > 0
        agreement = agreement_with_consensus(evaluation, weight)
        return np.average(agreement[answered], weights=weight[answered])


def agreement_with_consensus(
    evaluation: AnswerEvaluation, weight: FloatArray
) -> FloatArray:
    """Return the probability that each prediction is correct, by the answers alone."""
    if evaluation.annotations.answers_per_item.max() > 1:
        with no_convergence_warning():
            inferred = dawid_skene(evaluation.annotations, sample_weight=weight)
        posterior = inferred.posterior
    else:
        posterior = majority_vote(evaluation.annotations)
    return posterior[np.arange(len(posterior)), evaluation.predicted]


def _classes(evaluation: AnswerEvaluation) -> list[str]:
    return evaluation.annotations.classes.tolist()


def squared_errors(evaluation: AnswerEvaluation, weight: FloatArray) -> FloatArray:
    """Squared distance of each prediction to the consensus of its ratings."""
    with no_convergence_warning():
        mean = weighted_mean(evaluation.annotations, sample_weight=weight).mean
    return (evaluation.predicted - mean) ** 2


def _explained_consensus(evaluation: AnswerEvaluation, weight: FloatArray) -> float:
    """Return R² against the mean of (rating - bias) / scale of each item."""
    scale, bias = evaluation.confusion[evaluation.annotator, 0].T
    noise_var = evaluation.noise_std[evaluation.annotator] ** 2
    residual = evaluation.annotations.answer - bias
    precision, weighted = rating_sums(
        evaluation.annotations, residual, scale, noise_var
    )
    answered = precision > 0
    mean = weighted[answered] / precision[answered]
    item_weight = (weight * precision)[answered]
    return weighted_r2(mean, evaluation.predicted[answered], item_weight)


def _span_consensus(evaluation: AnswerEvaluation, weight: FloatArray) -> float:
    """F1 of the spans in the sequences that somebody tagged."""
    lengths, answers = evaluation.lengths, evaluation.annotations
    first = np.cumsum(lengths) - lengths
    n_tags = np.add.reduceat(answers.answers_per_item, first)
    rows = np.flatnonzero((n_tags > 0) & (weight[first] > 0))
    tagged = SequenceAnnotations(answers, lengths)[rows]
    tags = answers.classes.astype(object)
    predicted = np.split(tags[evaluation.predicted], first[1:])
    with no_convergence_warning():
        best = tags[sequence_dawid_skene(tagged).tags]
    return span_f1_score(
        np.split(best, tagged.offsets[1:-1]),
        [predicted[row] for row in rows],
        sample_weight=weight[first][rows],
    )
