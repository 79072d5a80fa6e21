"""Join tables of answers, and match annotators by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._answer_details import joined as joined_details
from ._answer_details import map_annotators
from ._container import Annotations
from ._lookup import first_duplicate, positions, preview
from ._ordered_categories import keeps_order
from ._soft_labels import certain

__all__ = [
    "check_one_type",
    "join_annotations",
    "joined_names",
    "joined_rows",
    "match_annotators",
    "with_annotators",
]


def join_annotations(
    first: Annotations,
    second: Annotations,
    described: Callable[[int], str] | None = None,
) -> tuple[Annotations, NDArray[np.int64]]:
    """Join the answers of two tables.

    Parameters
    ----------
    first, second : Annotations
        Of one kind. Annotators with the same name are the same. Items with the same
        name are the same where both tables name them; otherwise the items of `second`
        follow those of `first`.
    described : callable, default=None
        Names a row of the joined table, for the error message.

    Returns
    -------
    joined : Annotations
        Annotators and items of `first`, then the new ones of `second`.
    rows : int64 ndarray of shape (n_items of second,)
        Where the items of `second` are.

    Raises
    ------
    ValueError
        If they are of two kinds, their labels of two types, an annotator answers an
        item in both, or both name their items, but several alike.
    """
    if first.kind != second.kind:
        raise ValueError(
            f"the first answers are {first.kind}, the further ones {second.kind}; join "
            "answers of one kind."
        )
    classes, ordered = None, False
    if first.classes is not None and second.classes is not None:
        classes, ordered = _joined_order(first, second)
        first, second = first.with_classes(classes), second.with_classes(classes)
    names, columns = joined_names(first.annotator_names, second.annotator_names)
    item_names, rows = joined_rows(
        first.item_names, second.item_names, first.n_items, second.n_items
    )
    item = np.concatenate([first.item, rows[second.item]])
    annotator = np.concatenate([first.annotator, columns[second.annotator]])
    answer = np.concatenate([first.answer, second.answer])
    order = np.lexsort((annotator, item))
    item, annotator, answer = item[order], annotator[order], answer[order]
    repeated = np.flatnonzero((np.diff(item) == 0) & (np.diff(annotator) == 0))
    if repeated.size:
        row, column = int(item[repeated[0]]), annotator[repeated[0]]
        if described is None:
            name = f"item {row if item_names is None else item_names.tolist()[row]!r}"
        else:
            name = described(row)
        raise ValueError(
            f"annotator {names.tolist()[column]!r} answered {name} before "
            f"({repeated.size} such answers); pass answers that are new."
        )
    shape = max(first.n_items, int(rows.max(initial=-1)) + 1), len(names)
    places = np.arange(first.n_items), rows
    details = joined_details(
        [
            _renumbered(table, place, column)
            for table, place, column in zip(
                (first, second),
                places,
                (np.arange(first.n_annotators), columns),
                strict=True,
            )
        ],
        order,
    )
    joined = Annotations(
        item, annotator, answer, shape, classes, names, item_names, details, ordered
    )
    return joined, rows


def _joined_order(first: Annotations, second: Annotations) -> tuple[Any, bool]:
    """Return the classes of both, and whether they have an order."""
    classes: Any = first.classes
    further: Any = second.classes
    check_one_type(classes, further)
    if first.ordered and second.ordered and not keeps_order(classes, further):
        raise ValueError(
            f"the first answers have the order {classes.tolist()}, from lowest to "
            f"highest, the further ones {further.tolist()}; say which holds, for both, "
            "by with_classes([...], ordered=True)."
        )
    if np.isin(further, classes).all():
        return classes, first.ordered
    if first.ordered and second.ordered and np.isin(classes, further).all():
        return further, True
    return np.union1d(classes, further), False


def check_one_type(first: NDArray[Any], further: NDArray[Any]) -> None:
    """Raise if the labels of two tables are of two types, such as numbers and texts."""
    if first.dtype.kind != further.dtype.kind:
        raise ValueError(
            f"the first answers have the labels {preview(first, 4)}, the further ones "
            f"{preview(further, 4)}, of another type; write all labels in one way."
        )


def _renumbered(
    table: Annotations, rows: NDArray[np.int64], columns: NDArray[np.int64]
) -> tuple[Any, int, Any]:
    """Return the details of a table with the numbers that its pairs get."""
    details = table.details
    if details is not None and details.unsure is not None:
        item, annotator = details.unsure.T
        pairs = np.column_stack([rows[item], columns[annotator]])
        details = replace(details, unsure=pairs)

    def one_hot() -> NDArray[np.float64]:
        assert table.classes is not None
        return certain(table.answer, len(table.classes))

    return details, table.n_answers, one_hot


def joined_names(
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


def joined_rows(
    first: NDArray[Any] | None,
    second: NDArray[Any] | None,
    n_first: int,
    n_second: int,
) -> tuple[NDArray[Any] | None, NDArray[np.int64]]:
    """Return the names of the rows of two tables, and where the second are.

    Parameters
    ----------
    first, second : ndarray or None
        Names of the rows; where both have them, rows of one name are the same.
    n_first, n_second : int

    Returns
    -------
    names : ndarray or None
        None where one of them has no names: all rows are different then.
    rows : int64 ndarray of shape (n_second,)

    Raises
    ------
    ValueError
        If both have names, and several rows of one of them have the same.
    """
    if first is None or second is None:
        return None, np.arange(n_first, n_first + n_second)
    _refuse_repeated(first, "first")
    _refuse_repeated(second, "further")
    return joined_names(first, second)


def _refuse_repeated(names: NDArray[Any], which: str) -> None:
    """Raise if several rows have one name: which of them is meant cannot be known."""
    repeated = first_duplicate(names)
    if repeated is None:
        return
    rows = [row for row, name in enumerate(names.tolist()) if name == repeated]
    raise ValueError(
        f"rows {', '.join(map(str, rows[:5]))}{', ...' * (len(rows) > 5)} of the "
        f"{which} answers have the same name {repeated!r}, but rows are joined by "
        "name; give each row a name of its own, or none: reset_index(drop=True) of a "
        "table before it is read, so that the rows of one table follow the other's."
    )


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
    return with_annotators(annotations, place[annotations.annotator], names)


def with_annotators(
    annotations: Annotations, annotator: NDArray[np.int64], names: NDArray[Any]
) -> Annotations:
    """Give every answer another number for its annotator.

    Parameters
    ----------
    annotations : Annotations
    annotator : int64 ndarray of shape (n_answers,)
        Positions in `names`.
    names : ndarray of shape (n_annotators,)
        All annotators, those without answers, too.

    Returns
    -------
    annotations : Annotations of shape (n_items, n_annotators)
    """
    order = np.lexsort((annotator, annotations.item))
    details = annotations.details
    if details is not None:
        assert annotations.annotator_names is not None
        place = positions(annotations.annotator_names, names)
        details = details.take(order, map_annotators(place))
    return replace(
        annotations,
        annotator=annotator[order],
        answer=annotations.answer[order],
        shape=(annotations.n_items, len(names)),
        annotator_names=names,
        details=details,
    )
