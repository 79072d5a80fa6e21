"""Labels of a table that have an order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from skcrowd.annotations import Annotations
from skcrowd.annotations._ordered_categories import ordered_categories
from skcrowd.annotations._tables import column_names

from ._contents import PARQUET, content_of
from ._files import paths_of
from ._name_types import of_one_type, without_decimals
from ._parquet import parquet_categories

__all__ = ["stated_order", "with_order"]


def stated_order(table: Any, names: Sequence[str]) -> list[Any] | None:
    """Return the ordered categories of columns.

    Parameters
    ----------
    table : path, list of paths, DataFrame or other table
    names : sequence of str
        The columns of answers.

    Returns
    -------
    labels : list or None
        From lowest to highest. None where a column has none, or another order.
    """
    paths = paths_of(table)
    if paths is None:
        known = set() if isinstance(table, list) else set(column_names(table) or ())
        found = [ordered_categories(table[n]) if n in known else None for n in names]
        orders = [None if order is None else order.tolist() for order in found]
        return orders[0] if all(order == orders[0] for order in orders) else None
    if not all(content_of(path) == PARQUET for path in paths):
        return None
    orders = [parquet_categories(path, name) for path in paths for name in names]
    return orders[0] if all(order == orders[0] for order in orders) else None


def with_order(annotations: Annotations, labels: Sequence[Any]) -> Annotations:
    """Say that the labels have an order.

    Parameters
    ----------
    annotations : Annotations
        Of labels.
    labels : sequence
        From lowest to highest, as they are written.

    Returns
    -------
    ordered : Annotations

    Raises
    ------
    ValueError
        If labels lack one that is an answer, or hold one of another type.
    """
    classes = np.asarray(annotations.classes)
    known = {str(label): label for label in classes.tolist()}
    if classes.dtype.kind in "iu":
        labels = without_decimals(list(labels))
    names = list(map(str, of_one_type(labels)))  # whole floats as the answers are read
    absent = [label for name, label in known.items() if name not in names]
    if absent:
        raise ValueError(
            f"the order {list(labels)} lacks the answers {absent}; list all labels, "
            "from lowest to highest."
        )
    every = [known[name] if name in known else _read(name, classes) for name in names]
    return annotations.with_classes(every, ordered=True)


def _read(name: str, classes: Any) -> Any:
    """Return a label that is no answer with the type of those that are."""
    if classes.dtype.kind in "OU":
        return name
    is_bool = classes.dtype.kind == "b"
    try:
        return {"False": False, "True": True}[name] if is_bool else int(name)
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"the order holds {name!r}, but the answers are "
            f"{'booleans' if is_bool else 'integers'} such as {classes.tolist()[0]!r}; "
            "list labels of that type."
        ) from error
