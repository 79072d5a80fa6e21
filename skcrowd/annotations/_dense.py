"""Read an item × annotator matrix: array, nested list, masked array, DataFrame."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from ._alignment import row_names
from ._assemble import assemble, no_answer
from ._encoding import check_kind
from ._look_alikes import found_names, warn_of_look_alikes
from ._missing import DENSE, DENSE_RATINGS, find_missing
from ._plausible import warn_of_odd_table
from ._read_details import details_of, is_unsure, numbers_of
from ._tables import frame_matrix, is_frame, plain

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, BoolArray

    from ._assemble import Parts


def read_dense(
    y: AnswersLike,
    missing_label: Any,
    kind: Any,
    classes: Any,
    annotator_names: Any,
    unsure: Any = (),
    **given: Any,
) -> Parts:
    """Read a dense matrix; see `Annotations.from_dense`.

    Returns
    -------
    parts : Parts
    """
    check_kind(kind)
    matrix, missing, names = as_matrix(y)
    _check_shape(matrix)
    doubtful = None
    if np.size(unsure):
        doubtful = is_unsure(matrix, unsure, classes)
        missing = missing | doubtful
    missing = find_missing(
        matrix,
        DENSE if kind == "labels" else DENSE_RATINGS,
        masked=missing,
        missing_label=missing_label,
        classes=classes,
    )
    item, annotator = np.nonzero(~missing)
    if not item.size:
        raise no_answer(matrix.shape, kind)
    given = {
        name: numbers_of(values, name, matrix.shape)[item, annotator]
        for name, values in given.items()
        if values is not None
    }
    if doubtful is not None:
        given["unsure"] = np.argwhere(doubtful)
    parts = assemble(
        item,
        annotator,
        matrix[item, annotator],
        matrix.shape,
        kind=kind,
        classes=classes,
        names=names if annotator_names is None else annotator_names,
        item_names=row_names(y),
        details=details_of(**given),
    )
    if classes is None:
        warn_of_odd_table(parts)
    warn_of_look_alikes(
        items=found_names(parts.item_names),
        annotators=() if annotator_names is not None else names or (),
        labels=found_names(parts.classes, classes),
    )
    return parts


def as_matrix(y: AnswersLike) -> tuple[Array, BoolArray | bool, list[int | str] | None]:
    """Convert any dense form to an ndarray without loss.

    Returns
    -------
    matrix : ndarray
        Of any number of dimensions and any dtype.
    masked : bool ndarray of the same shape, or False
        The cells that a masked array hides.
    names : list or None
        The column names of a DataFrame.
    """
    y = plain(y, "y")
    if is_frame(y):
        return frame_matrix(y), False, list(y.columns)
    if isinstance(y, np.ma.MaskedArray):
        return np.asarray(y.data), np.ma.getmaskarray(y), None
    if hasattr(y, "tocoo"):
        raise TypeError(
            f"y is a sparse {type(y).__name__}; read it with Annotations.from_sparse."
        )
    return _plain_matrix(y), False, None


def _plain_matrix(y: AnswersLike) -> Array:
    """Read arrays and nested lists; np.asarray must not convert ``["a", 1]``."""
    try:
        matrix = np.asarray(y)
        if _is_changed(matrix, y):
            matrix = np.asarray(y, dtype=object)
    except ValueError as error:
        if not isinstance(y, (list, tuple)):
            raise
        raise ValueError(_ragged(y)) from error
    return matrix


def _is_changed(matrix: Array, y: AnswersLike) -> bool:
    """Whether np.asarray changed values of a list, such as True to 1."""
    if not isinstance(y, (list, tuple)) or matrix.dtype.kind not in "biufUSV":
        return False
    if matrix.dtype.kind in "USV":
        return True
    if not all(isinstance(row, (list, tuple)) for row in y):
        kinds = {row.dtype.kind for row in y if isinstance(row, np.ndarray)}
        return "b" in kinds and len(kinds) > 1
    types = set(map(type, chain.from_iterable(y)))
    return (bool in types and len(types) > 1) or (
        matrix.dtype.kind == "f" and types == {int}
    )


def _ragged(rows: Any) -> str:
    lengths = [len(row) if hasattr(row, "__len__") else None for row in rows]
    odd = next((i for i, n in enumerate(lengths) if n != lengths[0]), 0)
    if not odd and lengths[0] is not None:
        return (
            "the cells of y are lists or tuples, not single answers; lists of labels "
            "are for CrowdMultilabelClassifier, tag sequences for CrowdSequenceTagger."
        )
    return (
        "y is ragged: row 0 and row "
        f"{odd} do not have the same number of answers ({lengths[0]} and "
        f"{lengths[odd]}); fill the gaps with None or NaN, or use "
        "Annotations.from_long."
    )


def _check_shape(matrix: Array) -> None:
    shape = matrix.shape
    if matrix.ndim != 2:
        raise ValueError(
            f"y must be a matrix of shape (n_items, n_annotators), got "
            f"{matrix.ndim} dimension(s), shape {shape}; a row for each item, a column "
            "for each annotator, or use Annotations.from_long for a table of answers."
        )
    if 0 in shape:
        raise ValueError(
            f"y of shape {shape} has no {'items' if shape[0] == 0 else 'annotators'}; "
            "give at least one row and one column."
        )
