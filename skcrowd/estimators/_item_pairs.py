"""Pairs of items, and who prefers which, as a classifier of pairs takes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy import sparse

from skcrowd.annotations import Annotations, check_annotations
from skcrowd.annotations._tables import column_names, is_frame
from skcrowd.annotations._usual_names import preference_columns
from skcrowd.backbones import PairScorer
from skcrowd.estimators._classifier import CrowdClassifier
from skcrowd.estimators._items_input import read_items
from skcrowd.training._items import ArrayItems

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Features
    from skcrowd.aggregation.comparisons import Comparisons

__all__ = [
    "FIRST",
    "SECOND",
    "pairs_of",
    "part_of",
    "read_outcomes",
    "read_pairs",
    "refuse_preference_table",
]

FIRST, SECOND, TIE = OUTCOMES = ("first", "second", "tie")


def read_pairs(X: Any) -> ArrayItems:
    """Read the two items of each pair.

    Parameters
    ----------
    X : (first, second), dict, SliceDict or ArrayItems

    Returns
    -------
    items : ArrayItems
        With the parts "first" and "second".

    Raises
    ------
    ValueError
        If there are no two arrays of equal shape.
    """
    if isinstance(X, ArrayItems):
        return X
    pairs = dict(X) if isinstance(X, Mapping) else X
    if isinstance(pairs, (tuple, list)) and len(pairs) == 2:
        pairs = dict(zip((FIRST, SECOND), pairs, strict=True))
    if not isinstance(pairs, dict) or set(pairs) != {FIRST, SECOND}:
        raise ValueError(
            "X must hold the two items of each pair, as (first, second) or a dict "
            f"of the arrays 'first' and 'second'; got {type(X).__name__}."
        )
    pairs = {name: _as_rows(pairs[name]) for name in (FIRST, SECOND)}
    items: Any = read_items(pairs, CrowdClassifier(module=PairScorer))
    shapes = [part_of(items, name).shape for name in (FIRST, SECOND)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            f"the first items have shape {shapes[0]}, the second {shapes[1]}; give "
            "both arrays a row for each pair."
        )
    return items


def part_of(pairs: ArrayItems, name: str) -> Any:
    """Return the first or the second items of pairs."""
    return dict(pairs.parts)[name]


def _as_rows(part: Any) -> Any:
    """Return items as an array; tables and lists of numbers as matrices."""
    is_array = isinstance(part, np.ndarray) or torch.is_tensor(part)
    return part if is_array or sparse.issparse(part) else np.asarray(part)


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


def pairs_of(X: Features, comparisons: Comparisons) -> tuple[Any, Annotations]:
    """Return the two items of each distinct pair, and the answers as annotations."""
    X = _as_rows(X)
    if X.shape[0] != comparisons.n_items:
        raise ValueError(
            f"X has {X.shape[0]} items, the comparisons are of {comparisons.n_items}; "
            "give a row of X for each of item_names, in their order."
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
    return (X[distinct[:, 0]], X[distinct[:, 1]]), annotations


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
