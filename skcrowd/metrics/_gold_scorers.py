"""Scores by the few items whose truth is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import is_regressor

from skcrowd._sklearn_compat import _num_samples, _safe_indexing
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._known import gold_by_row
from skcrowd.annotations._lookup import positions
from skcrowd.annotations._weights import read_weight
from skcrowd.metrics._answer_scorers import LEAST
from skcrowd.metrics._consensus_scorers import agreement_with_consensus, squared_errors
from skcrowd.metrics._known_gold import known_gold
from skcrowd.metrics._scorer_base import CrowdScorer, transformed
from skcrowd.metrics._structured_agreement import StructuredAgreement

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        Array,
        ArrayLike,
        Features,
        FloatArray,
        IntArray,
    )

    from ._answer_evaluation import AnswerEvaluation


__all__ = [
    "CorrectedConsensus",
    "GoldAndAnswers",
    "GoldLogLikelihood",
    "GoldScore",
    "GoldScorer",
]

FEW = 20  # pseudo-count: true labels' worth of the prior guess λ = 1


class GoldScorer(CrowdScorer):
    """A score that needs true labels of some items, ``gold``.

    It asks for ``gold`` by metadata routing, so that ``fit(X, Y, gold=gold)`` of a
    search brings it the labels of every fold. A subclass has :meth:`measure`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import get_scorer
    >>> X, truth = load_iris(return_X_y=True)
    >>> Y = make_annotations(truth, 5, random_state=0).annotations
    >>> clf = CrowdClassifier(random_state=0).fit(X[::2], Y[::2])
    >>> X, Y, gold = X[1::2], Y[1::2], truth[1::2].copy()
    >>> gold[1::5] = gold[2::5] = gold[3::5] = -1  # not known
    >>> get_scorer("gold_score")(clf, X, Y, gold=gold) > 0.9
    True
    >>> # in no unit, to rank models
    >>> get_scorer("gold_and_answers")(clf, X, Y, gold=gold) < 0.9
    True
    """

    _requests = {"gold": True, **CrowdScorer._requests}
    _may_be_empty = False  # whether a part without gold can be scored

    def __call__(
        self,
        estimator: Any,
        X: Features,
        y: AnswersLike = None,
        sample_weight: ArrayLike | None = None,
        *,
        gold: ArrayLike | dict[str, Any] | None = None,
        lengths: ArrayLike | None = None,
    ) -> float:
        """Score a fitted estimator.

        Parameters
        ----------
        estimator : object
            A fitted estimator of skcrowd, a Pipeline that ends in one, a search over
            one, or a FrozenEstimator around one.
        X : array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators), default=None
            ``corrected_consensus`` and ``gold_and_answers`` need them, the others look
            at `gold` alone.
        sample_weight : array-like of shape (n_samples,), default=None
        gold : array-like of shape (n_samples,) or dict
            True labels, numbers or tag sequences of some items, one for each row, or a
            dict from row to truth, as for ``fit``. NaN, None, NA, the
            empty string, masked entries and, among labels, -1 (unless it is a class)
            mean that the truth is not known.
        lengths : array-like of shape (n_samples,), default=None
            Tokens of every sequence of a padded ``X`` of CrowdSequenceTagger.

        Returns
        -------
        score : float

        Raises
        ------
        TypeError
            If no estimator of skcrowd is found.
        ValueError
            If `gold` is missing, of a wrong length, or holds no label.
        """
        given = {"y": y, "sample_weight": sample_weight, "gold": gold}
        check_aligned(X=X, **given, lengths=lengths)
        gold = gold_by_row(gold, _num_samples(X), X, y)
        model, X, y = transformed(estimator, X, y)
        n_samples = _num_samples(X)
        classes = getattr(model, "classes_", None)
        rows, values = known_gold(
            gold, n_samples, classes, may_be_empty=self._may_be_empty
        )
        weight = read_weight(sample_weight, n_samples)
        cuts = {} if lengths is None else {"lengths": np.asarray(lengths)}
        return float(self.measure(model, X, y, weight, rows, values, cuts))

    def measure(
        self,
        model: Any,
        X: Features,
        y: AnswersLike,
        weight: Array,
        rows: IntArray,
        gold: Array,
        lengths: dict[str, Any],
    ) -> float:
        """Score an estimator of skcrowd.

        Parameters
        ----------
        model : CrowdClassifier, CrowdRegressor or CrowdSequenceTagger
        X, y : object
            As given, transformed.
        weight : ndarray of shape (n_samples,)
        rows : int64 ndarray of shape (n_known,)
            Samples whose truth is known.
        gold : ndarray of shape (n_known,)
            Their truth.
        lengths : dict
            ``lengths`` of a padded ``X``, or nothing.

        Returns
        -------
        score : float
            Higher is better.
        """
        raise NotImplementedError


class GoldScore(GoldScorer):
    """The estimator's own score of the items with gold, ``gold_score``.

    Accuracy, R² or, for tags that mark spans, F1.
    """

    def measure(
        self,
        model: Any,
        X: Features,
        y: AnswersLike,
        weight: FloatArray,
        rows: IntArray,
        gold: Any,
        lengths: dict[str, Any],
    ) -> float:
        """Score true labels; see :meth:`GoldScorer.measure`."""
        X, lengths = _selected(X, lengths, rows)
        return model.score(X, gold, sample_weight=weight[rows], **lengths)


class GoldLogLikelihood(GoldScorer):
    """Mean log-probability of the items with gold, ``gold_log_likelihood``.

    Of the true class or tag, by ``predict_proba``; for numbers the log-density of the
    true number about the prediction, with ``prediction_std_``. A
    confident error lowers it much.
    """

    def measure(
        self,
        model: Any,
        X: Features,
        y: AnswersLike,
        weight: FloatArray,
        rows: IntArray,
        gold: Any,
        lengths: dict[str, Any],
    ) -> float:
        """Look up true labels; see :meth:`GoldScorer.measure`."""
        X, lengths = _selected(X, lengths, rows)
        if is_regressor(model):
            mean, std = model.predict(X, return_std=True)
            values = -0.5 * (((gold - mean) / std) ** 2 + np.log(2 * np.pi * std**2))
            return np.average(values, weights=weight[rows])
        proba, gold, counts = _by_token(model.predict_proba(X, **lengths), gold)
        codes = _codes(gold, model.classes_)
        log_proba = np.log(np.maximum(proba[np.arange(len(gold)), codes], LEAST))
        return np.average(log_proba, weights=np.repeat(weight[rows], counts))


class CorrectedConsensus(GoldScorer):
    """Agreement with the consensus, corrected by true labels, ``corrected_consensus``.

    The share of correct predictions: λ · mean of c over all items + mean of
    (correct - λ · c) over the items with gold, where c is the probability that the
    prediction is right by Dawid and Skene's model of the answers (as in ``consensus``).
    The second mean removes the bias of the first. λ is 1 for a handful of true labels,
    and approaches the value of least variance with more of them. For tags it counts
    tokens; for numbers it is minus the mean squared error, estimated in the same way.

    References
    ----------
    A. N. Angelopoulos, S. Bates, C. Fannjiang, M. I. Jordan, T. Zrnic.
    Prediction-powered inference. Science 382, 2023. A. N. Angelopoulos, J. C. Duchi,
    T. Zrnic. PPI++: efficient prediction-powered inference, 2023, arXiv:2311.01453. λ
    shrunk to 1 is our choice.
    """

    def measure(
        self,
        model: Any,
        X: Features,
        y: AnswersLike,
        weight: FloatArray,
        rows: IntArray,
        gold: Any,
        lengths: dict[str, Any],
    ) -> float:
        """Correct the consensus; see :meth:`GoldScorer.measure`."""
        evaluation = model.evaluate_answers(X, y, **lengths)
        weight = evaluation.item_weight(weight)
        answered = evaluation.annotations.answers_per_item > 0
        items, gold = _items(evaluation, rows, gold)
        if evaluation.kind == "numbers":
            by_answers = -squared_errors(evaluation, weight)
            by_gold = -((evaluation.predicted[items] - gold) ** 2)
        else:
            by_answers = agreement_with_consensus(evaluation, weight)
            by_gold = evaluation.predicted[items] == _codes(gold, model.classes_)
        everywhere = np.average(by_answers[answered], weights=weight[answered])
        return corrected_mean(everywhere, by_answers[items], by_gold, weight[items])


class GoldAndAnswers(GoldScorer):
    """True labels and answers together, ``gold_and_answers``.

    (m · ``gold_score`` + worth · ``structured_agreement``) / (m + worth), for m samples
    with gold: the answers have the weight of `worth` true labels. Without gold it is
    ``structured_agreement``. It ranks models only: it estimates no quantity, because
    the two scores are not in the same unit.

    Parameters
    ----------
    worth : float, default=100.0
        Number of true labels that the answers are worth.

    Notes
    -----
    Our own combination; ``docs/guide/scores.md`` has the measurements.
    """

    _may_be_empty = True

    def __init__(self, worth: float = 100.0) -> None:
        self.worth = worth

    def measure(
        self,
        model: Any,
        X: Features,
        y: AnswersLike,
        weight: FloatArray,
        rows: IntArray,
        gold: Any,
        lengths: dict[str, Any],
    ) -> float:
        """Average both; see :meth:`GoldScorer.measure`."""
        by_answers = StructuredAgreement()(model, X, y, weight, **lengths)
        if not len(rows):
            return by_answers
        by_gold = GoldScore().measure(model, X, y, weight, rows, gold, lengths)
        total = len(rows) + self.worth
        return (len(rows) * by_gold + self.worth * by_answers) / total


def corrected_mean(
    everywhere: float, by_answers: FloatArray, by_gold: Array, weight: FloatArray
) -> float:
    """Estimate a mean known for a few items, with a proxy known for all (PPI++).

    Parameters
    ----------
    everywhere : float
        Mean of the proxy over all items.
    by_answers, by_gold : ndarray of shape (n_known,)
        The proxy, and the quantity that it approximates, of the items with gold.
    weight : ndarray of shape (n_known,)

    Returns
    -------
    mean : float
    """
    by_gold = by_gold.astype(np.float64)
    proxy, seen = (np.average(v, weights=weight) for v in (by_answers, by_gold))
    deviation = by_answers - proxy
    variance = np.average(deviation**2, weights=weight)
    covariance = np.average(deviation * (by_gold - seen), weights=weight)
    # Cov(proxy, seen) / Var(proxy) minimises the variance of the estimate (PPI++).
    optimum = np.clip(covariance / variance, 0, 1) if variance else 1.0
    factor = (len(by_gold) * optimum + FEW) / (len(by_gold) + FEW)
    return factor * (everywhere - proxy) + seen


def _selected(
    X: Features, lengths: dict[str, Any], rows: IntArray
) -> tuple[Any, dict[str, Any]]:
    lengths = {name: values[rows] for name, values in lengths.items()}
    return _safe_indexing(X, rows), lengths


def _by_token(proba: Any, gold: Any) -> tuple[FloatArray, Array, IntArray]:
    """Concatenate sequences; items are sequences of one token."""
    if not isinstance(proba, list):
        return proba, gold, np.ones(len(gold), dtype=np.int64)
    counts = np.array([len(tags) for tags in gold])
    return np.concatenate(proba), np.concatenate([*gold]), counts


def _items(
    evaluation: AnswerEvaluation, rows: IntArray, gold: Any
) -> tuple[IntArray, Array]:
    """Return positions and truth of the items of some rows of X."""
    if evaluation.lengths is None or not isinstance(gold[0], (list, tuple, np.ndarray)):
        return rows, gold
    first = np.cumsum(evaluation.lengths) - evaluation.lengths
    places = [
        np.arange(f, f + n) for f, n in zip(first, evaluation.lengths, strict=True)
    ]
    return np.concatenate([places[row] for row in rows]), np.concatenate([*gold])


def _codes(gold: Any, classes: Any) -> IntArray:
    """Return the position of every true label among the classes."""
    codes = positions(np.asarray(gold), classes)
    if (codes < 0).any():
        unknown = np.asarray(gold)[codes < 0][:1].tolist()[0]
        raise ValueError(
            f"gold holds {unknown!r}, which is none of the classes "
            f"{classes.tolist()!r}; leave it out, or fit with classes=."
        )
    return codes
