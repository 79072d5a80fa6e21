"""The container of pairwise comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation.comparisons._ties import read_ties
from skcrowd.annotations._join import joined_names
from skcrowd.annotations._long import read_ids, take
from skcrowd.annotations._lookup import positions
from skcrowd.annotations._tables import column
from skcrowd.annotations._value_types import missing_mask

__all__ = [
    "FIRST",
    "SECOND",
    "TIE",
    "Comparisons",
    "check_codes",
    "check_comparisons",
    "join_comparisons",
]

FIRST, SECOND, TIE = 0, 1, 2  # codes of outcomes


@dataclass(frozen=True, eq=False, repr=False)
class Comparisons:
    """Comparisons of two items each: which one an annotator preferred.

    Build it with :meth:`from_long` or :meth:`from_winners`.

    Parameters
    ----------
    first, second : int64 ndarray of shape (n_comparisons,)
        Positions in `item_names` of the items compared.
    outcome : int64 ndarray of shape (n_comparisons,)
        0 if the first was preferred, 1 if the second, 2 for a tie.
    annotator : int64 ndarray of shape (n_comparisons,)
        Positions in `annotator_names`.
    item_names : ndarray of shape (n_items,)
    annotator_names : ndarray of shape (n_annotators,)
    has_position : bool, default=True
        Whether first and second are the places in which the items were shown, so that
        a preference for a place can be estimated.

    Examples
    --------
    >>> from skcrowd.aggregation import Comparisons
    >>> Comparisons.from_long(["a", "b"], ["b", "c"], ["a", None], ["ann", "bob"])
    Comparisons of 3 items by 2 annotators
      2 comparisons, 1 tie
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    outcome: NDArray[np.int64]
    annotator: NDArray[np.int64]
    item_names: NDArray[Any]
    annotator_names: NDArray[Any]
    has_position: bool = True

    @classmethod
    def from_long(
        cls,
        first: Any,
        second: Any,
        preferred: Any,
        annotators: Any = None,
        *,
        data: Any = None,
    ) -> Comparisons:
        """Read a table with a row for each comparison.

        Parameters
        ----------
        first, second : array-like of shape (n_comparisons,), or column name
            The items compared, in the places in which they were shown; names of columns
            if `data` is given.
        preferred : array-like of shape (n_comparisons,), or column name
            The preferred one of the two; None, NaN or the empty string for a tie.
        annotators : array-like of shape (n_comparisons,), or column name, default=None
            Who compared; None if it was one annotator, or does not matter.
        data : DataFrame or mapping of columns, default=None

        Returns
        -------
        comparisons : Comparisons

        Raises
        ------
        ValueError
            If columns differ in length, an item is compared with itself, or the
            preferred one is neither of the two.
        """
        given = {"first": first, "second": second, "preferred": preferred}
        columns, annotator, names = _columns(given, annotators, data)
        n = len(columns["first"])
        both = np.concatenate([columns["first"], columns["second"]])
        code, items = read_ids(both, None, "item")
        is_tie = missing_mask(columns["preferred"])
        outcome = np.full(n, TIE)
        if not is_tie.all():
            ids, known = read_ids(columns["preferred"][~is_tie], None, "preferred")
            place = positions(known, items)[ids]
            is_first, is_second = place == code[:n][~is_tie], place == code[n:][~is_tie]
            wrong = np.flatnonzero(~(is_first | is_second))
            if wrong.size:
                row = np.flatnonzero(~is_tie)[wrong[0]]
                raise ValueError(
                    f"row {row} prefers {columns['preferred'][row]!r}, but compares "
                    f"{columns['first'][row]!r} and {columns['second'][row]!r}; "
                    "preferred must be one of the two, or None for a tie."
                )
            outcome[~is_tie] = np.where(is_first, FIRST, SECOND)
        return cls(code[:n], code[n:], outcome, annotator, items, names)

    @classmethod
    def from_winners(
        cls,
        winners: Any,
        losers: Any,
        annotators: Any = None,
        *,
        ties: Any = None,
        data: Any = None,
    ) -> Comparisons:
        """Read winners and losers, of whom nobody knows which was shown first.

        Parameters
        ----------
        winners, losers : array-like of shape (n_comparisons,), or column name
            Names of columns if `data` is given.
        annotators : array-like of shape (n_comparisons,), or column name, default=None
            Who compared; None if it was one annotator, or does not matter.
        ties : bool array-like of shape (n_comparisons,), or column name, default=None
            Rows in which neither was preferred, as True and False or 1 and 0; None if
            there are none.
        data : DataFrame or mapping of columns, default=None

        Returns
        -------
        comparisons : Comparisons

        Raises
        ------
        ValueError
            If columns differ in length, an item is compared with itself, or `ties`
            holds anything but True, False, 1 and 0.
        """
        given = {"winners": winners, "losers": losers}
        if ties is not None:
            given["ties"] = ties
        columns, annotator, names = _columns(given, annotators, data)
        n = len(columns["winners"])
        both = np.concatenate([columns["winners"], columns["losers"]])
        code, items = read_ids(both, None, "item")
        is_tie = read_ties(columns.get("ties", np.zeros(n)))
        outcome = np.where(is_tie, TIE, FIRST)
        return cls(code[:n], code[n:], outcome, annotator, items, names, False)

    def __post_init__(self) -> None:
        same = np.flatnonzero(self.first == self.second)
        if same.size:
            item = self.item_names.tolist()[self.first[same[0]]]
            raise ValueError(
                f"row {same[0]} compares {item!r} with itself ({same.size} such rows); "
                "remove these rows."
            )

    @property
    def n_comparisons(self) -> int:
        """Number of comparisons."""
        return len(self.outcome)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.item_names)

    @property
    def n_annotators(self) -> int:
        """Number of annotators."""
        return len(self.annotator_names)

    def __len__(self) -> int:
        return self.n_comparisons

    def __repr__(self) -> str:
        n_ties = int(np.count_nonzero(self.outcome == TIE))
        ties = f"{n_ties} tie" + "s" * (n_ties != 1)
        return (
            f"Comparisons of {self.n_items} items by {self.n_annotators} annotators\n"
            f"  {self.n_comparisons} comparisons, {ties}"
        )


def _columns(
    given: dict[str, Any], annotators: Any, data: Any
) -> tuple[dict[str, NDArray[Any]], NDArray[np.int64], NDArray[Any]]:
    """Return the columns, and codes and names of the annotators."""
    if annotators is not None:
        given = {**given, "annotators": annotators}
    if data is not None:
        given = {name: take(data, key, name) for name, key in given.items()}
    columns = {name: column(values, name) for name, values in given.items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns must be equally long, got {lengths}.")
    if not max(lengths.values()):
        raise ValueError("there are no rows; give at least one comparison.")
    if annotators is None:
        n = max(lengths.values())
        return columns, np.zeros(n, dtype=np.int64), np.zeros(1, dtype=np.int64)
    return columns, *read_ids(columns.pop("annotators"), None, "annotator")


def check_comparisons(y: Any) -> Comparisons:
    """Read comparisons.

    Parameters
    ----------
    y : Comparisons, or array-like of shape (n_comparisons, 2)
        Two columns are winners and losers.

    Returns
    -------
    comparisons : Comparisons
    """
    if isinstance(y, Comparisons):
        return y
    if hasattr(y, "columns"):
        raise TypeError(
            "y is a table; name its columns: Comparisons.from_long('first', 'second', "
            "'preferred', 'annotator', data=table)."
        )
    pairs = np.asarray(y)
    if pairs.ndim != 2 or pairs.shape[1] != 2:
        raise ValueError(
            f"y has shape {pairs.shape}; pass Comparisons, or an array of shape "
            "(n_comparisons, 2) with winners and losers."
        )
    return Comparisons.from_winners(pairs[:, 0], pairs[:, 1])


def join_comparisons(first: Comparisons, second: Comparisons) -> Comparisons:
    """Put comparisons below others; items and annotators are matched by name.

    Parameters
    ----------
    first, second : Comparisons

    Returns
    -------
    joined : Comparisons
        Items and annotators of `first`, then the new ones of `second`.

    Raises
    ------
    ValueError
        If only one of the two knows the places in which items were shown.
    """
    if first.has_position != second.has_position:
        raise ValueError(
            "some comparisons know which item was shown first, others are winners and "
            "losers; make all of them with Comparisons.from_long, or all with "
            "Comparisons.from_winners."
        )
    items, place = joined_names(first.item_names, second.item_names)
    names, annotator = joined_names(first.annotator_names, second.annotator_names)
    return Comparisons(
        np.concatenate([first.first, place[second.first]]),
        np.concatenate([first.second, place[second.second]]),
        np.concatenate([first.outcome, second.outcome]),
        np.concatenate([first.annotator, annotator[second.annotator]]),
        items,
        names,
        first.has_position,
    )


def check_codes(comparisons: Comparisons) -> None:
    """Refuse columns of different lengths, and codes of nothing.

    Parameters
    ----------
    comparisons : Comparisons
        Built from stored columns, not by a reader.
    """
    limits = {
        "first": comparisons.n_items,
        "second": comparisons.n_items,
        "outcome": TIE + 1,
        "annotator": comparisons.n_annotators,
    }
    n = len(comparisons)
    for name, limit in limits.items():
        codes = getattr(comparisons, name)
        if codes.shape != (n,) or codes.dtype.kind != "i":
            raise ValueError(f"{name} must hold {n} integers, got {codes.shape}.")
        if n and not 0 <= codes.min() <= codes.max() < limit:
            raise ValueError(f"{name} must hold codes from 0 to {limit - 1}.")
