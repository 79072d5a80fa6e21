"""Read a long table: one row per answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from numbers import Integral, Number, Real
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ._alignment import check_aligned
from ._assemble import assemble
from ._look_alikes import found_names, warn_of_look_alikes
from ._lookup import factorize, first_duplicate, fit_int64, object_array, positions
from ._missing import LONG, LONG_RATINGS, find_missing
from ._plausible import warn_of_odd_table
from ._read_details import (
    as_probabilities,
    check_probabilities,
    details_of,
    is_unsure,
    numbers_of,
)
from ._tables import column, column_names, is_frame
from ._value_types import missing_mask, pandas_if_loaded

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import Array, FloatArray, IntArray

    from ._assemble import Parts


def read_long(
    items: Any,
    annotators: Any,
    labels: Any,
    data: pd.DataFrame | None,
    n_items: Any,
    item_ids: Any,
    annotator_ids: Any,
    missing_label: Any,
    kind: Any,
    classes: Any,
    unsure: Any = (),
    probabilities: Any = None,
    **given: Any,
) -> Parts:
    """Read a long table; see `Annotations.from_long`.

    Returns
    -------
    parts : Parts
    """
    named = {"items": items, "annotators": annotators}
    if data is None:
        check_aligned(
            **named, labels=labels, probabilities=probabilities, **given, is_long=True
        )
    if probabilities is None:
        columns = read_columns({**named, "labels": labels}, data)
    else:
        labels, probabilities, classes = _soft_labels(
            labels, probabilities, classes, data, kind
        )
        columns = read_columns(named, data)
        equally_long({**columns, "probabilities": labels})
        columns["labels"] = labels
    item, item_names = read_items(columns["items"], n_items, item_ids)
    annotator, names = read_ids(columns["annotators"], annotator_ids, "annotator")
    n_rows = len(item_names) if item_names is not None else int(n_items)
    doubtful: Any = False
    if np.size(unsure):
        doubtful = is_unsure(columns["labels"], unsure, classes)
    answered = ~find_missing(
        columns["labels"],
        LONG if kind == "labels" else LONG_RATINGS,
        masked=doubtful,
        missing_label=missing_label,
        classes=classes,
    )
    given = {
        name: numbers_in(values, name, data, answered.shape)[answered]
        for name, values in given.items()
        if values is not None
    }
    if probabilities is not None:
        given["probabilities"] = probabilities[answered]
    if np.any(doubtful):
        given["unsure"] = np.column_stack([item[doubtful], annotator[doubtful]])
    parts = assemble(
        item[answered],
        annotator[answered],
        columns["labels"][answered],
        (n_rows, len(names)),
        kind=kind,
        classes=classes,
        names=names,
        item_names=item_names,
        details=details_of(**given),
    )
    if classes is None:
        warn_of_odd_table(parts)
    warn_of_look_alikes(
        items=found_names(item_names, item_ids),
        annotators=found_names(names, annotator_ids),
        labels=found_names(parts.classes, classes),
    )
    return parts


def numbers_in(values: Any, name: str, data: Any, shape: tuple[int, ...]) -> FloatArray:
    """Read numbers, given as they are or by the name of a column of `data`."""
    return numbers_of(_column(values, name, data), name, shape)


def _column(values: Any, name: str, data: Any) -> Any:
    """Return a column of `data`, or the values themselves."""
    if data is not None:
        is_name = isinstance(values, Hashable)
        return take(data, cast(str, values), name) if is_name else values
    return _refuse_name(values, name)


def _soft_labels(
    labels: Any, probabilities: Any, classes: Any, data: Any, kind: Any
) -> tuple[Any, FloatArray, Any]:
    """Read probabilities of the classes, and the most probable class as the answer.

    Returns
    -------
    labels : ndarray of shape (n_rows,)
        None where all probabilities are missing. The first of equally probable ones.
    probabilities : ndarray of shape (n_rows, n_classes)
    classes : list
    """
    if labels is not None or kind != "labels":
        raise ValueError(
            "probabilities are the answers themselves, of kind 'labels'; pass "
            "labels=None with them."
        )
    values, classes = probability_columns(probabilities, classes, data)
    answered = ~np.isnan(values).all(axis=1)
    rows = np.flatnonzero(answered)
    exact = np.full(values.shape, np.nan)
    exact[rows] = check_probabilities(values[rows], lambda k: f"table row {rows[k]}")
    most = object_array(
        [classes[k] if known else None for k, known in _most_probable(exact, answered)]
    )
    return most, exact, classes


def probability_columns(
    probabilities: Any, classes: Any, data: Any
) -> tuple[FloatArray, list[Any]]:
    """Read a column of probabilities for each class.

    Parameters
    ----------
    probabilities : array-like of shape (n_rows, n_classes), or dict of class to column
    classes : array-like of shape (n_classes,) or None
    data : DataFrame, mapping of columns or None

    Returns
    -------
    probabilities : ndarray of shape (n_rows, n_classes)
        NaN where one is missing.
    classes : list

    Raises
    ------
    ValueError
        If they are of another shape, or the columns are not those of `classes`.

    Notes
    -----
    The columns of a table are those of the classes that they are named after; with
    `classes` that none is named after they are in this order.
    """
    probabilities = _by_class(probabilities, classes)
    if isinstance(probabilities, Mapping):
        if classes is None:
            classes = list(probabilities)
        if set(classes) != set(probabilities):
            raise ValueError(
                f"probabilities has columns for {list(probabilities)}, but classes are "
                f"{list(classes)}; give one column for each class."
            )
        read = [_column(probabilities[k], "probabilities", data) for k in classes]
        values = np.column_stack([as_probabilities(v, "probabilities") for v in read])
    else:
        if data is not None and all(isinstance(k, str) for k in probabilities):
            raise ValueError(
                "probabilities names columns of data without their classes; pass a "
                "dict from class to column."
            )
        values = as_probabilities(probabilities, "probabilities")
        if values.ndim != 2:
            raise ValueError(
                f"probabilities has shape {values.shape}; give a row for each answer "
                "and a column for each class."
            )
        classes = list(range(values.shape[1])) if classes is None else list(classes)
    if values.shape[1] != len(classes):
        raise ValueError(
            f"probabilities has {values.shape[1]} columns for {len(classes)} classes."
        )
    return values, classes


def _by_class(probabilities: Any, classes: Any) -> Any:
    """Return a table whose columns have the names of classes as a mapping of these."""
    if isinstance(probabilities, Mapping):
        return probabilities
    names: list[Any] | None = column_names(probabilities)
    if names is None or _are_numbered(probabilities, names):
        return probabilities
    if classes is not None and _typed(names).isdisjoint(_typed(classes)):
        return probabilities
    twice = first_duplicate(object_array(names))
    if twice is not None:
        raise ValueError(
            f"probabilities has several columns named {twice!r}; give one column for "
            "each class."
        )
    return {name: probabilities[name] for name in names}


def _are_numbered(table: Any, names: list[Any]) -> bool:
    """Whether nobody named the columns of a table, as of one made of an array."""
    pandas = pandas_if_loaded()
    if pandas is None:
        return False
    is_range = isinstance(getattr(table, "columns", None), pandas.RangeIndex)
    return is_range and names == list(range(len(names)))


def _typed(names: Any) -> set[tuple[bool, Any]]:
    """Return names, of which booleans never equal numbers."""
    return {(isinstance(name, (bool, np.bool_)), name) for name in names}


def _most_probable(values: FloatArray, answered: Any) -> Iterator[tuple[int, bool]]:
    """Yield the class of each row, and whether there is one."""
    best = np.where(answered[:, None], values, 0).argmax(axis=1)
    yield from zip(best.tolist(), answered.tolist(), strict=True)


def read_columns(given: dict[str, Any], data: pd.DataFrame | None) -> dict[str, Any]:
    """Return the three columns as 1-D arrays of equal length."""
    if data is not None:
        given = {name: take(data, key, name) for name, key in given.items()}
    else:
        check_aligned(**given, is_long=True)
    columns = {name: column(_refuse_name(v, name), name) for name, v in given.items()}
    return equally_long(columns)


def equally_long(columns: dict[str, Any]) -> dict[str, Any]:
    """Return the columns; raise if they differ in length, or have no rows."""
    lengths = {name: array.size for name, array in columns.items()}
    if len(set(lengths.values())) > 1:
        *others, last = lengths
        raise ValueError(
            f"{', '.join(others)} and {last} must be equally long, got {lengths}."
        )
    if not lengths["items"]:
        raise ValueError("the table has no rows; give at least one answer.")
    return columns


def take(data: Any, key: str, name: str) -> Any:
    """Return a column of a table of any library, a mapping or a structured array."""
    names = None if hasattr(data, "collect") else column_names(data)
    if names is None:
        raise TypeError(
            f"data is a {type(data).__name__}, which has no columns to name; pass a "
            "DataFrame (of polars: collected), a dict of columns or a structured array."
        )
    if not isinstance(key, Hashable) or key not in names:
        raise ValueError(
            f"{name}={key!r} is no column of data, whose columns are {names}."
        )
    return data[key]


def _refuse_name(values: Any, name: str) -> Any:
    if isinstance(values, str) or is_frame(values):
        raise TypeError(
            f"{name} must be a 1-D array, got {type(values).__name__}; to name the "
            'columns of a DataFrame write Annotations.from_long("item", "annotator", '
            '"label", data=df).'
        )
    return values


def read_items(
    values: Any, n_items: int | None, item_ids: Any
) -> tuple[IntArray, Array | None]:
    if n_items is None or item_ids is not None:
        code, names = read_ids(values, item_ids, "item")
        if n_items is not None and n_items != len(names):
            raise ValueError(
                f"n_items={n_items}, but item_ids holds {len(names)} ids; leave "
                "n_items out."
            )
        return code, names
    rows = clean_ids(values, "item")
    if rows.dtype != np.int64 or rows.min() < 0 or rows.max() >= n_items:
        found = "other values"
        if rows.dtype == np.int64:
            found = f"values from {rows.min()} to {rows.max()}"
        raise ValueError(
            f"with n_items={n_items} the items must be row numbers 0 to {n_items - 1}, "
            f"got {found}; for other ids pass item_ids, the ids in the order of the "
            "rows of X."
        )
    return rows, None


def read_ids(values: Any, ids: Any, what: str) -> tuple[IntArray, Array]:
    """Map ids to positions: in `ids` if given, else in sorted order."""
    values = clean_ids(values, what)
    if ids is None:
        code, distinct = factorize(values, f"the {what} column")
        return code, distinct
    order = clean_ids(column(ids, f"{what}_ids"), f"{what}_ids")
    twice = first_duplicate(order)
    if twice is not None:
        raise ValueError(f"{what}_ids holds {twice!r} more than once.")
    code = positions(values, order)
    unknown = np.flatnonzero(code < 0)
    if unknown.size:
        first = values[unknown[:1]].tolist()[0]
        raise ValueError(
            f"the {what} {first!r} (table row {unknown[0]}) is not among {what}_ids, "
            f"and neither are {unknown.size - 1} further rows; add the ids, or drop "
            "these rows."
        )
    return code, order


def clean_ids(values: Any, what: str) -> Array:
    """Give ids one dtype; integral floats become integers.

    Returns
    -------
    ids : ndarray of shape (n,)
        int64 where all are integers that fit, else floats, booleans, dates or objects.

    Raises
    ------
    ValueError
        If an id is missing, or a float that may stand for several integers.
    TypeError
        If booleans are mixed with numbers: True would be 1.
    """
    if not values.size:
        raise ValueError(f"{what} is empty; give at least one id.")
    missing = missing_mask(values)
    if missing.any():
        raise ValueError(
            f"the {what} id in row {int(np.argmax(missing))} is missing "
            f"({int(missing.sum())} in all); every answer needs one, so drop "
            "these rows."
        )
    if values.dtype.kind == "f":
        return _float_ids(values, what)
    if values.dtype.kind == "O":
        values = _object_ids(values, what)
    if values.dtype.kind not in "iu" or not fit_int64(values):
        return values.astype(object) if values.dtype.kind in "u" else values
    return values.astype(np.int64)


def _float_ids(values: Any, what: str) -> Array:
    exact = 2.0 ** (np.finfo(values.dtype).nmant + 1)
    large = np.flatnonzero(np.abs(values) >= exact)
    if large.size:
        k = large[0]
        raise ValueError(
            f"the {what} id in row {k} is the {values.dtype} {float(values[k])}, and "
            f"from {exact:.0f} on different integers are the same {values.dtype}; pass "
            "integers or strings."
        )
    is_whole = (values == np.floor(values)).all()
    return values.astype(np.int64 if is_whole else np.float64)


def _object_ids(values: Any, what: str) -> Array:
    """Ids may be anything sortable; numbers among objects become numbers."""
    types = set(map(type, values.tolist()))
    booleans = {t for t in types if issubclass(t, (bool, np.bool_))}
    numbers = {t for t in types if issubclass(t, Number)} - booleans
    if booleans and numbers:
        raise TypeError(
            f"the {what} ids mix booleans with numbers, and True would be the same as "
            "1; convert them to strings."
        )
    if booleans == types:
        return values.astype(bool)
    if numbers != types or any(not issubclass(t, (Integral, Real)) for t in types):
        return values
    floats = [v for v in values.tolist() if not isinstance(v, Integral)]
    if len(floats) == values.size:
        return _float_ids(values.astype(np.float64), what)
    if floats:
        of_floats = _float_ids(np.array(floats, dtype=np.float64), what)
        if of_floats.dtype != np.int64:
            return values
    whole = object_array([int(v) for v in values.tolist()])
    return whole.astype(np.int64) if fit_int64(whole) else whole
