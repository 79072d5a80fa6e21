"""Answers that are spans of text, as tags of tokens."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from skcrowd.aggregation import sequence_dawid_skene
from skcrowd.metrics import agreement

from ._answer_kind import SETTINGS, AnswerKind, Fitted, Table

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["TAGS"]


def _consensus(export: Export, method: str) -> Table:
    annotations: Any = export.annotations
    inferred = sequence_dawid_skene(annotations)
    return _table(export, annotations.split(annotations.classes[inferred.tags]))


def _learned(export: Export, fitted: Fitted) -> Table:
    return _table(export, fitted.estimator.inferred_tags_)


def _table(export: Export, tags: Any) -> Table:
    """Return items, tags and spans, the latter two as JSON."""
    tokens: Any = export.tokens
    spans = tokens.spans(tags)
    rows = (
        (item, _as_json(list(map(str, listed))), _as_json(list(map(list, found))))
        for item, listed, found in zip(export.items, tags, spans, strict=True)
    )
    return Table(["item", "tags", "spans"], rows)


def _as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _agreement(annotations: Any) -> list[tuple[str, Any]]:
    alpha = agreement.krippendorff_alpha(annotations.tokens, **SETTINGS)
    return [("Krippendorff's alpha of the tags", alpha)]


def _estimator(**settings: Any) -> Any:
    from skcrowd.estimators import CrowdSequenceTagger

    return CrowdSequenceTagger(**settings)


def _fit(export: Export, settings: dict[str, Any]) -> Fitted:
    tokens: Any = export.tokens
    estimator = _estimator(**settings).fit(tokens, export.annotations)
    return Fitted(estimator, tokens, {})


def _predictions(estimator: Any, items: list[Any], X: Any) -> Table:
    """Return the spans in new texts."""
    found = estimator.predict_spans(X)
    rows = (
        (item, _as_json(list(map(list, spans))))
        for item, spans in zip(items, found, strict=True)
    )
    return Table(["item", "spans"], rows)


TAGS = AnswerKind(
    "spans",
    [],
    _consensus,
    _learned,
    _agreement,
    _estimator,
    ["f1", "accuracy"],
    _fit,
    _predictions,
    learns_texts=True,
)
