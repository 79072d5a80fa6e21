"""Matching of annotators to those of an earlier fit, by name or by position."""

from dataclasses import replace

import numpy as np

from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.annotations._lookup import object_array

__all__ = [
    "are_positions",
    "fitted_annotators",
    "join_annotators",
    "pad_annotators",
    "positions_in_fit",
]


def are_positions(names, fitted):
    """Whether one of two lists of annotators has no names, only positions.

    Integers other than 0, 1, 2, … are names, and match those of ``fit``.
    """
    unnamed, fitted_unnamed = (
        np.array_equal(n, np.arange(len(n))) for n in (names, fitted)
    )
    if names.dtype.kind in "iu" and fitted.dtype.kind in "iu":
        return unnamed and fitted_unnamed
    return unnamed or fitted_unnamed


def positions_in_fit(names, fitted):
    """Position of every annotator among those of an earlier fit; -1 for new ones.

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


def fitted_annotators(annotations, fitted):
    """Return the annotator of every answer, numbered as in ``fit``.

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
        If an annotator is none of those of the fit.
    """
    names = annotations.annotator_names
    if are_positions(names, fitted):
        if annotations.n_annotators != len(fitted):
            raise ValueError(
                f"y has {annotations.n_annotators} annotators, but the estimator was "
                f"fitted with {len(fitted)}; give one column an annotator, in the same "
                "order."
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


def join_annotators(tokens, fitted):
    """Give annotators the numbers of an earlier fit, and new ones the next.

    Parameters
    ----------
    tokens : Annotations
    fitted : ndarray of shape (n_fitted,)
        Names of the annotators of the earlier fit.

    Returns
    -------
    tokens : Annotations
        Of all annotators of either.
    """
    names = tokens.annotator_names
    positions = positions_in_fit(names, fitted)
    is_new = positions < 0
    n_all = len(fitted) + np.count_nonzero(is_new)
    positions[is_new] = np.arange(len(fitted), n_all)
    if are_positions(names, fitted) and names.dtype.kind in "iu":
        joined = np.concatenate([fitted, _next_positions(fitted, n_all)])
    else:
        joined = _concatenated(fitted, names[is_new])
    annotator = positions[tokens.annotator]
    order = np.lexsort((annotator, tokens.item))
    return replace(
        tokens,
        item=tokens.item[order],
        annotator=annotator[order],
        answer=tokens.answer[order],
        shape=(tokens.n_items, int(n_all)),
        annotator_names=joined,
    )


def _next_positions(fitted, n_all):
    """Positions after those of an earlier fit; its names may be strings."""
    positions = np.arange(len(fitted), n_all)
    return positions.astype(fitted.dtype) if fitted.dtype.kind in "iuU" else positions


def _concatenated(fitted, new):
    if not len(new):
        return fitted
    if fitted.dtype.kind == new.dtype.kind != "O":
        return np.concatenate([fitted, new])
    return object_array([*fitted.tolist(), *new.tolist()])


def pad_annotators(counts, n_annotators):
    """Add rows of zeros for annotators who are new.

    Parameters
    ----------
    counts : ndarray of shape (n_known, ...), or ExpectedCounts
    n_annotators : int
    """
    if isinstance(counts, ExpectedCounts):
        return counts.with_annotators(n_annotators)
    longer = np.zeros((n_annotators, *counts.shape[1:]))
    longer[: len(counts)] = counts
    return longer
