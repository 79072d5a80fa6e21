"""Answers that give each token a distribution over the tags, in place of a tag."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._alignment import row_names
from ._answer_details import AnswerDetails
from ._assemble import Where, check_names
from ._container import Annotations
from ._encoding import check_classes
from ._listed_tokens import listed_tokens
from ._look_alikes import found_names, warn_of_look_alikes
from ._lookup import object_array, positions, preview
from ._read_details import as_probabilities, check_probabilities
from ._sequence_cells import Cells, cell_matrix, is_sequence, long_rows
from ._sequence_tags import offsets_of, read_tokens
from ._soft_labels import certain
from ._tables import is_frame, plain
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray


__all__ = ["check_no_tags", "read_long_soft_tags", "read_soft_tags"]

_CELL = (
    "a cell is an array of shape (n_tokens, n_classes), a list with a tag for each "
    "token, or None for no tags"
)


def read_soft_tags(
    probabilities: Any, lengths: Any, classes: Any, annotator_names: Any
) -> tuple[Annotations, IntArray, Array | None]:
    """Read distributions over tags; see `SequenceAnnotations.from_soft_labels`.

    Returns
    -------
    tokens : Annotations of shape (n_tokens, n_annotators)
    lengths : int64 ndarray of shape (n_sequences,)
    sequence_names : ndarray of shape (n_sequences,) or None
    """
    flat = probabilities
    if getattr(flat, "ndim", 0) != 3:
        flat = listed_tokens(probabilities, lengths, classes)
    if flat is not None:
        return _flat(flat, lengths, classes, annotator_names)
    _refuse_single_annotator(probabilities)
    if getattr(probabilities, "ndim", 0) == 4:  # of cells of equal shape
        probabilities = [list(row) for row in probabilities]
    matrix, columns = cell_matrix(probabilities)
    sequence, annotator = np.indices(matrix.shape).reshape(2, -1)
    names = columns if annotator_names is None else annotator_names
    names, rows = check_names(names, matrix.shape[1]), row_names(probabilities)
    warn_of_look_alikes(found_names(rows), found_names(names, annotator_names))
    place = sequence, annotator, matrix.ravel()
    cells = Cells(*place, matrix.shape, names, rows, "probabilities")
    return *_tokens(*_read_cells(cells, classes), lengths), rows


def read_long_soft_tags(
    sequences: Any,
    annotators: Any,
    probabilities: Any,
    data: Any,
    lengths: Any,
    sequence_ids: Any,
    annotator_ids: Any,
    classes: Any,
    **given: Any,
) -> tuple[Annotations, IntArray, Cells]:
    """Read a table of distributions; see `SequenceAnnotations.from_long`.

    Returns
    -------
    tokens : Annotations of shape (n_tokens, n_annotators)
    lengths : int64 ndarray of shape (n_sequences,)
    cells : Cells
        Those that have a distribution.
    """
    columns = sequences, annotators, probabilities, "probabilities", data
    ids = lengths, sequence_ids, annotator_ids
    cells, labels = _read_cells(long_rows(*columns, *ids, **given), classes)
    return *_tokens(cells, labels, lengths), cells


def check_no_tags(tags: Any, missing_label: Any) -> None:
    """Raise if tags are given with distributions, or what marks missing ones."""
    is_default = isinstance(missing_label, str) and missing_label == "auto"
    if tags is not None or not is_default:
        raise ValueError(
            "probabilities are the answers themselves, NaN where a tag is missing; "
            "pass tags=None with them, and leave missing_label out."
        )


def _flat(
    probabilities: Any, lengths: Any, classes: Any, annotator_names: Any
) -> tuple[Annotations, Any, None]:
    """Read an array with a row for each token of all sequences."""
    if lengths is None:
        raise ValueError(
            f"probabilities of shape {tuple(probabilities.shape)} have a row for each "
            "token of all sequences; pass lengths, the number of tokens of every "
            f"sequence. In a matrix of cells {_CELL}."
        )
    tokens = Annotations.from_soft_labels(
        probabilities, classes=classes, annotator_names=annotator_names
    )
    return tokens, lengths, None


def _refuse_single_annotator(probabilities: Any) -> None:
    """Raise for a list of arrays, as ``predict_proba`` of a tagger returns it."""
    if isinstance(probabilities, (list, tuple)):
        shapes = [np.shape(row) for row in probabilities if hasattr(row, "shape")]
        if any(len(shape) == 2 for shape in shapes):
            raise ValueError(
                f"probabilities holds an array of shape {shapes[0]} where a row with a "
                "cell for each annotator is expected; of a single annotator pass "
                "[[cell] for cell in probabilities]."
            )


def _read_cells(cells: Cells, classes: Any) -> tuple[Cells, Array]:
    """Read the cells that are not missing.

    Returns
    -------
    cells : Cells
        In place of tags, an array (n_tokens, n_classes) for each.
    labels : ndarray of shape (n_classes,)
    """
    where = Where(cells.sequence, cells.annotator, cells.names, cells.sequence_names)
    given = [_read_cell(cell, where(k)) for k, cell in enumerate(cells.tags)]
    kept = [k for k, cell in enumerate(given) if cell is not None]
    labels = _labels(classes, [cell for cell in given if cell is not None])
    soft = [
        _distributions(cell, labels, where(k))
        for k, cell in enumerate(given)
        if cell is not None
    ]
    details = {name: numbers[kept] for name, numbers in cells.details.items()}
    place = cells.sequence[kept], cells.annotator[kept]
    read = cells._replace(tags=soft, details=details)
    return read._replace(sequence=place[0], annotator=place[1]), labels


def _read_cell(cell: Any, place: str) -> Array | None:
    """Return floats (n_tokens, n_classes), tags (n_tokens,), or None if missing."""
    if not is_sequence(type(cell)):
        if missing_mask(object_array([cell])).all():
            return None
        raise ValueError(f"probabilities holds {cell!r} at {place}; {_CELL}.")
    if not len(cell):
        return None
    cell = plain(cell, "probabilities")
    if not is_frame(cell) and not np.ndim(cell[0]):
        return object_array(list(cell))
    values = as_probabilities(cell, f"the cell of {place}")
    if values.ndim != 2:
        raise ValueError(
            f"probabilities holds an array of shape {values.shape} at {place}; {_CELL}."
        )
    return values


def _labels(classes: Any, cells: list[Array]) -> Array:
    """Return the tags: as given, or a number for each column."""
    if classes is not None:
        return check_classes(classes)
    widths = [cell.shape[1] for cell in cells if cell.ndim == 2]
    if len(widths) < len(cells) or not widths:
        raise ValueError(
            "probabilities holds tags, or nothing, in some cells; pass classes, the "
            "tags in the order of the columns of the other cells."
        )
    return np.arange(widths[0])


def _distributions(cell: Array, labels: Array, place: str) -> FloatArray:
    """Return a row for each token, NaN where it has no tag, (n_tokens, n_classes)."""
    if cell.ndim == 1:
        return _certain_tags(cell, labels, place)
    if cell.shape[1] != len(labels):
        raise ValueError(
            f"the cell of {place} has {cell.shape[1]} columns, but there are "
            f"{len(labels)} classes: {preview(labels)}; give a column for each."
        )
    given = np.flatnonzero(~np.isnan(cell).all(axis=1))
    exact = np.full(cell.shape, np.nan)
    exact[given] = check_probabilities(
        cell[given], lambda k: f"token {given[k]} of {place}"
    )
    return exact


def _certain_tags(tags: Array, labels: Array, place: str) -> FloatArray:
    """Return tags as certain distributions."""
    given = np.flatnonzero(~missing_mask(tags))
    code = positions(tags[given], labels)
    if (code < 0).any():
        token = given[int((code < 0).argmax())]
        raise ValueError(
            f"probabilities holds {tags[token]!r} for token {token} of {place}, which "
            f"is none of the classes {preview(labels)}; {_CELL}."
        )
    rows = np.full((len(tags), len(labels)), np.nan)
    rows[given] = certain(code, len(labels))
    return rows


def _tokens(cells: Cells, labels: Array, lengths: Any) -> tuple[Annotations, IntArray]:
    """Annotate tokens by the most probable tags, and keep the distributions."""
    soft = cells.tags
    coded = cells._replace(tags=[_most_probable(rows) for rows in soft])
    tokens, lengths = read_tokens(coded, lengths, -1, np.arange(len(labels)))
    offsets = offsets_of(lengths)
    sequence = np.searchsorted(offsets, tokens.item, side="right") - 1
    n_annotators = np.int64(tokens.n_annotators)
    cell = np.searchsorted(
        cells.sequence * n_annotators + cells.annotator,
        sequence * n_annotators + tokens.annotator,
    )
    begin = offsets_of(np.fromiter(map(len, soft), np.int64, len(soft)))
    row = begin[cell] + tokens.item - offsets[sequence]
    details = AnswerDetails(probabilities=np.concatenate(soft)[row])
    return replace(tokens, classes=labels, details=details), lengths


def _most_probable(rows: FloatArray) -> IntArray:
    """Return the code of the most probable tag of each token, -1 where missing."""
    missing = np.isnan(rows[:, 0])
    return np.where(missing, -1, np.where(missing[:, None], 0, rows).argmax(axis=1))
