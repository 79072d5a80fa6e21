"""Going on from an earlier fit: who is who, and what was known of them."""

from dataclasses import replace

import numpy as np

from skcrowd.aggregation import SoftCounts
from skcrowd.annotations._lookup import object_array

__all__ = [
    "are_positions",
    "joined_annotators",
    "network_to_go_on_with",
    "places_among",
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


def places_among(names, fitted):
    """Place of every annotator among those of an earlier fit; -1 for new ones.

    Parameters
    ----------
    names, fitted : ndarray
        Matched by name, or by position where one of them has no names.

    Returns
    -------
    places : int64 ndarray of shape (n_names,)
    """
    if are_positions(names, fitted):
        places = np.arange(len(names))
        return np.where(places < len(fitted), places, -1)
    known = {name: place for place, name in enumerate(fitted.tolist())}
    return np.array([known.get(name, -1) for name in names.tolist()], dtype=np.int64)


def joined_annotators(tokens, fitted):
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
    places = places_among(names, fitted)
    is_new = places < 0
    n_all = len(fitted) + np.count_nonzero(is_new)
    places[is_new] = np.arange(len(fitted), n_all)
    if are_positions(names, fitted) and names.dtype.kind in "iu":
        joined = np.concatenate([fitted, _further(fitted, n_all)])
    else:
        joined = _concatenated(fitted, names[is_new])
    annotator = places[tokens.annotator]
    order = np.lexsort((annotator, tokens.item))
    return replace(
        tokens,
        item=tokens.item[order],
        annotator=annotator[order],
        answer=tokens.answer[order],
        shape=(tokens.n_items, int(n_all)),
        annotator_names=joined,
    )


def _further(fitted, n_all):
    """Positions after those of an earlier fit; its names may be strings."""
    positions = np.arange(len(fitted), n_all)
    return positions.astype(fitted.dtype) if fitted.dtype.kind in "iuU" else positions


def _concatenated(fitted, new):
    if not len(new):
        return fitted
    if fitted.dtype.kind == new.dtype.kind != "O":
        return np.concatenate([fitted, new])
    return object_array([*fitted.tolist(), *new.tolist()])


def network_to_go_on_with(module):
    """Return the network inside what a method has put around it."""
    while hasattr(module, "to_go_on_with"):
        module = module.to_go_on_with
    return module


def with_rows(counts, n_annotators):
    """Add rows of zeros for annotators who are new.

    Parameters
    ----------
    counts : ndarray of shape (n_known, ...), or SoftCounts
    n_annotators : int
    """
    if isinstance(counts, SoftCounts):
        return counts.with_annotators(n_annotators)
    longer = np.zeros((n_annotators, *counts.shape[1:]))
    longer[: len(counts)] = counts
    return longer
