"""The consensus that is written into tasks, checked against the answers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from skcrowd.aggregation import Comparisons
from skcrowd.annotations import Annotations, MultilabelAnnotations, SequenceAnnotations
from skcrowd.annotations._char_spans import Span, read_spans, tags_as_spans

from ._annotations_export import Export
from ._json_values import plain
from ._name_types import is_number
from ._pair_tasks import check_preference

__all__ = ["are_numbers", "classes_of", "consensus_by_item", "scores_by_item"]

KEYS = {"item", "sequence"}  # what reports call the names of items
_PREFIXES = {"B-", "I-", "E-", "S-", "L-", "U-"}


def consensus_by_item(labels: Any, export: Export) -> dict[Any, Any]:
    """Return what is given as consensus, as tasks have it.

    Parameters
    ----------
    labels : sequence of n_items, Mapping from item, Series, table or None
    export : Export

    Returns
    -------
    consensus : dict from item to label
        A label or number; a list of Span where the answers are spans, a tuple of str
        where they are sets of labels. Without those that are None or NaN.

    Raises
    ------
    ValueError
        If an item is unknown, or a label is not of the kind of the answers.
    """
    given = _by_item(labels, export, "labels")
    read = _reader_of(export)
    return {item: read(item, one) for item, one in given.items() if _is_given(one)}


def scores_by_item(scores: Any, export: Export) -> dict[Any, float]:
    """Return how sure the consensus is.

    Parameters
    ----------
    scores : sequence of n_items, Mapping from item, Series or None
    export : Export

    Returns
    -------
    scores : dict from item to float
        Without those that are None or NaN.

    Raises
    ------
    ValueError
        If an item is unknown, or a score is no finite number.
    """
    given = _by_item(scores, export, "scores")
    return {
        item: float(_number(item, one, "scores"))
        for item, one in given.items()
        if _is_given(one)
    }


def are_numbers(export: Export) -> bool:
    """Return whether the answers are numbers.

    Parameters
    ----------
    export : Export

    Returns
    -------
    bool
    """
    annotations = export.annotations
    return isinstance(annotations, Annotations) and annotations.kind == "numbers"


def classes_of(export: Export) -> dict[str, Any]:
    """Return the labels of the question; of spans without the prefixes.

    Of preferences there are none: each pair has options of its own.

    Parameters
    ----------
    export : Export

    Returns
    -------
    labels : dict from str to label
        Those of answers, then others of true answers, by how they are written. Empty
        for numbers.
    """
    return _known(export) if export.label is None else {export.label: export.label}


def _known(export: Export) -> dict[str, Any]:
    """Return the labels of answers, and of true answers, by how they are written."""
    classes = getattr(export.annotations, "classes", None)
    if classes is None or isinstance(export.annotations, Comparisons):
        return {}
    true: list[Any] = []
    for one in (export.gold or {}).values():
        true += one if isinstance(one, (list, set)) else [one]
    if isinstance(export.annotations, SequenceAnnotations):
        tags = [str(tag) for tag in (*classes.tolist(), *true)]
        return {label: label for label in sorted({t[2:] for t in tags if t != "O"})}
    return {str(label): label for label in (*classes.tolist(), *true)}


def _by_item(values: Any, export: Export, name: str) -> dict[Any, Any]:
    """Return labels or scores by item."""
    if values is None:
        return {}
    if not _is_listed(values):
        raise ValueError(
            f"{name} is {values!r}; give a list with one for each item of the "
            "export, or a dict by item."
        )
    if isinstance(values, Mapping):
        return _of_known(values.keys(), values.values(), export, name)
    is_table = hasattr(values, "columns")
    if is_table and not isinstance(export.annotations, MultilabelAnnotations):
        raise ValueError(
            f"{name} is a table with the columns {list(values.columns)}; pass one of "
            "these columns."
        )
    rows = values.to_numpy() if is_table else values
    if getattr(getattr(values, "index", None), "name", None) in KEYS:  # of pandas
        return _of_known(values.index.tolist(), list(rows), export, name)
    listed = list(rows)
    if len(listed) != len(export.items):
        raise ValueError(
            f"{name} has {len(listed)} entries, but the export {len(export.items)} "
            "items; give one for each item of the export, or a dict by item."
        )
    return dict(zip(export.items, listed, strict=True))


def _of_known(
    items: Iterable[Any], values: Iterable[Any], export: Export, name: str
) -> dict[Any, Any]:
    """Return values by item; raise if an item is unknown or comes twice."""
    items = list(map(plain, items))
    known = set(export.items)
    unknown = [item for item in items if item not in known]
    if unknown:
        raise ValueError(
            f"{name} has {len(unknown)} names of items that are not in the export, "
            f"such as {unknown[0]!r}; those of the export are such as "
            f"{export.items[0]!r}."
        )
    twice = next((item for item, n in Counter(items).items() if n > 1), None)
    if twice is not None:
        raise ValueError(f"{name} has several entries for the item {twice!r}.")
    return dict(zip(items, values, strict=True))


def _is_given(value: Any) -> bool:
    """Return whether a label or score is known: not None, NaN or NA."""
    if value is None or type(value).__name__ == "NAType":
        return False
    return not (isinstance(value, (float, np.floating)) and math.isnan(value))


def _is_listed(value: Any) -> bool:
    """Return whether a value holds several, and is no text."""
    is_text = isinstance(value, (str, bytes))
    return isinstance(value, Iterable) and not is_text and getattr(value, "ndim", 1) > 0


def _reader_of(export: Export) -> Callable[[Any, Any], Any]:
    """Return what maps an item and its consensus to the form of tasks."""
    if isinstance(export.annotations, Comparisons):
        return lambda _, value: check_preference(value)
    if are_numbers(export):
        return partial(_number, name="labels")
    if export.label is not None:
        return partial(_one_of_several, label=export.label)
    known = _known(export)
    if isinstance(export.annotations, MultilabelAnnotations):
        return partial(_set, known=known, classes=export.annotations.classes.tolist())
    if isinstance(export.annotations, SequenceAnnotations):
        row_of = {item: row for row, item in enumerate(export.items)}
        return lambda item, one: _spans(item, one, known, export, row_of[item])
    return partial(_label, known=known)


def _number(item: Any, value: Any, name: str) -> float:
    """Return a number; a whole one as an integer."""
    number = plain(value)
    if not is_number(number):
        raise ValueError(
            f"{name} holds {value!r} for the item {item!r}, where a finite number is "
            "expected."
        )
    return int(number) if float(number).is_integer() else float(number)


def _one_of_several(item: Any, value: Any, label: str) -> tuple[str, ...]:
    """Return the set of the label that was read as 1, empty for 0."""
    text = str(_number(item, value, "labels"))
    if text not in ("0", "1"):
        raise ValueError(
            f"labels holds {value!r} for the item {item!r}, but the answers say "
            f"whether {label!r} was chosen: 1 or 0."
        )
    return (label,) if text == "1" else ()


def _label(item: Any, value: Any, known: dict[str, Any]) -> Any:
    """Return the label among those that are known."""
    if _is_listed(value):
        raise ValueError(
            f"labels holds {value!r} for the item {item!r}, but an answer is a single "
            f"label, one of {list(known)}."
        )
    number = plain(value)
    is_whole = isinstance(number, float) and number.is_integer()
    text = str(int(number) if is_whole and str(number) not in known else number)
    if text not in known:
        raise ValueError(
            f"labels holds {number!r} for the item {item!r}, which is none of the "
            f"labels of the answers, {list(known)}. Correct it, or name a label that "
            "nobody gave by annotations.with_classes."
        )
    return known[text]


def _set(
    item: Any, value: Any, known: dict[str, Any], classes: list[Any]
) -> tuple[str, ...]:
    """Return a set of labels, which may be a row of an indicator matrix."""
    if not _is_listed(value):
        raise ValueError(
            f"labels holds {value!r} for the item {item!r}, but an answer is a set of "
            f"labels; give a list such as {list(known)[:1]}."
        )
    listed = list(value)
    is_row = isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
    if is_row or _are_indicators(item, value, classes):
        listed = _ticked(item, listed, classes)
    return tuple(sorted({str(_label(item, one, known)) for one in listed}))


def _are_indicators(item: Any, value: Any, classes: list[Any]) -> bool:
    """Return whether a list is a row of 0 and 1, and not of labels."""
    is_listed = isinstance(value, (list, tuple)) and len(value) == len(classes)
    if not is_listed or not all(isinstance(v, (int, np.integer)) for v in value):
        return False
    if set(map(str, value)) <= set(map(str, classes)):
        raise ValueError(
            f"labels holds {value!r} for the item {item!r}, which may be a list of "
            "labels, or say which apply; give a set of labels, or a row of an array."
        )
    return True


def _ticked(item: Any, row: list[Any], classes: list[Any]) -> list[Any]:
    """Return the labels of a row of indicators."""
    if len(row) != len(classes) or not all(one in (0, 1) for one in row):
        raise ValueError(
            f"labels holds the row {list(map(plain, row))} for the item {item!r}; a "
            f"row has 0 or 1 for each of the {len(classes)} labels, {classes}."
        )
    return [label for label, applies in zip(classes, row, strict=True) if applies]


def _spans(
    item: Any, value: Any, known: dict[str, Any], export: Export, row: int
) -> list[Span]:
    """Return spans of the text of an item, which may be given as tags of its tokens."""
    if not _is_listed(value):
        raise ValueError(
            f"labels holds {value!r} for the item {item!r}, but an answer is a list of "
            "spans (start, end, label), or of tags of the tokens."
        )
    listed = list(value)
    where = f"the item {item!r} in labels"
    if listed and all(isinstance(tag, str) for tag in listed):
        return _spans_of_tags(where, listed, known, export, row)
    try:
        found = read_spans(listed, export.texts[row], where)
    except TypeError as error:
        raise ValueError(str(error)) from error
    _check_known([span.label for span in found], where, known)
    return found


def _spans_of_tags(
    where: str, tags: list[str], known: dict[str, Any], export: Export, row: int
) -> list[Span]:
    """Return the spans that tags mark."""
    tokens = export.tokens
    if tokens is None or len(tags) != len(tokens[row]):
        n_tokens = None if tokens is None else len(tokens[row])
        raise ValueError(
            f"{where} has {len(tags)} tags, but its text {n_tokens} tokens."
        )
    marks = [tag for tag in tags if tag != "O"]
    wrong = [tag for tag in marks if tag[:2] not in _PREFIXES]
    if wrong:
        raise ValueError(
            f"{where} has the tag {str(wrong[0])!r}; tags are 'O', or such as 'B-PER'."
        )
    _check_known([tag[2:] for tag in marks], where, known)
    return tags_as_spans(tags, tokens.offsets[row])


def _check_known(labels: list[str], where: str, known: dict[str, Any]) -> None:
    """Raise if a span has a label that is none of the answers'."""
    unknown = [label for label in labels if label not in known]
    if unknown:
        raise ValueError(
            f"{where} has the label {str(unknown[0])!r}, which is none of the labels "
            f"of the answers, {list(known)}."
        )
