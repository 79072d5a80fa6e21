"""Pairs of items, and who prefers which, as a classifier of pairs takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations, check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._tables import column_names, is_frame
from skcrowd.annotations._usual_names import preference_columns
from skcrowd.estimators._item_reader import FIRST, SECOND
from skcrowd.estimators._part_columns import part_columns
from skcrowd.training._items import ArrayItems

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Features
    from skcrowd.aggregation.comparisons import Comparisons
    from skcrowd.estimators._item_reader import ItemReader

__all__ = ["pairs_of", "read_outcomes", "refuse_preference_table"]

TIE = "tie"
OUTCOMES = (FIRST, SECOND, TIE)


def refuse_preference_table(y: Any) -> None:
    """Raise if `y` is a table with a row for each preference, by its columns."""
    found = preference_columns(column_names(y) or []) if is_frame(y) else None
    if found is not None:
        names = ", ".join(map(repr, found))
        raise ValueError(
            f"y is a table with the columns {names}, a row for each preference; pass "
            f"skcrowd.aggregation.Comparisons.from_long({names}, data=y), and as X the "
            "items themselves, in the order of its item_names."
        )


def read_outcomes(y: AnswersLike) -> Annotations:
    """Read answers, with all outcomes as classes."""
    annotations = check_annotations(y, kind="labels")
    wrong = sorted(set(map(str, annotations.classes)) - set(OUTCOMES))
    if wrong:
        raise ValueError(
            f"y holds the answers {wrong[:4]}; each must be 'first', 'second' or "
            "'tie'. Preferences by name of the item are read by "
            "skcrowd.aggregation.Comparisons.from_long."
        )
    has_ties = TIE in annotations.classes
    if set(annotations.labels.tolist()) <= {TIE}:
        raise ValueError("y holds no preference, only ties; give answers that prefer.")
    return annotations.with_classes(OUTCOMES[: 2 + has_ties])


def pairs_of(
    X: Features, comparisons: Comparisons, reader: ItemReader
) -> tuple[ArrayItems, Annotations]:
    """Return the two items of each distinct pair, and the answers as annotations.

    Parameters
    ----------
    X : array-like or sparse matrix of shape (n_items, ...)
        In the order of ``comparisons.item_names``.
    comparisons : Comparisons
    reader : ItemReader

    Raises
    ------
    ValueError
        If `X` has another number of items, or its index other names.
    """
    check_aligned(y=comparisons, X=X, may_warn=False)
    items = reader.read(X)
    if items.shape[0] != comparisons.n_items:
        raise ValueError(
            f"X has {items.shape[0]} items, the comparisons are of "
            f"{comparisons.n_items}; give a row of X for each of item_names, in their "
            "order, such as X.loc[y.item_names] of a table indexed by item."
        )
    both = np.stack([comparisons.first, comparisons.second], axis=1)
    both = np.column_stack([both, _repetition(both, comparisons.annotator)])
    distinct, row = np.unique(both, axis=0, return_inverse=True)
    answers = np.array(OUTCOMES)[comparisons.outcome]
    annotations = Annotations.from_long(
        row.reshape(-1),
        comparisons.annotator_names[comparisons.annotator],
        answers,
        n_items=len(distinct),
        classes=[name for name in OUTCOMES if name != TIE or TIE in answers],
    )
    names = np.array(
        [
            f"{first} | {second}"
            for first, second in comparisons.item_names[distinct[:, :2]]
        ]
    )
    annotations = replace(annotations, item_names=names)
    places = dict(zip((FIRST, SECOND), distinct[:, :2].T, strict=True))
    parts = {name: items[place] for name, place in places.items()}
    return ArrayItems(parts, part_columns(dict.fromkeys(places, X))), annotations


def _repetition(pairs: Any, annotator: Any) -> Any:
    """Return how often an annotator compared a pair before, for each comparison."""
    keys = np.column_stack([pairs, annotator])
    _, group = np.unique(keys, axis=0, return_inverse=True)
    order = np.argsort(group.reshape(-1), kind="stable")
    ordered = group.reshape(-1)[order]
    start = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    count = np.arange(len(order)) - np.repeat(start, np.diff([*start, len(order)]))
    repetition = np.empty(len(order), dtype=np.int64)
    repetition[order] = count
    return repetition
