"""Answers that give each label a probability, in place of a set of labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._answer_details import AnswerDetails
from ._assemble import Where, check_names
from ._container import Annotations
from ._encoding import check_classes
from ._long import (
    equally_long,
    numbers_in,
    probability_columns,
    read_columns,
    read_ids,
    read_items,
)
from ._look_alikes import found_names, warn_of_look_alikes
from ._multilabel_cells import LabelSets, decisions_of, sets_of_indicators
from ._read_details import as_probabilities

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray


__all__ = ["check_range", "read_long_soft_sets", "read_soft_sets"]


def read_soft_sets(probabilities: Any, classes: Any, annotator_names: Any) -> LabelSets:
    """Read probabilities of labels; see `MultilabelAnnotations.from_soft_labels`.

    Returns
    -------
    sets : LabelSets
        A label is ticked where its probability is above 0.5.
    """
    values = as_probabilities(probabilities, "probabilities")
    if values.ndim != 3 or 0 in values.shape:
        raise ValueError(
            f"probabilities has shape {values.shape}, but must have the axes items, "
            "annotators and labels; of a single annotator, of shape (n_items, "
            "n_labels), pass probabilities[:, None]."
        )
    check_range(values, str)
    sets = sets_of_indicators(
        _ticked(values), classes, annotator_names, "probabilities"
    )
    row, label = np.divmod(sets.decisions.item, values.shape[2])
    applies = values[row, sets.decisions.annotator, label]
    return sets._replace(decisions=_with_probabilities(sets.decisions, applies))


def read_long_soft_sets(
    items: Any,
    annotators: Any,
    data: Any,
    n_items: int | None,
    item_ids: Any,
    annotator_ids: Any,
    probabilities: Any,
    classes: Any,
    **given: Any,
) -> LabelSets:
    """Read a table of probabilities; see `MultilabelAnnotations.from_long`.

    Returns
    -------
    sets : LabelSets
        A label is ticked where its probability is above 0.5.
    """
    values, labels = probability_columns(probabilities, classes, data)
    columns = read_columns({"items": items, "annotators": annotators}, data)
    equally_long({**columns, "probabilities": values[:, 0]})
    item, item_names = read_items(columns["items"], n_items, item_ids)
    annotator, names = read_ids(columns["annotators"], annotator_ids, "annotator")
    names = check_names(names, len(names))
    check_range(values, lambda k: f"table row {k[0]}, label {labels[k[1]]!r}")
    _check_distinct(item, annotator, Where(item, annotator, names, item_names))
    asked = np.flatnonzero(~np.isnan(values).all(axis=1))
    if not asked.size:
        raise ValueError(
            f"the {len(values)} rows of probabilities hold no answer; NaN is missing."
        )
    asked = asked[np.lexsort((annotator[asked], item[asked]))]
    n_rows = len(item_names) if item_names is not None else int(n_items or 0)
    shape = n_rows, len(names)
    pairs = item[asked], annotator[asked]
    decisions = decisions_of(*pairs, _ticked(values[asked]), shape, names)
    row, label = np.divmod(decisions.item, len(labels))
    key = pairs[0] * np.int64(shape[1]) + pairs[1]
    answer = np.searchsorted(key, row * np.int64(shape[1]) + decisions.annotator)
    details = {
        name: numbers_in(column, name, data, item.shape)[asked]
        for name, column in given.items()
        if column is not None
    }
    warn_of_look_alikes(
        items=found_names(item_names, item_ids),
        annotators=found_names(names, annotator_ids),
    )
    soft = _with_probabilities(decisions, values[asked][answer, label])
    return LabelSets(soft, check_classes(labels), item_names, details)


def _ticked(values: FloatArray) -> FloatArray:
    """Return 1 where a label is more probable than not, else 0, NaN where missing."""
    return np.where(np.isnan(values), np.nan, values > 0.5)


def _with_probabilities(decisions: Annotations, applies: FloatArray) -> Annotations:
    """Give each decision the probability that its label applies."""
    both = np.column_stack([1 - applies, applies])
    return replace(decisions, details=AnswerDetails(probabilities=both))


def check_range(
    values: FloatArray, described: Callable[[tuple[int, ...]], str]
) -> None:
    """Raise if a number is no probability.

    Parameters
    ----------
    values : float64 ndarray
    described : callable
        Says where a place of `values` is.
    """
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise ValueError(
            f"probabilities holds {values[place]:g} at {described(place)} "
            f"({int(wrong.sum())} such values); each is the probability that the label "
            "applies, from 0 to 1, and NaN where the annotator was not asked. Divide "
            "percentages by 100."
        )


def _check_distinct(item: IntArray, annotator: IntArray, where: Where) -> None:
    """Raise if an annotator has two rows for an item."""
    order = np.lexsort((annotator, item))
    again = (np.diff(item[order]) == 0) & (np.diff(annotator[order]) == 0)
    if again.any():
        first = int(order[1:][again][0])
        raise ValueError(
            f"the table holds more than one row for {where(first)} ({int(again.sum())} "
            "repeats in all); keep one row, with a column for each label, for each "
            "item and annotator."
        )
