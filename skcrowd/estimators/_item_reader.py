"""Read the items of a ranker, and the pairs of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._alignment import check_aligned, row_names
from skcrowd.annotations._tables import is_frame
from skcrowd.estimators._category_columns import (
    has_category_columns,
    learn_categories,
    one_hot,
)
from skcrowd.estimators._input_checks import refuse_columns
from skcrowd.estimators._items_input import read_part
from skcrowd.estimators._part_columns import (
    check_columns,
    names_of_columns,
    part_columns,
)
from skcrowd.training._items import ArrayItems

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features
    from skcrowd.estimators._category_columns import ColumnCategories


__all__ = ["FIRST", "SECOND", "ItemReader", "named_pairs", "part_of"]

FIRST, SECOND = "first", "second"


@dataclass(frozen=True)
class ItemReader:
    """Reads items as the network wants them, in ``fit`` and in prediction.

    Parameters
    ----------
    is_default : bool
        Whether the default network reads them, which takes vectors of numbers.
    categories : tuple of (int, tuple), default=()
        Position and categories of each column of categories.
    columns : tuple of str, default=()
        Names of the columns of the tables that these positions are in.
    """

    is_default: bool
    categories: ColumnCategories = ()
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, module: Any, X: Features) -> ItemReader:
        """Return the reader for a fit.

        Parameters
        ----------
        module : object
            Network of single items; None for the default one.
        X : pairs, or items, as of :meth:`skcrowd.CrowdRanker.fit`
        """
        parts = named_pairs(X).values() if _is_pair(X) else [X]
        tables = [*filter(has_category_columns, parts)]
        if not tables:
            return cls(module is None)
        found: dict[int, tuple[Any, ...]] = {}
        for position, names in chain.from_iterable(map(learn_categories, tables)):
            both = (*found.get(position, ()), *names)
            found[position] = tuple(dict.fromkeys(both))
        columns = names_of_columns(tables[0])
        return cls(module is None, tuple(sorted(found.items())), columns)

    def read_pairs(self, X: Any, **others: Any) -> ArrayItems:
        """Read the two items of each pair.

        Parameters
        ----------
        X : (first, second), dict, SliceDict or ArrayItems
        **others : object
            Arguments with a row for each pair, whose row labels must be those of `X`:
            ``y`` and ``sample_weight``.

        Returns
        -------
        items : ArrayItems
            With the parts "first" and "second".

        Raises
        ------
        ValueError
            If there are no two arrays of equal shape, with columns of the same names,
            or rows have labels of pairs in another order.
        """
        if isinstance(X, ArrayItems):
            return X
        pairs = named_pairs(X)
        _check_rows(pairs, others)
        columns = part_columns(pairs)
        _check_same_columns(*(dict(columns).get(name, ()) for name in pairs))
        parts = {name: self.read(part, f"X[{name!r}]") for name, part in pairs.items()}
        shapes = [part.shape for part in parts.values()]
        if shapes[0] != shapes[1]:
            raise ValueError(
                f"the first items have shape {shapes[0]}, the second {shapes[1]}; give "
                "both arrays a row for each pair."
            )
        return ArrayItems(parts, columns)

    def read(self, X: Features, name: str = "X") -> Any:
        """Read items.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_items, ...)
        name : str, default="X"
            For error messages.

        Returns
        -------
        items : ndarray or CSR matrix of shape (n_items, ...)
        """
        items = read_part(self._encoded(X, name), name)
        return _as_vectors(items, name) if self.is_default else items

    def _encoded(self, X: Features, name: str) -> Any:
        """Return a table with its columns of categories as 0 and 1."""
        if is_frame(X):
            refuse_columns(X)
        if not self.categories:
            return X
        if not is_frame(X):
            raise ValueError(
                f"{name} is no table, but the ranker was fitted with tables that have "
                "columns of categories; pass a table with the same columns."
            )
        check_columns(name, names_of_columns(X), self.columns, "CrowdRanker")
        return one_hot(X, self.categories)


def named_pairs(X: Any) -> dict[str, Any]:
    """Return the first and the second items of pairs, by name.

    Parameters
    ----------
    X : (first, second), dict or SliceDict

    Raises
    ------
    ValueError
        If it holds anything else.
    """
    if not _is_pair(X):
        raise ValueError(
            "X must hold the two items of each pair, as (first, second) or a dict "
            f"of the arrays 'first' and 'second'; got {type(X).__name__}."
        )
    if isinstance(X, Mapping):
        return {name: X[name] for name in (FIRST, SECOND)}
    return dict(zip((FIRST, SECOND), X, strict=True))


def part_of(pairs: ArrayItems, name: str) -> Any:
    """Return the first or the second items of pairs."""
    return dict(pairs.parts)[name]


def _is_pair(X: Any) -> bool:
    """Whether X may hold the first and the second items of pairs."""
    if isinstance(X, Mapping):
        return set(X) == {FIRST, SECOND}
    return isinstance(X, (tuple, list)) and len(X) == 2


def _check_rows(pairs: dict[str, Any], others: dict[str, Any]) -> None:
    """Raise if rows of pairs, answers and weights are labelled in another order.

    The labels of two tables with different labels, or with the same in another order,
    are names of items, such as those of ``items.loc[names]``, and do not tell which
    pair a row is, unless they are numbers of pairs or the labels of `others`.
    """
    indices: list[Any] = [getattr(part, "index", None) for part in pairs.values()]
    first, second = indices
    are_tables = hasattr(first, "is_unique") and hasattr(second, "is_unique")
    if not are_tables or first.equals(second):
        check_aligned(X=pairs, **others)
    elif _have_same_labels(first, second) and _label_pairs(first, others):
        raise _mixed_up(first, second)


def _have_same_labels(first: Any, second: Any) -> bool:
    """Whether two indices have the same labels, in any order, each once."""
    return first.is_unique and second.is_unique and set(first) == set(second)


def _label_pairs(index: Any, others: dict[str, Any]) -> bool:
    """Whether unique labels are numbers of pairs, or those of answers or weights."""
    labels = set(index)
    if index.dtype.kind in "iu" and labels == set(range(len(index))):
        return True
    names = [row_names(values) for values in others.values()]
    return any(labels == set(rows.tolist()) for rows in names if rows is not None)


def _mixed_up(first: Any, second: Any) -> ValueError:
    """Return the error for two tables of pairs in another order."""
    moved = first.get_indexer(second) != np.arange(len(first))
    row = int(np.argmax(moved))
    one, other = first.tolist()[row], second.tolist()[row]
    return ValueError(
        "X['first'] and X['second'] have the same row labels in another order: row "
        f"{row} is {one!r} in X['first'] and {other!r} in X['second']. If "
        "the labels are of pairs, give both tables, y and sample_weight one order; if "
        "they are names of items, whose pairs are the rows as they stand, drop them: "
        "X = (first.reset_index(drop=True), second.reset_index(drop=True)), and do so "
        "with y and sample_weight where they have such labels."
    )


def _check_same_columns(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    """Raise if two tables have columns of other names, or in another order."""
    if first and second and first != second:
        raise ValueError(
            f"X['first'] has the columns {list(first)}, X['second'] {list(second)}; "
            "give both the same columns in the same order."
        )


def _as_vectors(items: Any, name: str) -> Array:
    """Return items as floats, for the default network; raise if they are no vectors."""
    if items.dtype == object:
        raise ValueError(
            f"{name} holds texts, but the default network reads numbers; vectorize "
            "them before, for example by TfidfVectorizer(), or pass a network that "
            "reads texts as CrowdRanker(CrowdClassifier(module=...))."
        )
    if items.ndim < 2:
        raise ValueError(
            f"{name} has shape {items.shape}, one number for each item; give each item "
            f"a row of features: {name}.reshape(-1, 1) if it has one."
        )
    return items if items.dtype.kind == "f" else items.astype(np.float32)
