"""Scores of predicted classes that have an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._lazy_confusion import matrices_of
from skcrowd.annotations._lookup import positions
from skcrowd.metrics._gold_scorers import GoldScorer
from skcrowd.metrics._scorer_base import AnswerScorer, answer_weights

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, FloatArray, IntArray

    from ._answer_evaluation import AnswerEvaluation


__all__ = ["GoldNegRankError", "GoldQuadraticKappa", "OrdinalAgreement"]

SOFTENING = 0.5  # mean square distance that is added to that of every annotator


class OrdinalAgreement(AnswerScorer):
    """Closeness of answers and predictions on a scale, ``ordinal_agreement``.

    1 - mean distance of an answer to the prediction, in steps, divided by the mean
    distance of an answer to the prediction for another item: a weighted kappa with
    linear weights, 1 for equal and 0 for unrelated ones. An answer has the weight of
    its annotator, 1 / (0.5 + mean square distance of their answers to the truth by
    ``annotator_confusion_``).
    Classes are ordered as in ``class_order_``, or else sorted. Numbers, which are no
    classes, are taken as they are, with equal weights.

    References
    ----------
    J. Cohen. Weighted kappa. Psychological Bulletin 70(4), 1968. doi:10.1037/h0026256

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import get_scorer
    >>> X, truth = load_iris(return_X_y=True)
    >>> Y = make_annotations(truth, 5, random_state=0).annotations
    >>> clf = CrowdClassifier(ordinal=True, random_state=0).fit(X[::2], Y[::2])
    >>> get_scorer("ordinal_agreement")(clf, X[1::2], Y[1::2]) > 0.5
    True
    """

    def measure(self, evaluation: AnswerEvaluation, weight: FloatArray) -> float:
        """Compare distances; see :meth:`AnswerScorer.measure`."""
        a, w = evaluation.annotations, answer_weights(evaluation, weight)
        predicted, answer = evaluation.predicted, a.answer
        if evaluation.kind == "labels":
            ranks = evaluation.class_ranks
            ranks = np.arange(len(a.classes)) if ranks is None else ranks
            w = w * _closeness(evaluation, ranks, w)[evaluation.annotator]
            predicted, answer = ranks[predicted], ranks[answer]
        found = np.average(np.abs(answer - predicted[a.item]), weights=w)
        expected = _mean_distance(answer, predicted[a.item], w)
        if expected <= 0:  # all alike
            return 1.0
        return 1 - found / expected


def _closeness(
    evaluation: AnswerEvaluation, ranks: IntArray, weight: FloatArray
) -> FloatArray:
    """Return the weight of every annotator's answers, (n_annotators,)."""
    item = evaluation.annotations.item
    per_item = np.bincount(item, weight, evaluation.annotations.n_items)
    shares = np.average(np.exp(evaluation.truth), axis=0, weights=per_item)
    square = (ranks[:, None] - ranks) ** 2
    matrices = matrices_of(evaluation.confusion, range(len(evaluation.confusion)))
    error = np.array([shares @ (m * square).sum(axis=1) for m in matrices])
    closeness: FloatArray = 1 / (SOFTENING + error)
    return closeness


def _mean_distance(first: FloatArray, second: FloatArray, weight: FloatArray) -> float:
    """Return the mean of |x - y| over all pairs of both, each weighted.

    It is the integral of F(1 - G) + G(1 - F), where F and G are the distributions.
    """
    places = np.unique(np.concatenate([first, second]))
    shares = []
    for values in (first, second):
        at = np.bincount(np.searchsorted(places, values), weight, len(places))
        shares.append(np.cumsum(at)[:-1] / weight.sum())
    f, g = shares
    return float(((f * (1 - g) + g * (1 - f)) * np.diff(places)).sum())


class _OrderedGoldScorer(GoldScorer):
    """A score of predicted and true places on the scale of the classes."""

    def measure(
        self,
        model: Any,
        X: Any,
        y: AnswersLike,
        weight: FloatArray,
        rows: IntArray,
        gold: Any,
        lengths: dict[str, Any],
    ) -> float:
        """Compare predictions with gold; see :meth:`GoldScorer.measure`."""
        predicted = model.predict(X, **lengths)
        predicted = [predicted[row] for row in rows]
        weight = weight[rows]
        if lengths or (len(gold) and isinstance(gold[0], (list, tuple, np.ndarray))):
            counts = [len(tags) for tags in gold]
            predicted = np.concatenate(predicted)
            gold, weight = np.concatenate(list(gold)), np.repeat(weight, counts)
        classes = getattr(model, "classes_", None)
        if classes is None:
            return self.score(np.asarray(gold), np.asarray(predicted), weight)
        order = vars(model).get("class_order_", classes)
        true, found = (positions(np.asarray(v), order) for v in (gold, predicted))
        return self.score(true, found, weight)

    @staticmethod
    def score(true: Any, found: Any, weight: FloatArray) -> float:
        """Score places, all of shape (n_known,)."""
        raise NotImplementedError


class GoldNegRankError(_OrderedGoldScorer):
    """Minus the mean distance in steps to the true class, ``gold_neg_rank_error``.

    Over the items with gold. Classes are ordered as in ``class_order_``, or else
    sorted. For numbers it is minus the mean absolute error.
    """

    @staticmethod
    def score(true: Any, found: Any, weight: FloatArray) -> float:
        """Score places, all of shape (n_known,)."""
        return -float(np.average(np.abs(true - found), weights=weight))


class GoldQuadraticKappa(_OrderedGoldScorer):
    """Weighted kappa with squared distances, ``gold_quadratic_kappa``.

    1 - mean square distance of prediction and truth in steps, divided by that of
    unrelated ones with the same shares, over the items with gold. Classes are ordered
    as in ``class_order_``, or else sorted. Numbers are taken as they are.

    References
    ----------
    J. Cohen. Weighted kappa. Psychological Bulletin 70(4), 1968. doi:10.1037/h0026256
    """

    @staticmethod
    def score(true: Any, found: Any, weight: FloatArray) -> float:
        """Score places, all of shape (n_known,)."""
        mean_true, mean = (np.average(v, weights=weight) for v in (true, found))
        spread = np.average((true - mean_true) ** 2, weights=weight)
        spread += np.average((found - mean) ** 2, weights=weight)
        expected = spread + (mean_true - mean) ** 2
        if expected <= 0:
            return 1.0
        return float(1 - np.average((true - found) ** 2, weights=weight) / expected)
