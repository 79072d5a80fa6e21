"""Scores against what the answers to an item say together."""

import numpy as np

from skcrowd.aggregation import (
    dawid_skene,
    majority_vote,
    sequence_dawid_skene,
    weighted_mean,
)
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.annotations import SequenceAnnotations, is_span_scheme
from skcrowd.metrics._r2 import weighted_r2
from skcrowd.metrics._scorers import AnswerScorer
from skcrowd.metrics._spans import span_f1_score

__all__ = ["Consensus", "agreement_with_consensus", "squared_errors"]


class Consensus(AnswerScorer):
    """How far predictions agree with the consensus of the answers, ``consensus``.

    - Labels: the expected share of right predictions, mean of q(predicted class) over
      the items, where q is the posterior of Dawid and Skene's model, fitted to the
      answers that are scored and to nothing else; the answers themselves where no
      item has two.
    - Tag sequences that mark spans: F1 of the predicted spans against the best path of
      :func:`skcrowd.aggregation.sequence_dawid_skene`. Other tags: as labels.
    - Numbers: R² against the mean rating of each item, each rating freed of its
      annotator's bias and scale and weighted by what it tells, as the estimator knows
      annotators: the few ratings that are scored say too little of them.
    """

    def measure(self, evaluation, weight):
        """Infer the consensus, then compare; see :meth:`AnswerScorer.measure`."""
        if evaluation.kind == "numbers":
            return _explained_consensus(evaluation, weight)
        if evaluation.lengths is not None and is_span_scheme(_classes(evaluation)):
            return _span_consensus(evaluation, weight)
        answered = evaluation.annotations.answers_per_item > 0
        right = agreement_with_consensus(evaluation, weight)
        return np.average(right[answered], weights=weight[answered])


def agreement_with_consensus(evaluation, weight):
    """Probability that each prediction is right, by the answers alone, (n_items,)."""
    if evaluation.annotations.answers_per_item.max() > 1:
        with no_convergence_warning():
            inferred = dawid_skene(evaluation.annotations, sample_weight=weight)
        posterior = inferred.posterior
    else:
        posterior = majority_vote(evaluation.annotations)
    return posterior[np.arange(len(posterior)), evaluation.predicted]


def _classes(evaluation):
    return evaluation.annotations.classes.tolist()


def squared_errors(evaluation, weight):
    """Squared distance of each prediction to the consensus of its ratings."""
    with no_convergence_warning():
        mean = weighted_mean(evaluation.annotations, sample_weight=weight).mean
    return (evaluation.predicted - mean) ** 2


def _explained_consensus(evaluation, weight):
    """R² against the ratings of each item, freed of bias and scale."""
    item, n_items = evaluation.annotations.item, len(evaluation.predicted)
    scale, bias = evaluation.confusion[evaluation.annotator, 0].T
    variance = evaluation.noise_std[evaluation.annotator] ** 2
    freed = scale * (evaluation.annotations.answer - bias) / variance
    told = np.bincount(item, scale**2 / variance, n_items)
    answered = told > 0
    mean = np.bincount(item, freed, n_items)[answered] / told[answered]
    each = (weight * told)[answered]
    return weighted_r2(mean, evaluation.predicted[answered], each)


def _span_consensus(evaluation, weight):
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
