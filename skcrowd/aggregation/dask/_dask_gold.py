"""The known truth of some items, by their names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.annotations._assemble import Where
from skcrowd.annotations._encoding import encode
from skcrowd.annotations._long import read_ids
from skcrowd.annotations._lookup import object_array, positions
from skcrowd.annotations._value_types import missing_mask

__all__ = ["Gold", "read_gold_items"]


@dataclass(eq=False)
class Gold:
    """Names of items, and the codes of their true classes.

    Parameters
    ----------
    items : ndarray of shape (n,)
    codes : int64 ndarray of shape (n,)
    classes : ndarray
    """

    items: NDArray[Any]
    codes: NDArray[np.int64]
    classes: NDArray[Any]

    def with_classes(self, classes: NDArray[Any]) -> Gold:
        """Return the same with the codes of other classes, which hold all of these."""
        return Gold(self.items, positions(self.classes, classes)[self.codes], classes)

    def of(self, items: NDArray[Any]) -> NDArray[np.int64]:
        """Return the codes of some items, -1 where the truth is not known."""
        place = positions(items, self.items)
        return np.where(place >= 0, self.codes[place], -1)


def read_gold_items(
    gold: Any, item: str, label: str, classes: NDArray[Any]
) -> Gold | None:
    """Read the truth of items that are given by their names.

    Parameters
    ----------
    gold : mapping of item to label, Series, or DataFrame of pandas or Dask
    item, label : str
        Columns of a table.
    classes : ndarray
        Labels of the answers.

    Returns
    -------
    gold : Gold or None
        None where no truth is known.

    Raises
    ------
    ValueError
        If it is something else, or an item has two truths.
    """
    names, values = _columns(gold, item, label)
    is_known = ~missing_mask(values)
    if classes.dtype.kind == "i" and -1 not in classes:
        is_known &= np.array([value != -1 for value in values.tolist()], dtype=bool)
    names, values = names[is_known], values[is_known]
    if not len(names):
        return None
    place, items = read_ids(names, None, "item")
    if len(items) < len(names):
        twice = items[np.bincount(place) > 1].tolist()[0]
        raise ValueError(f"gold has several rows for the item {twice!r}; give one.")
    where = Where(place, None, None, None)
    codes, known = encode(values, "labels", None, where, "gold")
    assert known is not None
    return Gold(items, codes[np.argsort(place)], known)


def _columns(gold: Any, item: str, label: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return names and labels as arrays of objects."""
    if isinstance(gold, Mapping):
        return object_array(list(gold)), object_array(list(gold.values()))
    if hasattr(gold, "compute"):
        gold = gold.compute()
    if {item, label} <= set(getattr(gold, "columns", ())):
        return object_array(gold[item].tolist()), object_array(gold[label].tolist())
    if hasattr(gold, "index") and hasattr(gold, "tolist"):  # a Series
        return object_array(gold.index.tolist()), object_array(gold.tolist())
    raise ValueError(
        f"gold must be a dict from item to label, a Series with the items as index, or "
        f"a table with the columns {item!r} and {label!r}, got a {type(gold).__name__}."
    )
