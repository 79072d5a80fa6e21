"""Read sets of labels as given: a matrix of cells, a long table, or indicators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._alignment import row_names
from ._assemble import Where, check_names
from ._container import Annotations
from ._encoding import check_classes, encode
from ._long import numbers_in, read_columns, read_ids, read_items
from ._look_alikes import found_names, warn_of_look_alikes
from ._lookup import object_array
from ._memory import check_fits
from ._tables import frame_matrix, is_frame, plain
from ._value_types import equal_mask, missing_mask

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, BoolArray, IntArray, ObjectArray


__all__ = [
    "LabelSets",
    "decisions_of",
    "indicator_sets",
    "long_sets",
    "matrix_sets",
    "missing_cells",
    "sets_of_indicators",
]

NUMBERS_PER_DECISION = 4  # item, annotator, answer, and their order, of 8 bytes each
_ADVICE = (
    "a cell is a set of labels, an empty one where nothing was ticked, or None where "
    "the annotator was not asked"
)


class LabelSets(NamedTuple):
    """The decisions of annotators on the labels of items.

    Attributes
    ----------
    decisions : Annotations of shape (n_items * n_labels, n_annotators)
        1 where an annotator ticked a label, 0 where not; the labels of an item follow
        each other.
    classes : ndarray of shape (n_labels,)
    item_names : ndarray of shape (n_items,) or None
    details : dict from str to ndarray of shape (n_answers,)
        What a table has of each answer: "confidence", "weight".
    """

    decisions: Annotations
    classes: Array
    item_names: Array | None
    details: Any = MappingProxyType({})


def matrix_sets(
    y: AnswersLike,
    separator: str | None,
    nothing: str | None,
    classes: Any,
    annotator_names: Any,
) -> LabelSets:
    """Read a matrix of sets; see `MultilabelAnnotations.from_cells`.

    Returns
    -------
    sets : LabelSets
    """
    _check_separator(separator, nothing)
    matrix, names = _cell_matrix(y)
    names = check_names(
        names if annotator_names is None else annotator_names, matrix.shape[1]
    )
    item, annotator = np.indices(matrix.shape).reshape(2, -1)
    item_names = row_names(y)
    where = Where(item, annotator, names, item_names)
    cells = matrix.ravel()
    asked = ~missing_cells(cells)
    if not asked.any():
        raise ValueError(
            f"y of shape {matrix.shape} holds no answer at all; {_ADVICE}."
        )
    sets = [
        _labels_of(cells[k], separator, nothing, where(k))
        for k in np.flatnonzero(asked).tolist()
    ]
    item, annotator = item[asked], annotator[asked]
    cell = np.repeat(np.arange(len(sets)), list(map(len, sets)))
    labels = object_array(list(chain.from_iterable(sets)))
    where = Where(item[cell], annotator[cell], names, item_names)
    codes, labels_read = _encode(labels, classes, where)
    values = np.zeros((len(sets), len(labels_read)))
    values[cell, codes] = 1
    shape = matrix.shape
    decisions = decisions_of(item, annotator, values, shape, names)
    warn_of_look_alikes(
        items=found_names(item_names),
        annotators=found_names(names, annotator_names),
        labels=found_names(labels_read, classes),
    )
    return LabelSets(decisions, labels_read, item_names)


def long_sets(
    items: Any,
    annotators: Any,
    labels: Any,
    data: pd.DataFrame | None,
    n_items: int | None,
    item_ids: Any,
    annotator_ids: Any,
    nothing: Any,
    classes: Any,
    **given: Any,
) -> LabelSets:
    """Read a table of ticks; see `MultilabelAnnotations.from_long`.

    Returns
    -------
    sets : LabelSets
    """
    columns = read_columns(
        {"items": items, "annotators": annotators, "labels": labels}, data
    )
    item, item_names = read_items(columns["items"], n_items, item_ids)
    annotator, names = read_ids(columns["annotators"], annotator_ids, "annotator")
    labels = columns["labels"]
    _check_no_missing_label(labels)
    n_rows = len(item_names) if item_names is not None else int(n_items or 0)
    shape = n_rows, len(names)
    names = check_names(names, len(names))
    ticked = np.ones(labels.size, dtype=bool)
    if nothing is not None:
        ticked = ~equal_mask(labels, nothing)
    pair, cell = np.unique(item * shape[1] + annotator, return_inverse=True)
    cell = cell.reshape(-1)
    where = Where(item[ticked], annotator[ticked], names, item_names)
    codes, labels_read = _encode(labels[ticked], classes, where)
    where = Where(item, annotator, names, None)
    _check_distinct(cell, ticked, codes, labels_read, where)
    values = np.zeros((pair.size, len(labels_read)))
    values[cell[ticked], codes] = 1
    where = Where(item, annotator, names, item_names)
    details = {
        name: _of_answers(numbers_in(column, name, data, item.shape), name, cell, where)
        for name, column in given.items()
        if column is not None
    }
    decisions = decisions_of(*np.divmod(pair, shape[1]), values, shape, names)
    warn_of_look_alikes(
        items=found_names(item_names, item_ids),
        annotators=found_names(names, annotator_ids),
        labels=found_names(labels_read, classes),
    )
    return LabelSets(decisions, labels_read, item_names, details)


def _of_answers(values: Any, name: str, cell: IntArray, where: Any) -> Any:
    """Return the number of each answer; raise if its rows differ.

    Parameters
    ----------
    values : float64 ndarray of shape (n_rows,)
    name : str
        The argument.
    cell : int64 ndarray of shape (n_rows,)
        The answer that a row belongs to.
    where : Where
        Names the rows.
    """
    _, first = np.unique(cell, return_index=True)
    of_answer = values[first]
    differs = ~np.isclose(values, of_answer[cell], 0, 0, equal_nan=True)
    if differs.any():
        row = int(differs.argmax())
        raise ValueError(
            f"{name} is {of_answer[cell[row]]:g} and {values[row]:g} in rows of one "
            f"answer, {where(row)} ({int(differs.sum())} such rows); a set of labels "
            "has one in all its rows."
        )
    return of_answer


def indicator_sets(y: Any, classes: Any, annotator_names: Any) -> LabelSets:
    """Read indicators; see `MultilabelAnnotations.from_indicators`.

    Returns
    -------
    sets : LabelSets
    """
    missing = np.ma.getmaskarray(y) if isinstance(y, np.ma.MaskedArray) else False
    values = np.asarray(plain(y, "y of sets"))
    if values.ndim != 3 or 0 in values.shape:
        raise ValueError(
            "y must be an array of shape (n_items, n_annotators, n_labels), got shape "
            f"{values.shape}; sets of labels are read by "
            "MultilabelAnnotations.from_cells."
        )
    values = _as_indicators(values, missing)
    return sets_of_indicators(values, classes, annotator_names)


def sets_of_indicators(
    values: Array, classes: Any, annotator_names: Any, argument: str = "y"
) -> LabelSets:
    """Make decisions of indicators that were checked.

    Parameters
    ----------
    values : float64 ndarray of shape (n_items, n_annotators, n_labels)
        1, 0, or NaN where not asked.
    classes, annotator_names : array-like or None
    argument : str, default="y"
        Where the values come from, for error messages.

    Returns
    -------
    sets : LabelSets
    """
    n_items, n_annotators, n_labels = values.shape
    item, annotator = np.nonzero(~np.isnan(values).all(axis=2))
    if not item.size:
        raise ValueError(
            f"{argument} of shape {values.shape} holds no answer at all; NaN is "
            "missing, 0 a label that was not ticked."
        )
    classes = np.arange(n_labels) if classes is None else check_classes(classes)
    if len(classes) != n_labels:
        raise ValueError(
            f"{argument} of shape {values.shape} has {n_labels} labels, but classes "
            f"{len(classes)}; give a name for each, in their order."
        )
    names = check_names(annotator_names, n_annotators)
    shape = n_items, n_annotators
    decisions = decisions_of(item, annotator, values[item, annotator], shape, names)
    return LabelSets(decisions, classes, None)


def _as_indicators(values: Array, missing: Any) -> Array:
    """Return floats that are 0, 1, or NaN where missing."""
    if values.dtype == object:
        missing = missing | missing_mask(values)
        values = np.where(missing, np.nan, values)
    try:
        values = np.where(missing, np.nan, values.astype(np.float64))
    except (TypeError, ValueError) as error:
        raise ValueError(
            "y must hold 0, 1 and NaN (not asked), got other objects; sets of labels "
            "are read by MultilabelAnnotations.from_cells."
        ) from error
    wrong = ~(np.isnan(values) | (values == 0) | (values == 1))
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise ValueError(
            f"y holds {values[place]:g} at {place} ({int(wrong.sum())} such values); "
            "indicators are 1 (ticked), 0 (not ticked) or NaN (not asked). "
            "Probabilities are read by MultilabelAnnotations.from_soft_labels."
        )
    return values


def decisions_of(
    item: IntArray,
    annotator: IntArray,
    values: Array,
    shape: tuple[int, int],
    names: Array,
) -> Annotations:
    """Return an answer, 0 or 1, for each cell and label.

    Parameters
    ----------
    item, annotator : int64 ndarray of shape (n_cells,)
    values : float64 ndarray of shape (n_cells, n_labels)
        NaN where it is not known whether the label was ticked.
    shape : tuple (n_items, n_annotators)
    names : ndarray of shape (n_annotators,)
    """
    n_labels = values.shape[1]
    check_fits(
        8 * NUMBERS_PER_DECISION * values.size,
        f"the decisions of {len(item)} answers on {n_labels} labels each",
        "leave out rare labels",
    )
    cell, label = np.nonzero(~np.isnan(values))
    decision, annotator = item[cell] * n_labels + label, annotator[cell]
    order = np.lexsort((annotator, decision))
    return Annotations(
        decision[order],
        annotator[order],
        values[cell, label][order].astype(np.int64),
        (shape[0] * n_labels, shape[1]),
        np.arange(2),
        names,
    )


def _encode(labels: Array, classes: Any, where: Any) -> tuple[IntArray, Array]:
    """Encode ticked labels, of which there may be none if `classes` are given."""
    if labels.size:
        codes, found = encode(labels, "labels", classes, where)
        assert found is not None
        return codes, found
    if classes is None:
        raise ValueError(
            "nobody ticked any label, so the labels are not known; pass classes, the "
            "labels that could be ticked."
        )
    return np.empty(0, dtype=np.int64), check_classes(classes)


def _check_separator(separator: Any, nothing: Any) -> None:
    if separator is not None and (not isinstance(separator, str) or not separator):
        raise ValueError(
            f"separator={separator!r} must be the text between two labels of a cell, "
            "such as ','."
        )
    if nothing is not None and separator is None:
        raise ValueError(
            f"nothing={nothing!r} is a text in cells that are strings; pass the "
            "separator of their labels, too."
        )


def _cell_matrix(y: AnswersLike) -> tuple[ObjectArray, Any]:
    """Return the cells as a 2-D object array, and the names of the columns."""
    if isinstance(y, (list, tuple)):
        return _nested(y), None
    y = plain(y, "y of sets")
    if is_frame(y):
        return _check_matrix(frame_matrix(y).astype(object)), list(y.columns)
    if isinstance(y, np.ma.MaskedArray):
        mask, y = np.ma.getmaskarray(y), y.data.astype(object)
        y[mask] = None
    if isinstance(y, (list, tuple)) or getattr(y, "ndim", 0) == 1:
        return _nested(list(y)), None
    return _check_matrix(np.asarray(y)), None


def _nested(rows: Any) -> ObjectArray:
    """Read rows of cells; numpy must not convert the cells."""
    for i, row in enumerate(rows):
        if not isinstance(row, (list, tuple, np.ndarray)):
            raise ValueError(
                f"row {i} of y is {_short(row)}, but a list with a cell for each "
                f"annotator is expected; {_ADVICE}."
            )
    widths = [len(row) for row in rows]
    odd = next((i for i, n in enumerate(widths) if n != widths[0]), None)
    if odd is not None:
        raise ValueError(
            f"y is ragged: row 0 has {widths[0]} cells and row {odd} has "
            f"{widths[odd]}; give a cell for each annotator, None for those who were "
            "not asked."
        )
    width = widths[0] if widths else 0
    cells = object_array([cell for row in rows for cell in row])
    return _check_matrix(cells.reshape(len(rows), width))


def _check_matrix(matrix: Array) -> ObjectArray:
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            "y must be a matrix of sets of labels, of shape (n_items, n_annotators), "
            f"got shape {matrix.shape}; indicators of shape (n_items, n_annotators, "
            "n_labels) are read by MultilabelAnnotations.from_indicators."
        )
    return matrix.astype(object)


def missing_cells(cells: ObjectArray) -> BoolArray:
    """Mark None, NaN, NA and the empty string; an empty set is an answer.

    Parameters
    ----------
    cells : object ndarray of shape (n_cells,)

    Returns
    -------
    missing : bool ndarray of shape (n_cells,)
    """
    single = np.fromiter((not _is_set(cell) for cell in cells), bool, cells.size)
    missing = np.zeros(cells.size, dtype=bool)
    missing[single] = missing_mask(cells[single])
    return missing


def _is_set(cell: Any) -> bool:
    """Whether a cell holds several labels, or none."""
    if isinstance(cell, np.ndarray):
        return cell.ndim > 0
    is_text = isinstance(cell, (str, bytes))
    return isinstance(cell, Iterable) and not is_text and not isinstance(cell, Mapping)


def _labels_of(
    cell: Any, separator: str | None, nothing: str | None, place: str
) -> list[Any]:
    """Return the labels of a cell, each once."""
    if isinstance(cell, str) and separator is not None:
        if nothing is not None and cell.strip() == nothing:
            return []
        labels: list[Any] = [label.strip() for label in cell.split(separator)]
    elif not _is_set(cell):
        advice = (
            "; MultilabelAnnotations.from_cells(y, separator=...) splits strings"
            if isinstance(cell, str)
            else ""
        )
        raise ValueError(
            f"y holds {_short(cell)} at {place}, where a set of labels was expected; "
            f"{_ADVICE}{advice}."
        )
    else:
        labels = cell.tolist() if isinstance(cell, np.ndarray) else list(cell)
    listed = object_array(labels)
    if any(map(_is_set, labels)) or missing_mask(listed).any():
        raise ValueError(
            f"the set of labels {_short(cell)} at {place} holds a missing value or "
            "another set; give labels only, and an empty set where nothing was ticked."
        )
    return labels if isinstance(cell, Set) else list(dict.fromkeys(labels))


def _check_no_missing_label(labels: Array) -> None:
    missing = missing_mask(labels)
    if missing.any():
        raise ValueError(
            f"the label in table row {int(np.argmax(missing))} is missing "
            f"({int(missing.sum())} such rows). If these annotators ticked nothing, "
            "write a word of your own there and pass it as nothing=; if they were not "
            "asked, drop the rows."
        )


def _check_distinct(
    cell: IntArray, ticked: BoolArray, codes: IntArray, classes: Array, where: Any
) -> None:
    """Raise if a tick is there twice, or with the mark that nothing was ticked."""
    n_labels = len(classes)
    code = np.full(cell.size, n_labels)
    code[ticked] = codes
    key = cell * (n_labels + 1) + code
    order = np.argsort(key, kind="stable")
    again = key[order[1:]] == key[order[:-1]]
    if again.any():
        raise ValueError(
            f"the table holds the same label more than once for "
            f"{where(int(order[1:][again][0]))} ({int(again.sum())} repeats in all); "
            "keep one row for each item, annotator and label."
        )
    both = np.intersect1d(cell[ticked], cell[~ticked])
    if both.size:
        row = int(np.argmax(cell == both[0]))
        raise ValueError(
            f"the table says of {where(row)} that nothing was ticked, and that a label "
            f"was ({both.size} such pairs); drop one of the rows."
        )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
