"""Assemble raw triples to the fields of Annotations, the last step of each reader."""

from typing import NamedTuple

import numpy as np

from ._encoding import check_kind, encode
from ._lookup import first_duplicate, fit_int64, object_array
from ._tables import plain
from ._value_types import missing_mask


class Parts(NamedTuple):
    """The fields of Annotations, in order."""

    item: np.ndarray
    annotator: np.ndarray
    answer: np.ndarray
    shape: tuple[int, int]
    classes: np.ndarray | None
    annotator_names: np.ndarray
    item_names: np.ndarray | None


def assemble(item, annotator, values, shape, *, kind, classes, names, item_names=None):
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

    Returns
    -------
    parts : Parts
    """
    check_kind(kind)
    names = check_names(names, shape[1])
    answered = ~missing_mask(values)
    if not answered.all():
        item, annotator, values = item[answered], annotator[answered], values[answered]
    if not values.size:
        raise no_answer(shape, kind)
    item, annotator, values = _sorted(item, annotator, values, shape[1])
    where = Where(item, annotator, names, item_names)
    _check_distinct(item, annotator, where)
    answer, classes = encode(values, kind, classes, where)
    for array in (item, annotator, answer):
        readonly(array)
    return Parts(item, annotator, answer, shape, classes, names, item_names)


def readonly(array):
    """Return the array, no longer writeable."""
    array.setflags(write=False)
    return array


def no_answer(shape, kind, name="y"):
    """Build the error for a y in which every answer is missing."""
    marks = "NaN, None or -1" if kind == "labels" else "NaN or None"
    return ValueError(
        f"{name} of shape {shape} holds no answer at all; mark missing answers with "
        f"{marks} and leave at least one real answer."
    )


def _sorted(item, annotator, values, n_annotators):
    key = item * np.int64(n_annotators) + annotator
    if (key[1:] > key[:-1]).all():
        return item, annotator, values
    order = np.argsort(key, kind="stable")
    del key
    return item[order], annotator[order], values[order]


def _check_distinct(item, annotator, where):
    again = (item[1:] == item[:-1]) & (annotator[1:] == annotator[:-1])
    if not again.any():
        return
    first = int(np.argmax(again))
    raise ValueError(
        f"y holds more than one answer for {where(first)} ({int(again.sum())} "
        "duplicate (item, annotator) pairs in all); keep one answer per pair, e.g. "
        "drop the repeats."
    )


def check_names(names, n_annotators):
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


def names_array(listed):
    """Return names as a 1-D array: int64 if all are such integers, else objects."""
    if listed and all(_is_integer(v) for v in listed):
        array = object_array([int(v) for v in listed])
        return array.astype(np.int64) if fit_int64(array) else array
    return object_array(listed)


def _is_integer(value):
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


class Where:
    """Describe the position of answer k; names are None for a known truth."""

    def __init__(self, item, annotator, names, item_names):
        self.item, self.annotator = item, annotator
        self.names, self.item_names = names, item_names

    def __call__(self, k):
        item = self.item[k]
        row = f"row {item}"
        if self.item_names is not None:
            row = f"item {_one(self.item_names, item)!r}"
        if self.names is None:
            return row
        return f"{row}, annotator {_one(self.names, self.annotator[k])!r}"


def where_in(annotations):
    """Return the `Where` of an Annotations."""
    return Where(
        annotations.item,
        annotations.annotator,
        annotations.annotator_names,
        annotations.item_names,
    )


def _one(array, k):
    return array[k : k + 1].tolist()[0]
