"""Answers that are labels with an order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import LABEL_AGGREGATORS
from skcrowd.io._label_order import with_order
from skcrowd.metrics import agreement

from ._answer_kind import SETTINGS, AnswerKind, Table
from ._label_answers import classifier, consensus, learned, nothing_known

if TYPE_CHECKING:
    from skcrowd.io import Export

__all__ = ["ORDINAL", "in_order"]


def in_order(export: Export, order: str | None) -> Any:
    """Return annotations whose classes have an order.

    Parameters
    ----------
    export : Export
        Of labels.
    order : str or None
        The labels from lowest to highest, separated by commas; None: numbers.

    Returns
    -------
    annotations : Annotations

    Raises
    ------
    ValueError
        If answers are no labels, a label is not in the order or in it twice, or there
        is no order and the labels are no numbers.
    """
    annotations: Any = export.annotations
    if getattr(annotations, "kind", "") != "labels":
        raise ValueError(
            "--ordinal and --order are for answers that are one label each; leave them "
            "out, or pass --kind labels."
        )
    if order is None:
        if annotations.ordered or annotations.classes.dtype.kind in "if":
            return annotations.with_classes(annotations.classes, ordered=True)
        raise ValueError(
            f"--ordinal: the labels {annotations.classes.tolist()} are no numbers; say "
            "--order LOWEST,...,HIGHEST instead."
        )
    try:
        return with_order(annotations, [name.strip() for name in order.split(",")])
    except ValueError as error:
        raise ValueError(f"--order {order}: {error}") from error


def _agreement(annotations: Any) -> list[tuple[str, Any]]:
    """Return coefficients that count how far two answers are from each other."""
    alpha = agreement.krippendorff_alpha(
        annotations, level="ordinal", classes=annotations.classes, **SETTINGS
    )
    equal = agreement.percent_agreement(annotations, **SETTINGS)
    return [("Krippendorff's alpha (ordinal)", alpha), ("equal pairs", equal)]


def _predictions(estimator: Any, items: list[Any], X: Any) -> Table:
    """Return the medians of the predicted probabilities of new items."""
    proba, labels = estimator.predict_proba(X), estimator.predict(X)
    code = np.searchsorted(estimator.classes_, labels)
    rows = zip(items, labels.tolist(), proba[np.arange(len(code)), code], strict=True)
    return Table(["item", "label", "probability"], rows)


ORDINAL = AnswerKind(
    "labels with an order",
    ["ordinal", *(name for name in LABEL_AGGREGATORS if name != "ordinal")],
    consensus,
    learned,
    _agreement,
    classifier,
    ["rank_error"],
    lambda export, settings: nothing_known(classifier(**settings), export),
    _predictions,
    is_error=True,
)
