"""Answers that are labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import LABEL_AGGREGATORS
from skcrowd.metrics import agreement

from ._answer_kind import SETTINGS, AnswerKind, Fitted, Table, aggregator

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["LABELS", "classifier", "consensus", "learned", "nothing_known", "of_labels"]

_HEADER = ["item", "label", "probability", "n_answers", "agreement"]


def consensus(export: Export, method: str) -> Table:
    """Return the most probable label of each item, inferred from the answers.

    Parameters
    ----------
    export : Export
    method : str
        One of `LABEL_AGGREGATORS`.

    Returns
    -------
    table : Table
    """
    return Table(_HEADER, _rows(export, method))


def _rows(export: Export, method: str) -> Iterator[tuple[Any, ...]]:
    """Yield item, label, its probability, and how many answers say so."""
    annotations: Any = export.annotations
    fitted = aggregator(LABEL_AGGREGATORS, method).fit(annotations)
    proba = fitted.predict_proba()
    best = proba.argmax(axis=1)
    is_best = annotations.answer == best[annotations.item]
    n_answers = annotations.answers_per_item
    n_equal = np.bincount(annotations.item[is_best], minlength=annotations.n_items)
    labels = fitted.classes_[best].tolist()
    for row, item in enumerate(export.items):
        share = n_equal[row] / n_answers[row] if n_answers[row] else np.nan
        yield item, labels[row], proba[row, best[row]], n_answers[row], share


def learned(export: Export, fitted: Fitted) -> Table:
    """Return the consensus of answers and features.

    Parameters
    ----------
    export : Export
    fitted : Fitted

    Returns
    -------
    table : Table
    """
    from skcrowd.inspection import insight

    quality = insight(fitted.estimator).label_quality(
        fitted.X, export.annotations, **fitted.options
    )
    names = "consensus_label", "consensus_probability", "n_answers", "agreement"
    columns = [quality[name] for name in names]
    return Table(_HEADER, zip(export.items, *columns, strict=True))


def of_labels(annotations: Any) -> list[tuple[str, Any]]:
    """Return the coefficients of agreement of labels.

    Parameters
    ----------
    annotations : Annotations

    Returns
    -------
    coefficients : list of (name, interval)
    """
    known = {
        "Krippendorff's alpha": agreement.krippendorff_alpha,
        "Fleiss' kappa": agreement.fleiss_kappa,
        "Gwet's AC1": agreement.gwet_ac1,
        "equal pairs": agreement.percent_agreement,
    }
    return [(name, f(annotations, **SETTINGS)) for name, f in known.items()]


def classifier(**settings: Any) -> Any:
    """Return a classifier, which sees by itself whether classes have an order."""
    from skcrowd.estimators import CrowdClassifier

    return CrowdClassifier(**settings)


def nothing_known(estimator: Any, export: Export) -> Fitted:
    """Fit an estimator to items of which nothing is known.

    Parameters
    ----------
    estimator : crowd estimator
    export : Export

    Returns
    -------
    fitted : Fitted
    """
    X = np.zeros((len(export.items), 1), dtype=np.float32)
    return Fitted(estimator.fit(X, export.annotations), X, {"cv": "prefit"})


def _predictions(estimator: Any, items: list[Any], X: Any) -> Table:
    """Return the most probable labels of new items."""
    proba = estimator.predict_proba(X)
    labels = estimator.classes_[proba.argmax(axis=1)].tolist()
    rows = zip(items, labels, proba.max(axis=1), strict=True)
    return Table(["item", "label", "probability"], rows)


LABELS = AnswerKind(
    "labels",
    list(LABEL_AGGREGATORS),
    consensus,
    learned,
    of_labels,
    classifier,
    ["accuracy"],
    lambda export, settings: nothing_known(classifier(**settings), export),
    _predictions,
)
