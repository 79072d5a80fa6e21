"""Scores against what the answers to an item say together."""

import numpy as np

from skcrowd.aggregation import (
    dawid_skene,
    majority_vote,
    sequence_dawid_skene,
    weighted_mean,
)
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

    def measure(self, judged, weight):
        """Infer the consensus, then compare; see :meth:`AnswerScorer.measure`."""
        if judged.kind == "numbers":
            return _explained_consensus(judged, weight)
        if judged.lengths is not None and is_span_scheme(_classes(judged)):
            return _span_consensus(judged, weight)
        answered = judged.annotations.answers_per_item > 0
        right = agreement_with_consensus(judged, weight)
        return np.average(right[answered], weights=weight[answered])


def agreement_with_consensus(judged, weight):
    """Probability that each prediction is right, by the answers alone, (n_items,)."""
    if judged.annotations.answers_per_item.max() > 1:
        posterior = dawid_skene(judged.annotations, sample_weight=weight).posterior
    else:
        posterior = majority_vote(judged.annotations)
    return posterior[np.arange(len(posterior)), judged.predicted]


def _classes(judged):
    return judged.annotations.classes.tolist()


def squared_errors(judged, weight):
    """Squared distance of each prediction to the consensus of its ratings."""
    mean = weighted_mean(judged.annotations, sample_weight=weight).mean
    return (judged.predicted - mean) ** 2


def _explained_consensus(judged, weight):
    """R² against the ratings of each item, freed of bias and scale."""
    item, n_items = judged.annotations.item, len(judged.predicted)
    scale, bias = judged.confusion[judged.annotator, 0].T
    variance = judged.noise_std[judged.annotator] ** 2
    freed = scale * (judged.annotations.answer - bias) / variance
    told = np.bincount(item, scale**2 / variance, n_items)
    answered = told > 0
    mean = np.bincount(item, freed, n_items)[answered] / told[answered]
    each = (weight * told)[answered]
    return weighted_r2(mean, judged.predicted[answered], each)


def _span_consensus(judged, weight):
    """F1 of the spans in the sequences that somebody tagged."""
    lengths, answers = judged.lengths, judged.annotations
    first = np.cumsum(lengths) - lengths
    n_tags = np.add.reduceat(answers.answers_per_item, first)
    rows = np.flatnonzero((n_tags > 0) & (weight[first] > 0))
    tagged = SequenceAnnotations(answers, lengths)[rows]
    tags = answers.classes.astype(object)
    predicted = np.split(tags[judged.predicted], first[1:])
    best = tags[sequence_dawid_skene(tagged).tags]
    return span_f1_score(
        np.split(best, tagged.offsets[1:-1]),
        [predicted[row] for row in rows],
        sample_weight=weight[first][rows],
    )
