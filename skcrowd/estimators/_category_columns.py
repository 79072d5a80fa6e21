"""Columns of categories in tables: one 0/1 column for each category."""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._tables import is_frame
from skcrowd.annotations._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features


__all__ = [
    "ColumnCategories",
    "has_category_columns",
    "learn_categories",
    "one_hot",
    "text_columns",
    "time_columns",
]

ColumnCategories = tuple[tuple[int, tuple[Any, ...]], ...]

# of pandas, of Arrow in pandas, and of polars
_TIME_TYPES = (
    *("datetime64", "timedelta64", "period"),
    *("timestamp", "date32", "date64", "time32", "time64", "duration"),
    *("Date", "Time", "Duration"),
)
_TIMES = (date, time, timedelta, np.datetime64, np.timedelta64)
_CATEGORY_TYPES = ("category", "Categorical", "Enum")  # of pandas, and of polars


def has_category_columns(X: Features) -> bool:
    """Whether X is a pandas or polars table with a column of categories."""
    return is_frame(X) and any(map(_is_category, _dtypes(X)))


def text_columns(X: Features) -> list[Any]:
    """Return the names of the columns that hold texts that are no numbers."""
    names = []
    for position, dtype in enumerate(_dtypes(X)):
        if str(dtype) not in ("object", "str", "string", "String"):
            continue
        values = _column(X, position).to_numpy()
        if any(isinstance(value, str) and not _is_number(value) for value in values):
            names.append(list(X.columns)[position])
    return names


def time_columns(X: Features) -> list[Any]:
    """Return the names of the columns that hold dates, times or durations."""
    return [
        list(X.columns)[position]
        for position, dtype in enumerate(_dtypes(X))
        if str(dtype).startswith(_TIME_TYPES) or _holds_times(X, position, dtype)
    ]


def _holds_times(X: Any, position: int, dtype: Any) -> bool:
    """Whether a column of objects has one that is a date, a time or a duration."""
    if str(dtype) not in ("object", "Object"):
        return False
    values = _column(X, position).to_numpy()
    return any(isinstance(value, _TIMES) for value in values)


def _is_number(text: str) -> bool:
    """Whether a text is read as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def learn_categories(X: Features) -> ColumnCategories:
    """Return the categories of the columns that hold categories.

    Parameters
    ----------
    X : DataFrame of pandas or polars

    Returns
    -------
    categories : tuple of (int, tuple)
        Position of a column, and its categories: those that the type of the column
        lists, in its order, or those seen, sorted.
    """
    return tuple(
        (position, _categories(_column(X, position)))
        for position, dtype in enumerate(_dtypes(X))
        if _is_category(dtype)
    )


def one_hot(X: Features, categories: ColumnCategories) -> Array:
    """Return a table as numbers, each category as a column of 0 and 1.

    An unknown category, and a missing one, is 0 in all columns of its variable.

    Parameters
    ----------
    X : DataFrame of n_items rows
    categories : tuple of (int, tuple)

    Returns
    -------
    numbers : ndarray of shape (n_items, n_features)
        float32 or float64, or of objects where a column is neither numbers nor
        categories.
    """
    encoded = dict(categories)
    parts = []
    for position in range(len(_dtypes(X))):
        values = _column(X, position).to_numpy()
        if position in encoded:
            _check_type(list(X.columns)[position], values, encoded[position])
            places = {name: i for i, name in enumerate(encoded[position])}
            codes = np.array([places.get(_plain(value), -1) for value in values])
            levels = np.arange(len(places))
            parts.append((codes[:, None] == levels).astype(np.float32))
        else:
            parts.append(np.asarray(values)[:, None])
    return np.concatenate(parts, axis=1)


def _check_type(name: Any, values: Any, known: tuple[Any, ...]) -> None:
    """Raise for texts where the categories of fit were none, or the reverse.

    They would all be unknown, whatever they say.
    """
    given = values[~missing_mask(values)]
    of_given, of_known = _example_of_each(given), _example_of_each(known)
    if of_given and of_known and not set(of_given) & set(of_known):
        (one,), (other,) = of_given.values(), of_known.values()
        raise ValueError(
            f"the column {name!r} of X holds categories such as {one!r}, in fit it "
            f"held such as {other!r}, and a text never equals what is none; convert "
            f"the column to the type that it had, X.astype({{{name!r}: ...}})."
        )


def _example_of_each(values: Any) -> dict[bool, Any]:
    """Return one value that is a text, by True, and one that is none, by False."""
    return {isinstance(value, str): _plain(value) for value in values}


def _dtypes(X: Any) -> list[Any]:
    """Return the types of the columns."""
    return list(getattr(X, "dtypes", []))


def _is_category(dtype: Any) -> bool:
    """Whether a type of a column is one of categories."""
    name = str(getattr(dtype, "name", dtype))
    return name.partition("(")[0] in _CATEGORY_TYPES


def _column(X: Any, position: int) -> Any:
    """Return a column of a pandas or polars table."""
    return X.iloc[:, position] if hasattr(X, "iloc") else X[:, position]


def _categories(column: Any) -> tuple[Any, ...]:
    """Return the categories of a column."""
    if str(column.dtype).startswith("Categorical"):  # of polars, in no stable order
        listed = sorted(set(column.to_list()) - {None})
    else:
        listed = list(column.dtype.categories)
    return tuple(map(_plain, listed))


def _plain(value: Any) -> Any:
    """Return a category as a Python object."""
    return value.item() if isinstance(value, np.generic) else value
