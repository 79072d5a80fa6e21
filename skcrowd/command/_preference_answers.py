"""Answers that prefer one of two items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import COMPARISON_AGGREGATORS
from skcrowd.annotations import Annotations

from ._answer_kind import AnswerKind, Fitted, Table, aggregator
from ._label_answers import of_labels

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["PAIRS"]

DEFAULT = "crowd_bradley_terry"


def _consensus(export: Export, method: str) -> Table:
    scores = aggregator(COMPARISON_AGGREGATORS, method).fit(export.annotations)
    return _table(export, scores.predict())


def _learned(export: Export, fitted: Fitted) -> Table:
    from skcrowd.inspection import insight

    return _table(export, insight(fitted.estimator).score_items(fitted.X))


def _table(export: Export, scores: Any) -> Table:
    """Return items, the best first, with scores and how often they were compared."""
    y: Any = export.annotations
    n = np.bincount(np.concatenate([y.first, y.second]), minlength=y.n_items)
    order = np.argsort(-scores, kind="stable").tolist()
    rows = ((export.items[k], scores[k], rank, n[k]) for rank, k in enumerate(order, 1))
    return Table(["item", "score", "rank", "n_comparisons"], rows)


def _agreement(comparisons: Any) -> list[tuple[str, Any]]:
    """Return the coefficients of preferences of pairs, in whichever order shown."""
    both = np.stack([comparisons.first, comparisons.second], axis=1)
    is_swapped = both[:, 0] > both[:, 1]
    _, pair = np.unique(np.sort(both, axis=1), axis=0, return_inverse=True)
    said = np.where(is_swapped, np.array([1, 0, 2])[comparisons.outcome], 0)
    said = np.where(is_swapped, said, comparisons.outcome)
    # Who compares a pair again is counted once, with the last answer.
    keys = np.stack([pair.ravel(), comparisons.annotator], axis=1)[::-1]
    keys, first = np.unique(keys, axis=0, return_index=True)
    annotations = Annotations.from_long(
        keys[:, 0],
        keys[:, 1],
        said[::-1][first],
        n_items=int(pair.max()) + 1,
        annotator_ids=np.arange(comparisons.n_annotators),
    )
    return of_labels(annotations)


def _estimator(**settings: Any) -> Any:
    from skcrowd.estimators import CrowdClassifier, CrowdRanker

    return CrowdRanker(CrowdClassifier(method="confusion_layer", **settings))


def _from_scores(export: Export, settings: dict[str, Any]) -> Fitted:
    """Learn of annotators, where the only feature of an item is its inferred score."""
    from torch import nn, ones

    scores = aggregator(COMPARISON_AGGREGATORS, DEFAULT).fit(export.annotations)
    X = scores.predict()[:, None].astype(np.float32)
    scorer = nn.Linear(1, 1, bias=False)
    scorer.weight.data = ones(1, 1)
    ranker = _estimator(**settings)
    ranker.set_params(classifier__module=scorer)
    return Fitted(ranker.fit(X, export.annotations), X, {"cv": "prefit"})


def _predictions(estimator: Any, items: list[Any], X: Any) -> Table:
    scores = estimator.score_items(X)
    return Table(["item", "score"], zip(items, scores, strict=True))


PAIRS = AnswerKind(
    "preferences",
    [DEFAULT, *(name for name in COMPARISON_AGGREGATORS if name != DEFAULT)],
    _consensus,
    _learned,
    _agreement,
    _estimator,
    ["accuracy"],
    _from_scores,
    _predictions,
)
