"""Read a table with a row for each label that an annotator was asked about."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._answer_details import AnswerDetails
from ._assemble import Where, check_names
from ._container import Annotations
from ._encoding import encode
from ._long import numbers_in, read_columns, read_ids, read_items
from ._look_alikes import found_names, warn_of_look_alikes
from ._multilabel_cells import LabelSets
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray


__all__ = ["read_long_decisions"]


def read_long_decisions(
    items: Any,
    annotators: Any,
    labels: Any,
    ticked: Any,
    data: Any,
    n_items: int | None,
    item_ids: Any,
    annotator_ids: Any,
    classes: Any,
    **given: Any,
) -> LabelSets:
    """Read a table of decisions; see `MultilabelAnnotations.from_long`.

    Returns
    -------
    sets : LabelSets
        A label is ticked where `ticked` is above 0.5.
    """
    columns = read_columns(
        {"items": items, "annotators": annotators, "labels": labels}, data
    )
    item, item_names = read_items(columns["items"], n_items, item_ids)
    annotator, names = read_ids(columns["annotators"], annotator_ids, "annotator")
    names = check_names(names, len(names))
    where = Where(item, annotator, names, item_names)
    _check_named(columns["labels"])
    code, known = encode(columns["labels"], "labels", classes, where, "labels")
    assert known is not None
    applies = numbers_in(ticked, "ticked", data, item.shape)

    def described(k: int) -> str:
        return f"{where(k)}, label {known.tolist()[code[k]]!r}"

    _check_range(applies, described)
    n_rows = len(item_names) if item_names is not None else int(n_items or 0)
    decision = item * np.int64(len(known)) + code
    order = np.lexsort((annotator, decision))
    _check_distinct(decision, annotator, order, described)
    order = order[~np.isnan(applies[order])]
    decisions = Annotations(
        decision[order],
        annotator[order],
        (applies[order] > 0.5).astype(np.int64),
        (n_rows * len(known), len(names)),
        np.arange(2),
        names,
        details=_soft(applies[order]),
    )
    details = {
        name: numbers_in(column, name, data, item.shape)[order]
        for name, column in given.items()
        if column is not None
    }
    warn_of_look_alikes(
        items=found_names(item_names, item_ids),
        annotators=found_names(names, annotator_ids),
        labels=found_names(known, classes),
    )
    return LabelSets(decisions.with_details(**details), known, item_names)


def _check_named(labels: Array) -> None:
    """Raise if a row does not say which label it is about."""
    missing = missing_mask(labels)
    if missing.any():
        raise ValueError(
            f"the label in table row {int(np.argmax(missing))} is missing "
            f"({int(missing.sum())} such rows); name the label that the row is about, "
            "or drop it."
        )


def _soft(applies: FloatArray) -> AnswerDetails | None:
    """Return probabilities of no tick and of a tick, or None if all are certain."""
    if np.isin(applies, (0, 1)).all():
        return None
    return AnswerDetails(probabilities=np.column_stack([1 - applies, applies]))


def _check_range(applies: FloatArray, described: Callable[[int], str]) -> None:
    """Raise if a number is neither a tick nor a probability, or if there is none."""
    wrong = (applies < 0) | (applies > 1)
    if wrong.any():
        k = int(wrong.argmax())
        raise ValueError(
            f"ticked holds {applies[k]:g} at {described(k)} ({int(wrong.sum())} such "
            "values); give 1 where the label was ticked, 0 where not, or how probably "
            "it applies, and NaN where the annotator was not asked."
        )
    if np.isnan(applies).all():
        raise ValueError(
            f"the {len(applies)} rows of ticked hold no answer; NaN is missing, 0 a "
            "label that was not ticked."
        )


def _check_distinct(
    decision: IntArray,
    annotator: IntArray,
    order: IntArray,
    described: Callable[[int], str],
) -> None:
    """Raise if an annotator has two rows for a label of an item."""
    first, second = order[:-1], order[1:]
    again = (decision[first] == decision[second]) & (
        annotator[first] == annotator[second]
    )
    if again.any():
        k = int(second[again][0])
        raise ValueError(
            f"the table holds more than one row for {described(k)} "
            f"({int(again.sum())} repeats in all); keep one row for each item, "
            "annotator and label."
        )
