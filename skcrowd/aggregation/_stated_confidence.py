"""What the stated confidence of an answer says of it, learned for each annotator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.special import expit, ndtri, softmax

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = ["ConfidenceCurves", "confidence_scores", "fit_confidence"]

N_ITER = 15
N_NEWTON = 3
FIRST_ACCURACY = 0.7
LARGEST_ACCURACY = 0.995
LARGEST_LOGIT = 6.0
LEAST_LOGIT_VARIANCE = 1e-2  # of the intercepts in the crowd
LEAST_SLOPE_VARIANCE = 1e-3
OWN_SCALE = 10.0  # answers from which on an annotator's own scale counts more
DAMPING = 0.3  # log-odds; answers near chance get no unbounded power
LARGEST_POWER = 3.0


class ConfidenceCurves(NamedTuple):
    """How the chance of being right depends on the stated confidence.

    ``logit p(right) = level + slope * score``, with the score of
    :func:`confidence_scores`.

    Attributes
    ----------
    level, slope : ndarray of shape (n_annotators,)
    power : ndarray of shape (n_answers,)
        Power of the likelihood of each answer: the log-odds of its being right, over
        those of a typical answer of the annotator; 1 where no confidence was stated.
    """

    level: FloatArray
    slope: FloatArray
    power: FloatArray


def fit_confidence(
    annotations: Annotations,
    *,
    count: FloatArray | None = None,
    sample_weight: FloatArray | None = None,
    gold: IntArray | None = None,
) -> ConfidenceCurves:
    """Learn for each annotator what stated confidences are worth.

    Expectation-maximisation: given how probably each answer is right, a logistic
    regression on the confidence for each annotator, whose level and slope are shrunk
    to those of the crowd, with variances that are estimated, too (empirical Bayes);
    given these, the truth of every item, with errors spread evenly over the classes.
    So an annotator who is always sure loses nothing, confidences that say nothing get
    the slope 0, and ones that are turned round a negative slope.

    Parameters
    ----------
    annotations : Annotations
        Labels with `confidence`.
    count : ndarray of shape (n_answers,), default=None
        Weights of the answers.
    sample_weight : ndarray of shape (n_items,), default=None
        Nothing is learned from items of weight 0.
    gold : int64 ndarray of shape (n_items,), default=None
        Code of the known class; -1 where it is not known.

    Returns
    -------
    curves : ConfidenceCurves
    """
    a, confidence = annotations, np.asarray(annotations.confidence)
    n_classes = len(a.classes)
    stated = np.isfinite(confidence)
    score = np.zeros(a.n_answers)
    score[stated] = confidence_scores(
        confidence[stated], a.annotator[stated], a.n_annotators
    )
    level, slope = np.zeros((2, a.n_annotators))
    if n_classes < 2 or not score.any():
        return ConfidenceCurves(level, slope, np.ones(a.n_answers))
    count = np.ones(a.n_answers) if count is None else count
    counted = count if sample_weight is None else count * sample_weight[a.item]
    model = _Regressions(a.annotator, score, counted, a.n_annotators)
    model.level[:] = np.log(FIRST_ACCURACY / (1 - FIRST_ACCURACY))
    known = None if gold is None else np.flatnonzero(gold >= 0)
    for _ in range(N_ITER):
        evidence = count * _log_odds(expit(model.logit()), n_classes)
        shape = a.n_items, n_classes
        joint = coo_array((evidence, (a.item, a.answer)), shape).toarray()
        truth = softmax(joint, axis=1)
        if known is not None:
            truth[known] = 0
            truth[known, np.asarray(gold)[known]] = 1
        model.fit(truth[a.item, a.answer])
    power = np.where(stated, _powers(model, a, n_classes), 1.0)
    return ConfidenceCurves(model.level, model.slope, power)


def confidence_scores(
    confidence: FloatArray, annotator: IntArray, n_annotators: int
) -> FloatArray:
    """Bring stated confidences of any scale to one of mean 0 and variance 1.

    The normal score of a number's rank, among the annotator's own numbers as far as
    there are many, and among all numbers. No monotone change of the scale changes it.

    Parameters
    ----------
    confidence : ndarray of shape (n_stated,)
    annotator : int64 ndarray of shape (n_stated,)
    n_annotators : int

    Returns
    -------
    score : ndarray of shape (n_stated,)
        0 if all numbers are equal.
    """
    if not confidence.size:
        return np.zeros(0)
    n_own = np.bincount(annotator, minlength=n_annotators)[annotator]
    own = _normal_scores(confidence, annotator)
    crowd = _normal_scores(confidence, np.zeros_like(annotator))
    share = n_own / (n_own + OWN_SCALE)
    score = share * own + (1 - share) * crowd
    score = score - score.mean()
    spread = score.std()
    scaled: FloatArray = score / spread if spread > 1e-9 else np.zeros_like(score)
    return scaled


def _normal_scores(values: FloatArray, group: IntArray) -> FloatArray:
    """Return normal quantiles of the mid-ranks within each group."""
    order = np.lexsort((values, group))
    sorted_group, sorted_values = group[order], values[order]
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (np.diff(sorted_group) != 0) | (np.diff(sorted_values) != 0)
    tie = np.cumsum(is_new) - 1
    n_tied = np.bincount(tie)
    begin = np.cumsum(n_tied) - n_tied
    n_group = np.bincount(group)
    group_begin = np.cumsum(n_group) - n_group
    of_tie = sorted_group[begin]
    rank = begin - group_begin[of_tie] + n_tied / 2
    score = np.empty(len(order))
    score[order] = ndtri(rank / n_group[of_tie])[tie]
    return score


class _Regressions:
    """A logistic regression for each annotator, shrunk to the crowd's.

    Parameters
    ----------
    annotator : int64 ndarray of shape (n_answers,)
    score, weight : ndarray of shape (n_answers,)
    n_annotators : int
    """

    def __init__(
        self, annotator: IntArray, score: FloatArray, weight: Any, n_annotators: int
    ) -> None:
        self.annotator, self.score, self.weight = annotator, score, weight
        self.n_annotators = n_annotators
        self.level, self.slope = np.zeros((2, n_annotators))
        self.answered = self._sums(np.ones(len(annotator))) > 0
        self.crowd = np.array([1.0, 0.0])
        self.variance = np.array([1.0, 0.25])

    def logit(self) -> FloatArray:
        """Return the logit of the chance that each answer is right, (n_answers,)."""
        logit = self.level[self.annotator] + self.slope[self.annotator] * self.score
        return np.clip(logit, -LARGEST_LOGIT, LARGEST_LOGIT)

    def fit(self, right: FloatArray) -> None:
        """Make some Newton steps towards the probabilities of being right."""
        for _ in range(N_NEWTON):
            logit = self.logit()
            mean = expit(logit)
            curve = mean * (1 - mean) + 1e-6
            target = logit + (right - mean) / curve
            self._solve(curve, target)

    def _solve(self, curve: FloatArray, target: FloatArray) -> None:
        s = self.score
        n, x, xx = (self._sums(curve * v) for v in (np.ones(len(s)), s, s * s))
        y, xy = self._sums(curve * target), self._sums(curve * target * s)
        precision = 1 / self.variance
        n, xx = n + precision[0], xx + precision[1]
        y, xy = y + precision[0] * self.crowd[0], xy + precision[1] * self.crowd[1]
        determinant = n * xx - x**2
        self.level = (xx * y - x * xy) / determinant
        self.slope = (n * xy - x * y) / determinant
        self._update_crowd(xx / determinant, n / determinant)

    def _update_crowd(self, level_var: FloatArray, slope_var: FloatArray) -> None:
        """Estimate the mean and the variance of levels and slopes."""
        if not self.answered.any():
            return
        values = np.stack([self.level, self.slope])[:, self.answered]
        doubt = np.stack([level_var, slope_var])[:, self.answered]
        self.crowd = values.mean(axis=1)
        spread = ((values - self.crowd[:, None]) ** 2 + doubt).mean(axis=1)
        least = [LEAST_LOGIT_VARIANCE, LEAST_SLOPE_VARIANCE]
        self.variance = np.maximum(spread, least)

    def _sums(self, values: Array) -> FloatArray:
        total = np.bincount(self.annotator, self.weight * values, self.n_annotators)
        return np.asarray(total, dtype=np.float64)


def _log_odds(accuracy: FloatArray, n_classes: int) -> FloatArray:
    """Return the log-odds of the answered class against another, at least 0."""
    accuracy = np.clip(accuracy, 1 / n_classes, LARGEST_ACCURACY)
    return np.log(accuracy * (n_classes - 1)) - np.log1p(-accuracy)


def _powers(model: _Regressions, a: Annotations, n_classes: int) -> FloatArray:
    """Return the powers of the likelihoods; see :class:`ConfidenceCurves`."""
    accuracy = expit(model.logit())
    n_answers = np.maximum(a.answers_per_annotator, 1)
    usual = np.bincount(a.annotator, accuracy, a.n_annotators) / n_answers
    odds = _log_odds(accuracy, n_classes) + DAMPING
    usual_odds = _log_odds(usual, n_classes)[a.annotator] + DAMPING
    return np.minimum(odds / usual_odds, LARGEST_POWER)
