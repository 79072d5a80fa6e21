"""Freeze, compare and select the fields of an Annotations."""

from __future__ import annotations

import numbers
from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np

from ._answer_details import AnswerDetails, map_annotators
from ._assemble import Parts, check_names, names_array, readonly
from ._lookup import positions, preview

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, DTypeLike, IntArray

    from ._container import Annotations


def frozen_fields(annotations: Annotations) -> dict[str, Any]:
    """Check the fields as given and return them as read-only arrays.

    Returns
    -------
    fields : dict from field name to value
    """
    shape = tuple(int(n) for n in annotations.shape)
    answer_type = np.float64 if annotations.classes is None else np.int64
    frozen = {
        "item": _freeze(annotations.item, np.int64),
        "annotator": _freeze(annotations.annotator, np.int64),
        "answer": _freeze(annotations.answer, answer_type),
        "shape": shape,
        "annotator_names": _freeze_names(annotations.annotator_names, shape[1]),
    }
    for name in ("classes", "item_names"):
        value = getattr(annotations, name)
        if isinstance(value, (list, tuple)):
            value = names_array(list(value))
        frozen[name] = None if value is None else _freeze(value)
    _check_triples(frozen)
    frozen["ordered"] = _checked_order(annotations)
    frozen["details"] = _freeze_details(annotations.details, frozen)
    return frozen


def unchecked(container: Any, *values: Any) -> Any:
    """Build a container from parts of one that was checked, without checks.

    Parameters
    ----------
    container : type
        Annotations or SequenceAnnotations.
    *values : object
        The fields, in order; arrays are made read-only.

    Returns
    -------
    annotations : object of type `container`
    """
    annotations = object.__new__(container)
    for field, value in zip(fields(container), values, strict=True):
        is_array = isinstance(value, np.ndarray)
        object.__setattr__(
            annotations, field.name, readonly(value) if is_array else value
        )
    return annotations


def _freeze(values: Any, dtype: DTypeLike | None = None) -> Array:
    """Return a read-only array that nobody else can write to."""
    array = np.asarray(values, dtype=dtype)
    if array.flags.writeable and (array is values or array.base is not None):
        array = array.copy()
    return readonly(array)


def _freeze_names(names: Any, n_annotators: int) -> Array:
    """Check names once; those of another Annotations are read-only already."""
    known = isinstance(names, np.ndarray) and not names.flags.writeable
    if known and names.shape == (n_annotators,):
        return names
    return readonly(check_names(names, n_annotators))


def _checked_order(annotations: Annotations) -> bool:
    """Return whether the classes have an order, which numbers have anyway."""
    if annotations.ordered and annotations.classes is None:
        raise ValueError("ordered=True is for classes, but the answers are numbers.")
    return bool(annotations.ordered)


def _check_triples(frozen: dict[str, Any]) -> None:
    item, annotator, answer = (frozen[n] for n in ("item", "annotator", "answer"))
    n_items, n_annotators = frozen["shape"]
    if not item.ndim == annotator.ndim == answer.ndim == 1 or not (
        item.size == annotator.size == answer.size
    ):
        raise ValueError(
            "item, annotator and answer must be 1-D and equally long, got shapes "
            f"{item.shape}, {annotator.shape} and {answer.shape}."
        )
    key = item * np.int64(n_annotators) + annotator
    if (key[1:] <= key[:-1]).any():
        raise ValueError(
            "answers must be sorted by item, then annotator, each pair once; use "
            "Annotations.from_long for answers in any order."
        )
    bounds = {"item": (item, n_items), "annotator": (annotator, n_annotators)}
    if frozen["classes"] is not None:
        bounds["answer"] = (answer, len(frozen["classes"]))
    for name, (values, end) in bounds.items():
        if values.size and not 0 <= values.min() <= values.max() < end:
            raise ValueError(
                f"{name} must lie between 0 and {end - 1}, got {values.min()} to "
                f"{values.max()}."
            )


def _freeze_details(details: Any, frozen: dict[str, Any]) -> AnswerDetails | None:
    """Check the details of answers, and return them read-only."""
    if details is None:
        return None
    if not isinstance(details, AnswerDetails):
        raise TypeError(
            f"details must be AnswerDetails or None, got {type(details).__name__}; use "
            "Annotations.from_long(confidence=, weight=, time=), or with_details."
        )
    classes = frozen["classes"]
    n_classes = None if classes is None else len(classes)
    if n_classes is None and details.probabilities is not None:
        raise ValueError("numbers have no probabilities of classes; leave them out.")
    details = details.frozen(frozen["answer"].size, n_classes)
    shares = details.probabilities
    if shares is not None and not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError("probabilities of answers must lie between 0 and 1.")
    if details.weight is not None and not (details.weight > 0).all():
        raise ValueError("weights of answers must be positive; use with_details.")
    if details.unsure is not None:
        _check_unsure(details.unsure, frozen)
    return details if details.given else None


def _check_unsure(pairs: IntArray, frozen: dict[str, Any]) -> None:
    """Raise if somebody who was unsure about an item answered it, too."""
    shape = frozen["shape"]
    if pairs.size and ((pairs < 0).any() or (pairs.max(axis=0) >= shape).any()):
        raise ValueError(f"unsure holds a pair outside {shape} items and annotators.")
    key = pairs[:, 0] * np.int64(shape[1]) + pairs[:, 1]
    answered = frozen["item"] * np.int64(shape[1]) + frozen["annotator"]
    twice = len(np.unique(key)) < len(key)
    both = np.isin(key, answered)
    if twice or both.any():
        row, column = pairs[int(both.argmax())]
        raise ValueError(
            f"annotator {frozen['annotator_names'].tolist()[column]!r} is unsure about "
            f"row {row}, and answers it a second time; keep one answer per pair."
        )


def equal(left: Annotations, right: Annotations) -> bool:
    """Return whether two Annotations have equal fields."""
    return all(
        _equal_values(getattr(left, f.name), getattr(right, f.name))
        for f in fields(left)
    )


def _equal_values(
    left: tuple[int, int] | Array | None, right: tuple[int, int] | Array | None
) -> bool:
    if not (isinstance(left, np.ndarray) and isinstance(right, np.ndarray)):
        return type(left) is type(right) and left == right
    return left.dtype.kind == right.dtype.kind and np.array_equal(left, right)


def row_index(rows: Any, n_items: int, what: str = "item") -> IntArray | slice | int:
    """Read an index of rows as an int, a slice or an int64 array.

    Parameters
    ----------
    rows : int, slice, array-like, or a tuple of one of these and a full slice
    n_items : int
    what : str, default="item"

    Returns
    -------
    rows : int, slice, or int64 ndarray of shape (n_selected,)
        No negative entries.
    """
    rows = _first_of_tuple(rows)
    if isinstance(rows, slice):
        return rows
    index = np.asarray(rows)
    if index.dtype.kind == "b" and index.ndim == 1:
        return _mask_index(index, n_items, what)
    if index.size == 0 and index.ndim == 1:
        return np.zeros(0, dtype=np.int64)
    if index.dtype == object and index.ndim == 1:
        index = _integers_of_objects(index)
    if index.dtype.kind not in "iu" or index.ndim > 1:
        raise IndexError(
            f"index {what}s by an integer, a slice, or a 1-D array of integers or "
            f"booleans, got {type(rows).__name__} of {index.dtype}, {index.ndim}-D."
        )
    return _wrapped(index.astype(np.int64), n_items, what)


def _first_of_tuple(rows: Any) -> list[int] | slice | Array:
    if not isinstance(rows, tuple):
        return rows
    columns = rows[1:]
    is_full = all(part is Ellipsis or part == slice(None) for part in columns)
    if len(columns) != 1 or not is_full:
        raise IndexError(
            "index items only, as A[rows] or A[rows, :]; for columns use "
            "A.select_annotators(index)."
        )
    return rows[0]


def _mask_index(mask: BoolArray, n_items: int, what: str) -> IntArray:
    if mask.size != n_items:
        raise IndexError(
            f"a boolean mask of length {mask.size} does not fit {n_items} {what}s."
        )
    return np.flatnonzero(mask)


def _integers_of_objects(index: Any) -> Any:
    whole = all(isinstance(i, numbers.Integral) for i in index.tolist())
    return index.astype(np.int64) if whole else index


def _wrapped(index: IntArray, n_items: int, what: str) -> IntArray | int:
    outside = (index < -n_items) | (index >= n_items)
    if outside.any():
        first = int(np.atleast_1d(index)[np.argmax(outside)])
        raise IndexError(f"{what} {first} is out of range for {n_items} {what}s.")
    index = np.where(index < 0, index + n_items, index)
    return int(index) if index.ndim == 0 else index


def one_item(annotations: Annotations, row: int) -> dict[Any, Any]:
    """Return the answers to one item as a dict from annotator name to answer."""
    answers = slice(annotations.indptr[row], annotations.indptr[row + 1])
    names = annotations.annotator_names[annotations.annotator[answers]].tolist()
    labels = annotations.answer[answers]
    if annotations.classes is not None:
        labels = annotations.classes[labels]
    return dict(zip(names, labels.tolist(), strict=True))


def select_items(annotations: Annotations, rows: IntArray | slice) -> Parts:
    """Return the fields of the items selected.

    Parameters
    ----------
    annotations : Annotations
    rows : slice, or int64 ndarray of shape (n_selected,) without negatives

    Returns
    -------
    parts : Parts
    """
    if isinstance(rows, slice):
        start, stop, step = rows.indices(annotations.n_items)
        if step == 1:
            return _select_range(annotations, start, max(start, stop))
        rows = np.arange(start, stop, step)
    indptr = annotations.indptr
    counts = indptr[rows + 1] - indptr[rows]
    ends = np.cumsum(counts)
    item = np.repeat(np.arange(rows.size), counts)
    picked = np.repeat(indptr[rows] - (ends - counts), counts) + np.arange(item.size)
    return _parts(annotations, readonly(item), picked, rows, rows.size)


def _select_range(annotations: Annotations, start: int, stop: int) -> Parts:
    picked = slice(annotations.indptr[start], annotations.indptr[stop])
    item = readonly(annotations.item[picked] - start)
    return _parts(annotations, item, picked, slice(start, stop), stop - start)


def _parts(
    annotations: Annotations,
    item: IntArray,
    picked: IntArray | slice,
    rows: IntArray | slice,
    n_items: int,
) -> Parts:
    names = annotations.item_names
    details = annotations.details
    if details is not None:
        details = details.take(picked, _unsure_of(rows, annotations.n_items))
    return Parts(
        item,
        readonly(annotations.annotator[picked]),
        readonly(annotations.answer[picked]),
        (n_items, annotations.n_annotators),
        annotations.classes,
        annotations.annotator_names,
        None if names is None else readonly(names[rows]),
        details,
        annotations.ordered,
    )


def _unsure_of(rows: IntArray | slice, n_items: int) -> Any:
    """Return the function that selects the pairs of some rows, repeated ones, too."""
    rows = np.arange(n_items)[rows]

    def select(pairs: IntArray) -> IntArray:
        order = np.argsort(pairs[:, 0], kind="stable")
        begin, end = (
            np.searchsorted(pairs[order, 0], rows, side) for side in ("left", "right")
        )
        new = np.repeat(np.arange(rows.size), end - begin)
        first = np.repeat(begin - np.cumsum(end - begin) + (end - begin), end - begin)
        old = order[first + np.arange(new.size)]
        return np.column_stack([new, pairs[old, 1]])

    return select


def select_annotators(annotations: Annotations, index: Any) -> Parts:
    """Return the fields of the annotators selected, in the order given.

    Parameters
    ----------
    annotations : Annotations
    index : slice, or array-like of int, bool or names

    Returns
    -------
    parts : Parts
    """
    names = annotations.annotator_names
    index = _annotator_index(_named_positions(index, names), len(names))
    place = np.full(annotations.n_annotators, -1, dtype=np.int64)
    place[index] = np.arange(index.size)
    annotator = place[annotations.annotator]
    kept = np.flatnonzero(annotator >= 0)
    kept = kept[np.lexsort((annotator[kept], annotations.item[kept]))]
    details = annotations.details
    if details is not None:
        details = details.take(kept, map_annotators(place))
    return Parts(
        annotations.item[kept],
        annotator[kept],
        annotations.answer[kept],
        (annotations.n_items, index.size),
        annotations.classes,
        readonly(annotations.annotator_names[index]),
        annotations.item_names,
        details,
        annotations.ordered,
    )


def _named_positions(index: Any, names: Array) -> Any:
    """Return positions instead of names that are text; anything else as it is."""
    is_one = isinstance(index, str)
    if isinstance(index, slice) or names.dtype.kind not in "OU":
        return index
    wanted = names_array([index] if is_one else np.atleast_1d(index).tolist())
    if not len(wanted) or not all(isinstance(name, str) for name in wanted.tolist()):
        return index
    place = positions(wanted, names)
    unknown = wanted[place < 0]
    if unknown.size:
        close = get_close_matches(str(unknown[0]), list(map(str, names)), n=1)
        question = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(
            f"no annotator is called {preview(unknown, 4)}; the names are "
            f"{preview(names)}.{question}"
        )
    return place


def _annotator_index(index: Any, n_annotators: int) -> IntArray:
    index = row_index(index, n_annotators, "annotator")
    if isinstance(index, slice):
        index = np.arange(n_annotators)[index]
    index = np.atleast_1d(index)
    if np.unique(index).size != index.size:
        raise ValueError(
            f"annotators {index.tolist()} holds a repeat; select each one once."
        )
    return index


def select_answers(annotations: Annotations, index: Any) -> Parts:
    """Return the fields with some of the answers; all items and annotators stay.

    Parameters
    ----------
    annotations : Annotations
    index : slice, int or bool array-like

    Returns
    -------
    parts : Parts
    """
    kept = answer_index(index, annotations.n_answers)
    return Parts(
        annotations.item[kept],
        annotations.annotator[kept],
        annotations.answer[kept],
        annotations.shape,
        annotations.classes,
        annotations.annotator_names,
        annotations.item_names,
        None if annotations.details is None else annotations.details.take(kept),
        annotations.ordered,
    )


def answer_index(index: Any, n_answers: int) -> IntArray:
    """Read an index of answers as ascending positions, each once."""
    index = row_index(index, n_answers, "answer")
    if isinstance(index, slice):
        index = np.arange(n_answers)[index]
    index = np.sort(np.atleast_1d(index))
    again = index[1:] == index[:-1]
    if again.any():
        raise ValueError(
            f"the index holds answer {index[1:][again][0]} more than once; select each "
            "answer once."
        )
    return index
