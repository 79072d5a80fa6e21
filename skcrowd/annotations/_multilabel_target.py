"""Read the `y` of a multi-label estimator: answers, or the true labels of each item."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Any

import numpy as np

from ._container import Annotations
from ._known import gold_by_row
from ._lookup import object_array
from ._multilabel_cells import missing_cells
from ._multilabel_container import MultilabelAnnotations
from ._sequence_container import SequenceAnnotations
from ._sparse import is_sparse
from ._tables import column_names, frame_matrix, is_frame, plain
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, Gold, IntArray


__all__ = ["read_known_labels", "read_multilabel"]

_SEPARATORS = ";,|/"  # between the labels of a text
_FORMS = (
    "answers of annotators are a MultilabelAnnotations, or a matrix of sets of labels, "
    "true labels an indicator matrix of shape (n_items, n_labels) or a list of sets"
)


def read_multilabel(
    y: AnswersLike, classes: Any = None
) -> tuple[MultilabelAnnotations, bool]:
    """Read answers, or true labels as those of one annotator.

    Parameters
    ----------
    y : MultilabelAnnotations, array-like or sparse matrix
        Answers: a matrix of sets, of shape (n_items, n_annotators), or an array of
        indicators of shape (n_items, n_annotators, n_labels). True labels: an array of
        indicators of shape (n_items, n_labels), or a list of n_items sets.
    classes : array-like of shape (n_labels,), default=None
        The possible labels in order. None takes those that occur, or numbers the
        columns. The columns of a table of true labels are named as the labels, in any
        order.

    Returns
    -------
    annotations : MultilabelAnnotations
    is_truth : bool

    Raises
    ------
    ValueError
        If `y` has another form, or a table of true labels has columns of other names.
    TypeError
        If it is a container of other answers.
    """
    if isinstance(y, MultilabelAnnotations):
        return (y if classes is None else y.with_classes(classes)), False
    if isinstance(y, (Annotations, SequenceAnnotations)):
        raise TypeError(
            f"y is a {type(y).__name__}, whose answers are no sets; {_FORMS}."
        )
    if is_sparse(y):
        return _true_labels(y.toarray(), classes), True
    if isinstance(y, (list, tuple)):
        return _read_rows(y, classes)
    y = plain(y, "y of true labels" if _names_labels(y, classes) else "y of sets")
    if is_frame(y):
        matrix = frame_matrix(y)
        if matrix.dtype.kind in "biuf":
            return _true_labels(*_named_truth(matrix, list(y.columns), classes)), True
        return MultilabelAnnotations.from_cells(y, classes=classes), False
    if not isinstance(y, np.ndarray) or y.ndim == 1:
        return _read_rows(list(y), classes)
    if y.ndim == 3:
        return MultilabelAnnotations.from_indicators(y, classes=classes), False
    if y.dtype.kind in "biuf":
        return _true_labels(y, classes), True
    return MultilabelAnnotations.from_cells(y, classes=classes), False


def read_known_labels(gold: Gold, n_items: int, classes: Any) -> IntArray | None:
    """Read the labels that items are known to have.

    Parameters
    ----------
    gold : array-like of shape (n_items, n_labels), sequence of n_items sets of \
            labels, mapping of row to set, or None
        1, 0 and NaN or -1 for what is not known; None among sets. The columns of a
        table are named as the labels, in any order.
    n_items : int
    classes : ndarray of shape (n_labels,)

    Returns
    -------
    known : int64 ndarray of shape (n_items, n_labels), or None
        1 and 0, -1 where unknown; None if nothing is known.

    Raises
    ------
    ValueError
        If the number of rows is not `n_items`, or `gold` cannot be read.
    """
    if gold is None:
        return None
    given = gold_by_row(gold, n_items)
    indicators = _known_indicators(given, classes)
    cells = [[labels] for labels in given] if indicators is None else indicators
    if len(cells) != n_items:
        raise ValueError(
            f"gold has {len(cells)} rows, but there are {n_items} items; give a set of "
            "labels, or None, for each of them."
        )
    if indicators is None:
        _check_sets(given, set(classes.tolist()))
        if missing_cells(object_array([labels for [labels] in cells])).all():
            return None
        known = MultilabelAnnotations.from_cells(cells, classes=classes)
        indicators = known.to_indicators()[:, 0]
    values = np.where(np.isnan(indicators), -1, indicators)
    wrong = ~np.isin(values, (0, 1, -1))
    if wrong.any():
        raise ValueError(
            f"gold holds {values[wrong][0]:g}; give 1 for a label that the item has, 0 "
            "for one that it lacks, and NaN or -1 for what is not known."
        )
    return values.astype(np.int64) if (values >= 0).any() else None


def _check_sets(given: Any, classes: set[Any]) -> None:
    """Raise for a single label in place of a set, and for labels of no class."""
    for row, labels in enumerate(given):
        if isinstance(labels, str) and labels:
            noun = "single label" if labels in classes else "text"
            raise ValueError(
                f"gold holds the {noun} {str(labels)!r} at row {row}, where a set of "
                f"labels was expected; {_as_set(str(labels), classes)}."
            )
        is_set = isinstance(labels, (Set, list, tuple, np.ndarray))
        names = [x for x in labels if np.isscalar(x)] if is_set else []
        unknown = [x for x in names if x not in classes and x == x]
        if unknown:
            (label,) = np.array(unknown[:1]).tolist()  # no numpy scalar
            raise ValueError(
                f"gold holds the label {label!r} at row {row}, which is not among the "
                f"labels of y; {_as_label(label, classes)}."
            )


def _as_set(text: str, classes: set[Any]) -> str:
    """Return how to write a text as a set of labels."""
    for separator in _SEPARATORS:
        parts = [part.strip() for part in text.split(separator)]
        if len(parts) > 1 and classes.issuperset(parts):
            return f"write {parts}: split the texts of gold at {separator!r}"
    if text in classes:
        return f"write [{text!r}]"
    return f"{_as_label(text, classes)}, and write a list of labels"


def _as_label(label: Any, classes: set[Any]) -> str:
    """Return what to do about a label that is none of the classes."""
    like = [known for known in classes if str(known) == str(label)]
    if like:
        return f"write {like[0]!r}, which is of the type of the labels of y"
    return "pass classes= with all that items can have"


def _known_indicators(gold: Any, classes: Array) -> Any:
    """Read gold that is a matrix, a column for each label; None for sets."""
    n_labels = len(classes)
    if is_frame(gold) and getattr(gold, "ndim", 2) == 2:
        return _in_order_of(classes, frame_matrix(gold), list(gold.columns), "gold")
    if isinstance(gold, (list, tuple)):
        listed = [isinstance(row, (list, tuple, np.ndarray)) for row in gold]
        if not gold or not all(listed) or {len(row) for row in gold} != {n_labels}:
            return None
        if not all(_is_indicator(value) for row in gold for value in row):
            return None
    elif getattr(gold, "ndim", 1) != 2:
        return None
    matrix = np.asarray(gold.toarray() if is_sparse(gold) else gold)
    if matrix.shape[1] != n_labels:
        raise ValueError(
            f"gold of shape {matrix.shape} has no column for each of the {n_labels} "
            f"labels, {classes.tolist()}."
        )
    return matrix.astype(np.float64)


def _names_labels(y: Any, classes: Any) -> bool:
    """Whether the columns of a table are named as the labels, in any order."""
    names = column_names(y)
    return classes is not None and names is not None and set(names) == set(classes)


def _named_truth(matrix: Array, columns: list[Any], classes: Any) -> tuple[Array, Any]:
    """Return the columns of a table of true labels in order, and the labels."""
    if classes is None:
        return matrix, columns
    labels = np.asarray(classes)
    absent = [label for label in labels.tolist() if label not in columns]
    if absent and not _are_numbered(columns, labels):
        raise ValueError(
            f"y has the columns {columns}, but the labels are {labels.tolist()}; "
            f"name each column as its label, and add columns for {absent}."
        )
    return _in_order_of(labels, matrix, columns, "y"), classes


def _in_order_of(classes: Array, matrix: Array, columns: list[Any], name: str) -> Any:
    """Put columns into the order of the labels that they name."""
    if _are_numbered(columns, classes):
        return matrix.astype(np.float64)
    unknown = [column for column in columns if column not in classes.tolist()]
    if unknown:
        raise ValueError(
            f"{name} has the columns {columns}, but the labels are {classes.tolist()}; "
            f"name each column as its label, and leave out {unknown}."
        )
    if len(set(columns)) < len(columns):
        raise ValueError(
            f"{name} has the columns {columns}, some of one name; give each label one "
            "column."
        )
    found = np.full((len(matrix), len(classes)), np.nan)
    found[:, [classes.tolist().index(column) for column in columns]] = matrix
    return found


def _are_numbered(columns: list[Any], classes: Array) -> bool:
    """Whether columns have no names, but positions: numbers that are no labels."""
    is_range = columns == list(range(len(classes)))
    return is_range and set(columns) != set(classes.tolist())


def _is_indicator(value: Any) -> bool:
    """Whether a value says if a label is known to be right."""
    return value is None or (
        isinstance(value, (int, float, np.number, np.bool_))
        and (value != value or value in (0, 1, -1))
    )


def _read_rows(rows: Any, classes: Any) -> tuple[MultilabelAnnotations, bool]:
    """Read a list of sets, of rows of cells, or of rows of indicators."""
    if rows and all(isinstance(row, Set) for row in rows):
        truth = MultilabelAnnotations.from_cells([[r] for r in rows], classes=classes)
        return truth, True
    nested = [row for row in rows if isinstance(row, (list, tuple, np.ndarray))]
    if not rows or len(nested) < len(rows):
        odd = next((row for row in rows if not np.iterable(row)), None)
        raise ValueError(
            f"y holds single values such as {odd!r}; {_FORMS}. One label for each item "
            "is learned by CrowdClassifier."
        )
    values = [value for row in nested for value in row]
    if all(map(_is_number, values)):
        return _true_labels(np.asarray(rows, dtype=np.float64), classes), True
    return MultilabelAnnotations.from_cells(rows, classes=classes), False


def _true_labels(matrix: Array, classes: Any) -> MultilabelAnnotations:
    """Read an indicator matrix as the answers of one annotator."""
    if missing_mask(matrix).any() or not np.isin(matrix, (0, 1)).all():
        raise ValueError(
            f"y of shape {matrix.shape} is a matrix of numbers that are not all 0 or "
            f"1; {_FORMS}."
        )
    return MultilabelAnnotations.from_indicators(matrix[:, None], classes=classes)


def _is_number(value: Any) -> bool:
    """Whether a value is a number, not NaN."""
    return isinstance(value, (int, float, np.number, np.bool_)) and value == value
