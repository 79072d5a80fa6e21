"""Matching of annotators to those of an earlier fit, by name or by position."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.annotations._answer_details import map_annotators
from skcrowd.annotations._lookup import object_array

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray
    from skcrowd.annotations import Annotations


__all__ = [
    "are_positions",
    "fitted_annotators",
    "join_annotators",
    "pad_annotators",
    "positions_in_fit",
]


def are_positions(names: Array, fitted: Array) -> bool:
    """Return whether one of two arrays of annotators has positions instead of names.

    The integers 0, 1, 2, … are positions; other integers are names.
    """
    unnamed, fitted_unnamed = (
        np.array_equal(n, np.arange(len(n))) for n in (names, fitted)
    )
    if names.dtype.kind in "iu" and fitted.dtype.kind in "iu":
        return unnamed and fitted_unnamed
    return unnamed or fitted_unnamed


def positions_in_fit(names: Array, fitted: Array) -> IntArray:
    """Return the position of each annotator in an earlier fit; -1 for new annotators.

    Parameters
    ----------
    names, fitted : ndarray
        Matched by name, or by position where one of them has no names.

    Returns
    -------
    positions : int64 ndarray of shape (n_names,)
    """
    if are_positions(names, fitted):
        positions = np.arange(len(names))
        return np.where(positions < len(fitted), positions, -1)
    known = {name: place for place, name in enumerate(fitted.tolist())}
    return np.array([known.get(name, -1) for name in names.tolist()], dtype=np.int64)


def fitted_annotators(annotations: Annotations, fitted: Array) -> IntArray:
    """Return the annotator of every answer, by position in the fit.

    Parameters
    ----------
    annotations : Annotations
    fitted : ndarray of shape (n_annotators,)
        Names of the annotators of the fit.

    Returns
    -------
    annotator : int64 ndarray of shape (n_answers,)

    Raises
    ------
    ValueError
        If an annotator has no answers in the fit.
    """
    names = annotations.annotator_names
    if are_positions(names, fitted):
        if annotations.n_annotators != len(fitted):
            raise ValueError(
                f"y has {annotations.n_annotators} annotators, but the estimator was "
                f"fitted with {len(fitted)}; give y one column for each of them, in "
                "the same order."
            )
        return annotations.annotator
    positions = positions_in_fit(names, fitted)
    unknown = names[positions < 0].tolist()
    if unknown:
        raise ValueError(
            f"y has annotators that the estimator was not fitted with: "
            f"{', '.join(map(repr, unknown[:5]))} ({len(unknown)} in all); leave "
            "their answers out."
        )
    return positions[annotations.annotator]


def join_annotators(tokens: Annotations, fitted: Array) -> Annotations:
    """Add the annotators of an earlier fit; new annotators follow after them.

    Parameters
    ----------
    tokens : Annotations
    fitted : ndarray of shape (n_fitted,)
        Names of the annotators of the earlier fit.

    Returns
    -------
    tokens : Annotations
        The same answers, with the annotators of both.
    """
    names = tokens.annotator_names
    positions = positions_in_fit(names, fitted)
    is_new = positions < 0
    n_all = len(fitted) + int(np.count_nonzero(is_new))
    positions[is_new] = np.arange(len(fitted), n_all)
    if are_positions(names, fitted) and names.dtype.kind in "iu":
        joined = np.concatenate([fitted, _next_positions(fitted, n_all)])
    else:
        joined = _concatenated(fitted, names[is_new])
    annotator = positions[tokens.annotator]
    order = np.lexsort((annotator, tokens.item))
    details = tokens.details
    if details is not None:
        details = details.take(order, map_annotators(positions))
    return replace(
        tokens,
        details=details,
        item=tokens.item[order],
        annotator=annotator[order],
        answer=tokens.answer[order],
        shape=(tokens.n_items, int(n_all)),
        annotator_names=joined,
    )


def _next_positions(fitted: IntArray, n_all: int) -> IntArray:
    """Return the positions after those of an earlier fit, in the type of its names."""
    positions = np.arange(len(fitted), n_all)
    return positions.astype(fitted.dtype) if fitted.dtype.kind in "iuU" else positions


def _concatenated(fitted: Any, new: Any) -> Any:
    if not len(new):
        return fitted
    if fitted.dtype.kind == new.dtype.kind != "O":
        return np.concatenate([fitted, new])
    return object_array([*fitted.tolist(), *new.tolist()])


def pad_annotators(counts: FloatArray, n_annotators: int) -> FloatArray:
    """Append rows of zeros for new annotators.

    Parameters
    ----------
    counts : ndarray of shape (n_known, ...), or ExpectedCounts
    n_annotators : int
    """
    if isinstance(counts, ExpectedCounts):
        return counts.with_annotators(n_annotators)
    padded = np.zeros((n_annotators, *counts.shape[1:]))
    padded[: len(counts)] = counts
    return padded
