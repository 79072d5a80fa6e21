"""Answers that are sets of labels."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import LABEL_AGGREGATORS

from ._answer_kind import AnswerKind, Fitted, Table, aggregator
from ._label_answers import nothing_known, of_labels

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["SETS"]


def _consensus(export: Export, method: str) -> Table:
    """Infer each label by itself, without features."""
    answers: Any = export.annotations
    applies = np.zeros((answers.n_items, answers.n_labels))
    for k in range(answers.n_labels):
        fitted = aggregator(LABEL_AGGREGATORS, method)
        fitted.fit(answers.decisions[k :: answers.n_labels])
        applies[:, k] = fitted.predict_proba()[:, 1]
    return _table(export, applies)


def _learned(export: Export, fitted: Fitted) -> Table:
    from skcrowd.inspection import insight

    answers: Any = export.annotations
    quality = insight(fitted.estimator).label_quality(
        fitted.X, answers, **fitted.options
    )
    applies = quality["probability"].to_numpy().reshape(-1, answers.n_labels)
    return _table(export, applies)


def _table(export: Export, applies: Any) -> Table:
    answers: Any = export.annotations
    header, rows = _labels_of(export.items, answers.classes, applies)
    counts = answers.answers_per_item.tolist()
    with_counts = (
        (item, labels, n, *proba)
        for (item, labels, *proba), n in zip(rows, counts, strict=True)
    )
    return Table([*header[:2], "n_answers", *header[2:]], with_counts)


def _labels_of(items: list[Any], classes: Any, applies: Any) -> Table:
    """Return items, their labels as JSON, and the probability of every label."""
    rows = (
        (item, json.dumps(classes[p > 0.5].tolist(), ensure_ascii=False), *p)
        for item, p in zip(items, applies, strict=True)
    )
    return Table(["item", "labels", *(f"P({label})" for label in classes)], rows)


def _agreement(annotations: Any) -> list[tuple[str, Any]]:
    """Return the coefficients of the decisions to tick a label or not."""
    return [(f"{name} of ticks", x) for name, x in of_labels(annotations.decisions)]


def _estimator(**settings: Any) -> Any:
    from skcrowd.estimators import CrowdMultilabelClassifier

    return CrowdMultilabelClassifier(**settings)


def _predictions(estimator: Any, items: list[Any], X: Any) -> Table:
    return _labels_of(items, estimator.classes_, estimator.predict_proba(X))


SETS = AnswerKind(
    "sets of labels",
    list(LABEL_AGGREGATORS),
    _consensus,
    _learned,
    _agreement,
    _estimator,
    ["f1"],
    lambda export, settings: nothing_known(_estimator(**settings), export),
    _predictions,
)
