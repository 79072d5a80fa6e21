"""Join two tables of answers, and match annotators by name."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._container import Annotations
from ._lookup import positions, preview

__all__ = ["join_annotations", "match_annotators"]


def join_annotations(
    first: Annotations, second: Annotations
) -> tuple[Annotations, NDArray[np.int64]]:
    """Join the answers of two tables.

    Parameters
    ----------
    first, second : Annotations
        Of one kind. Annotators with the same name are the same. Items with the same
        name are the same where both tables name them; otherwise the items of `second`
        follow those of `first`.

    Returns
    -------
    joined : Annotations
        Annotators and items of `first`, then the new ones of `second`.
    rows : int64 ndarray of shape (n_items of second,)
        Where the items of `second` are.

    Raises
    ------
    ValueError
        If they are of two kinds, or an annotator answers an item in both.
    """
    if first.kind != second.kind:
        raise ValueError(
            f"the first answers are {first.kind}, the further ones {second.kind}; join "
            "answers of one kind."
        )
    classes = None
    if first.classes is not None and second.classes is not None:
        classes = first.classes
        if not np.isin(second.classes, classes).all():
            classes = np.union1d(classes, second.classes)
        first, second = first.with_classes(classes), second.with_classes(classes)
    names, columns = _joined_names(first.annotator_names, second.annotator_names)
    item_names: Any = None
    if first.item_names is not None and second.item_names is not None:
        item_names, rows = _joined_names(first.item_names, second.item_names)
        n_items = len(item_names)
    else:
        rows = np.arange(first.n_items, first.n_items + second.n_items)
        n_items = first.n_items + second.n_items
    item = np.concatenate([first.item, rows[second.item]])
    annotator = np.concatenate([first.annotator, columns[second.annotator]])
    answer = np.concatenate([first.answer, second.answer])
    order = np.lexsort((annotator, item))
    item, annotator, answer = item[order], annotator[order], answer[order]
    repeated = np.flatnonzero((np.diff(item) == 0) & (np.diff(annotator) == 0))
    if repeated.size:
        row, column = item[repeated[0]], annotator[repeated[0]]
        item_name = row if item_names is None else item_names.tolist()[row]
        raise ValueError(
            f"annotator {names.tolist()[column]!r} answered item {item_name!r} before "
            f"({repeated.size} such answers); pass answers that are new."
        )
    shape = n_items, len(names)
    joined = Annotations(item, annotator, answer, shape, classes, names, item_names)
    return joined, rows


def _joined_names(
    first: NDArray[Any] | None, second: NDArray[Any] | None
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the names of both, and where those of the second are."""
    assert first is not None
    assert second is not None
    place = positions(second, first)
    is_new = place < 0
    place[is_new] = len(first) + np.arange(np.count_nonzero(is_new))
    if not is_new.any():
        return first, place
    if first.dtype.kind != second.dtype.kind:
        first, second = first.astype(object), second.astype(object)
    return np.concatenate([first, second[is_new]]), place


def match_annotators(annotations: Annotations, names: NDArray[Any]) -> Annotations:
    """Renumber annotators in the order of `names`.

    Parameters
    ----------
    annotations : Annotations
    names : ndarray of shape (n_names,)

    Returns
    -------
    matched : Annotations of shape (n_items, n_names)

    Raises
    ------
    ValueError
        If someone who answered is none of `names`.
    """
    assert annotations.annotator_names is not None
    place = positions(annotations.annotator_names, names)
    answered = annotations.answers_per_annotator > 0
    unknown = annotations.annotator_names[answered & (place < 0)]
    if unknown.size:
        raise ValueError(
            f"y holds answers of {preview(unknown)}, who are none of the {len(names)} "
            f"annotators of fit ({preview(names, 5)})."
        )
    annotator = place[annotations.annotator]
    order = np.lexsort((annotator, annotations.item))
    return Annotations(
        annotations.item,
        annotator[order],
        annotations.answer[order],
        (annotations.n_items, len(names)),
        annotations.classes,
        names,
        annotations.item_names,
    )
