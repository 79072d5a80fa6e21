"""Ordered categories of tables: classes that have an order."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._lookup import positions
from ._tables import column_names
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import Array


__all__ = ["keeps_order", "ordered_categories", "ordered_classes"]


def ordered_categories(y: Any) -> Array | None:
    """Return the ordered categories of a column, or of all columns of a table.

    Ordered are categoricals of pandas with ``ordered=True``, every Enum of polars, and
    dictionaries of Arrow with ``ordered=True``.

    Parameters
    ----------
    y : object

    Returns
    -------
    categories : ndarray of shape (n_classes,) or None
        From lowest to highest, without the empty string, which is no answer. None where
        a column has none, or other ones.
    """
    columns = [_categories(column) for column in _columns(y)]
    first = columns[0] if columns else None
    if first is None or any(column != first for column in columns):
        return None
    categories = np.asarray(first)
    return categories[~missing_mask(categories)]


def _columns(y: Any) -> Iterable[Any]:
    """Return the columns of a table, or a column as the only one; none of others."""
    library = type(y).__module__.partition(".")[0]
    if library == "pyarrow":
        return getattr(y, "columns", [y])
    dtypes = getattr(y, "dtypes", None) if hasattr(y, "shape") else None  # not lazy
    if library == "pandas" and dtypes is not None:
        return dtypes if np.ndim(y) == 2 else [dtypes]
    if library == "polars" and hasattr(y, "shape"):
        return [y.dtype] if dtypes is None else dtypes
    return []


def _categories(column: Any) -> list[Any] | None:
    """Return the ordered categories of a column of Arrow, or of a type of a column."""
    if hasattr(column, "null_count"):  # an array of Arrow, maybe of several chunks
        if not getattr(column.type, "ordered", False):
            return None
        parts = getattr(column, "chunks", [column])
        found = [part.dictionary.to_pylist() for part in parts]
        return found[0] if found and all(part == found[0] for part in found) else None
    is_enum = type(column).__name__ == "Enum"  # of polars
    if not (is_enum or getattr(column, "ordered", False)):
        return None
    return list(column.categories)


def ordered_classes(
    classes: Any, answers: Any, kind: Any, unsure: Any = (), data: Any = None
) -> Any:
    """Return the classes, which by default are ordered categories of the answers.

    Parameters
    ----------
    classes : array-like or None
        Returned where given.
    answers : object
        A table or column of answers, or the name of a column of `data`.
    kind : object
        There are classes where it is "labels".
    unsure : scalar or list
        Categories that are no classes.
    data : DataFrame, default=None

    Returns
    -------
    classes : array-like or None
        From lowest to highest where they are ordered categories.
    """
    if classes is not None or kind != "labels":
        return classes
    if data is not None and isinstance(answers, Hashable):
        is_table = hasattr(data, "shape") and not isinstance(data, np.ndarray)
        known = column_names(data) if is_table else None  # not of a LazyFrame
        answers = data[answers] if known is not None and answers in known else None
    found = ordered_categories(answers)
    if found is None:
        return None
    signs = np.atleast_1d(np.asarray(unsure, dtype=object)).tolist()
    return [category for category in found.tolist() if category not in signs]


def keeps_order(classes: Array, others: Array) -> bool:
    """Return whether classes come in the same order among others.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    others : ndarray of shape (n_others,)
        The same classes and further ones.

    Returns
    -------
    is_kept : bool
    """
    place = positions(classes, others)
    return bool((np.diff(place[place >= 0]) > 0).all())
