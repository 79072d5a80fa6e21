"""Ordered categories of tables: classes that have an order."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import numpy as np

from ._lookup import positions
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import Array


__all__ = ["keeps_order", "ordered_categories", "ordered_classes"]


def ordered_categories(y: Any) -> Array | None:
    """Return the ordered categories of a Series or of all columns of a DataFrame.

    Parameters
    ----------
    y : object

    Returns
    -------
    categories : ndarray of shape (n_classes,) or None
        From lowest to highest, without the empty string, which is no answer. None where
        a column has none, or other ones.
    """
    n_dims = getattr(y, "ndim", 0)  # a LazyFrame, whose dtypes cost a query, has none
    dtypes = getattr(y, "dtypes", None) if n_dims in (1, 2) else None
    if dtypes is None:
        return None
    columns = list(dtypes) if n_dims == 2 else [dtypes]
    if not columns or not all(getattr(d, "ordered", False) for d in columns):
        return None
    first = columns[0]
    if any(column != first for column in columns):
        return None
    categories = np.asarray(getattr(first, "categories"))  # noqa: B009
    return categories[~missing_mask(categories)]


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
        is_table = getattr(data, "ndim", 0) == 2  # not a LazyFrame
        answers = data[answers] if is_table and answers in data.columns else None
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
