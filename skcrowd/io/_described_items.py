"""What the rows of a table say of one item is the same in all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

from ._collector import Collector
from ._name_types import is_missing

__all__ = ["DescribedItems"]

TEXT = "text"


class DescribedItems:
    """The columns of a table that describe its items.

    These are "text", and those that the user named as data. Others may say something of
    each answer.

    Parameters
    ----------
    collector : Collector
        Keeps the columns that were asked for.
    answered : collection of str
        The columns that say something of answers.
    """

    def __init__(self, collector: Collector, answered: Collection[str]) -> None:
        self.collector = collector
        named = () if isinstance(collector.data, bool) else tuple(collector.data)
        columns = dict.fromkeys((TEXT, *named))
        self._columns = [name for name in columns if name not in answered]
        self._said: dict[tuple[int, str], int] = {}

    def add(self, item: int, row: Mapping[str, Any], where: str) -> None:
        """Read what a row says of its item.

        Parameters
        ----------
        item : int
        row : Mapping
            By column.
        where : str
            The row, for the error message.

        Raises
        ------
        ValueError
            If an earlier row says something else of the item.
        """
        for name in self._columns:
            if _is_empty(row.get(name)):
                continue
            said = hash(str(row[name]))
            if self._said.setdefault((item, name), said) != said:
                raise ValueError(
                    f"{where} has the {name} {row[name]!r}, and an earlier row of the "
                    "same item another one; correct it, or name the items by another "
                    "column. If it is no property of the item, rename the column, or "
                    "leave it out of data."
                )
        for name, values in self.collector.columns.items():
            if _is_empty(values[item]):
                values[item] = row.get(name)


def _is_empty(value: Any) -> bool:
    return not isinstance(value, np.ndarray) and is_missing(value)
