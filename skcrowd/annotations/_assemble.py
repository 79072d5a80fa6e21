"""Assemble raw triples to the fields of Annotations, the last step of each reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._answer_details import AnswerDetails
from ._encoding import check_kind, encode
from ._lookup import first_duplicate, fit_int64, object_array
from ._tables import plain
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray

    from ._container import Annotations


class Parts(NamedTuple):
    """The fields of Annotations, in order."""

    item: IntArray
    annotator: IntArray
    answer: Array
    shape: tuple[int, int]
    classes: Array | Any
    annotator_names: Array | Any
    item_names: Array | None
    details: AnswerDetails | None = None
    ordered: bool = False


def assemble(
    item: IntArray,
    annotator: IntArray,
    values: Any,
    shape: tuple[int, int],
    *,
    kind: Any,
    classes: Any,
    names: Any,
    item_names: Array | None = None,
    details: AnswerDetails | None = None,
) -> Parts:
    """Drop missing answers, sort, check and encode.

    Parameters
    ----------
    item, annotator : int64 ndarray of shape (n,)
        Row and column of every value, in any order.
    values : ndarray of shape (n,)
        The answers as given; missing ones may be among them.
    shape : (int, int)
        Number of items and of annotators.
    kind : {"labels", "numbers"}
    classes : array-like or None
    names : array-like of shape (n_annotators,) or None
        Names of the annotators.
    item_names : ndarray of shape (n_items,) or None
    details : AnswerDetails or None
        Of the values; answers of the weight 0 are left out.

    Returns
    -------
    parts : Parts
    """
    check_kind(kind)
    names = check_names(names, shape[1])
    answered = ~missing_mask(values)
    if details is not None and details.weight is not None:
        answered &= details.weight > 0
    if not answered.all():
        item, annotator, values = item[answered], annotator[answered], values[answered]
        details = None if details is None else details.take(answered)
    if not values.size:
        raise no_answer(shape, kind)
    order = _order(item, annotator, shape[1])
    if order is not None:
        item, annotator, values = item[order], annotator[order], values[order]
        details = None if details is None else details.take(order)
    where = Where(item, annotator, names, item_names)
    _check_distinct(item, annotator, where)
    answer, classes = encode(values, kind, classes, where)
    for array in (item, annotator, answer):
        readonly(array)
    if details is not None:
        details = details.frozen(len(answer), None if classes is None else len(classes))
    return Parts(item, annotator, answer, shape, classes, names, item_names, details)


def readonly(array: Array) -> Array:
    """Return the array, no longer writeable."""
    array.setflags(write=False)
    return array


def no_answer(shape: tuple[int, int], kind: Any, name: str = "y") -> Any:
    """Build the error for a y in which every answer is missing."""
    marks = "NaN, None or -1" if kind == "labels" else "NaN or None"
    return ValueError(
        f"{name} of shape {shape} holds no answer at all; mark missing answers with "
        f"{marks} and leave at least one real answer."
    )


def _order(item: IntArray, annotator: IntArray, n_annotators: int) -> IntArray | None:
    """Return the order by item, then annotator; None if they are sorted."""
    key = item * np.int64(n_annotators) + annotator
    if (key[1:] > key[:-1]).all():
        return None
    return np.argsort(key, kind="stable")


def _check_distinct(item: IntArray, annotator: IntArray, where: Any) -> None:
    again = (item[1:] == item[:-1]) & (annotator[1:] == annotator[:-1])
    if not again.any():
        return
    first = int(np.argmax(again))
    raise ValueError(
        f"y holds more than one answer for {where(first)} ({int(again.sum())} "
        "duplicate (item, annotator) pairs in all); keep one answer per pair, e.g. "
        "drop the repeats."
    )


def check_names(names: Any, n_annotators: int) -> Array:
    """Read annotator names, or number the annotators if there are none."""
    if names is None:
        return np.arange(n_annotators)
    names = plain(names, "annotator_names")
    listed = names.tolist() if hasattr(names, "tolist") else list(names)
    if len(listed) != n_annotators:
        raise ValueError(
            f"annotator_names holds {len(listed)} names, but y has {n_annotators} "
            "annotators (columns); give one name per annotator."
        )
    array = names_array(listed)
    twice = first_duplicate(array)
    if twice is not None:
        raise ValueError(
            f"annotator_names holds {twice!r} more than once; names must be distinct."
        )
    return array


def names_array(listed: list[int | str]) -> Array:
    """Return names as a 1-D array: int64 if all are such integers, else objects."""
    if listed and all(_is_integer(v) for v in listed):
        array = object_array([int(v) for v in listed])
        return array.astype(np.int64) if fit_int64(array) else array
    return object_array(listed)


def _is_integer(value: Any) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


class Where:
    """Describe the position of answer k; names are None for a known truth."""

    def __init__(
        self,
        item: Any,
        annotator: Any,
        names: Any,
        item_names: Array | None,
    ) -> None:
        self.item, self.annotator = item, annotator
        self.names, self.item_names = names, item_names

    def __call__(self, k: int) -> str:
        item = self.item[k]
        row = f"row {item}"
        if self.item_names is not None:
            row = f"item {_one(self.item_names, item)!r}"
        if self.names is None:
            return row
        return f"{row}, annotator {_one(self.names, self.annotator[k])!r}"


def where_in(annotations: Annotations) -> Where:
    """Return the `Where` of an Annotations."""
    return Where(
        annotations.item,
        annotations.annotator,
        annotations.annotator_names,
        annotations.item_names,
    )


def _one(array: Array, k: int) -> int | str:
    return array[k : k + 1].tolist()[0]
