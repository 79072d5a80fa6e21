"""Answers that are numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrowd.aggregation import RATING_AGGREGATORS
from skcrowd.metrics import agreement

from ._answer_kind import SETTINGS, AnswerKind, Fitted, Table, aggregator
from ._label_answers import nothing_known

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["RATINGS"]


def _consensus(export: Export, method: str) -> Table:
    annotations: Any = export.annotations
    ratings = aggregator(RATING_AGGREGATORS, method).fit(annotations).predict()
    columns = export.items, ratings, annotations.answers_per_item
    return Table(["item", "rating", "n_answers"], zip(*columns, strict=True))


def _learned(export: Export, fitted: Fitted) -> Table:
    from skcrowd.inspection import insight

    quality = insight(fitted.estimator).label_quality(
        fitted.X, export.annotations, **fitted.options
    )
    columns = [quality[name] for name in ("consensus", "std", "n_answers")]
    rows = zip(export.items, *columns, strict=True)
    return Table(["item", "rating", "std", "n_answers"], rows)


def _agreement(annotations: Any) -> list[tuple[str, Any]]:
    alpha = agreement.krippendorff_alpha(annotations, level="interval", **SETTINGS)
    correlation = agreement.intraclass_correlation(annotations, **SETTINGS)
    return [
        ("Krippendorff's alpha (interval)", alpha),
        ("intraclass correlation", correlation),
    ]


def _estimator(**settings: Any) -> Any:
    from skcrowd.estimators import CrowdRegressor

    return CrowdRegressor(**settings)


def _predictions(estimator: Any, items: list[Any], X: Any) -> Table:
    return Table(["item", "rating"], zip(items, estimator.predict(X), strict=True))


RATINGS = AnswerKind(
    "ratings",
    list(RATING_AGGREGATORS),
    _consensus,
    _learned,
    _agreement,
    _estimator,
    ["noise_std"],
    lambda export, settings: nothing_known(_estimator(**settings), export),
    _predictions,
    is_error=True,
)
