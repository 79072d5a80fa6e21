"""Read tag sequences as given: a matrix of cells, a long table, or gold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._alignment import row_names
from ._assemble import Where, check_names
from ._container import Annotations
from ._long import clean_ids, numbers_in, read_ids, take
from ._look_alikes import found_names, warn_of_look_alikes
from ._lookup import object_array
from ._sparse import is_sparse
from ._tables import column, frame_matrix, is_frame, plain
from ._value_types import missing_mask

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, IntArray, ObjectArray


class Cells(NamedTuple):
    """The observed tag sequences, sorted by sequence, then annotator."""

    sequence: IntArray
    annotator: IntArray
    tags: Any
    shape: tuple[int, int]
    names: Array | Any
    sequence_names: Array | None
    argument: str = "y"  # for error messages
    details: Any = MappingProxyType({})  # numbers of each cell of a long table


_FLAT = (
    "a matrix with a row for each token is read by "
    "SequenceAnnotations.from_flat(y, lengths), one tag sequence a row by "
    "SequenceAnnotations.from_gold(y), distributions over the tags by "
    "SequenceAnnotations.from_soft_labels(y)"
)
_LONG = "write a table row for each tagged sequence, its tags as a list"
_KNOWN = "pass None where the tags of a sequence are not known"
_GOLD = "a matrix of tag sequences is read by SequenceAnnotations.from_cells(y)"


def matrix_cells(y: AnswersLike, annotator_names: Any) -> Cells:
    """Read a matrix of tag sequences; see `SequenceAnnotations.from_cells`.

    Returns
    -------
    cells : Cells
    """
    matrix, names = cell_matrix(y)
    names = names if annotator_names is None else annotator_names
    sequence, annotator = np.indices(matrix.shape).reshape(2, -1)
    names = check_names(names, matrix.shape[1])
    flat, rows = matrix.ravel(), row_names(y)
    warn_of_look_alikes(found_names(rows), found_names(names, annotator_names))
    cells = Cells(sequence, annotator, flat, matrix.shape, names, rows)
    return _present(cells, _FLAT)


def gold_cells(y: AnswersLike) -> Cells:
    """Read one tag sequence for each row; see `SequenceAnnotations.from_gold`.

    Returns
    -------
    cells : Cells
    """
    rows = object_array(_listed(plain(y, "y of tags")))
    row, shape = np.arange(rows.size), (rows.size, 1)
    zeros = np.zeros_like(row)
    cells = Cells(row, zeros, rows, shape, np.arange(1), row_names(y))
    cells = _present(cells, _GOLD)
    absent = np.setdiff1d(row, cells.sequence)
    if absent.size:
        raise ValueError(
            f"the gold tags of row {absent[0]} are missing ({absent.size} such rows); "
            "drop these rows, or read y as the answers of one annotator: "
            "SequenceAnnotations.from_cells([[tags] for tags in y], lengths)."
        )
    return cells


def known_cells(rows: IntArray, sequences: Any, n_sequences: int) -> Cells:
    """Read the true tags of some sequences, called `gold`.

    Parameters
    ----------
    rows : int64 ndarray of shape (n_known,)
    sequences : object ndarray of shape (n_known,)
        A tag sequence each.
    n_sequences : int

    Returns
    -------
    cells : Cells
    """
    zeros, shape = np.zeros_like(rows), (n_sequences, 1)
    return _present(Cells(rows, zeros, sequences, shape, None, None, "gold"), _KNOWN)


def long_cells(
    sequences: Any,
    annotators: Any,
    tags: Any,
    data: pd.DataFrame | dict[str, list[int]] | None,
    lengths: Any,
    sequence_ids: Any,
    annotator_ids: Any,
    **given: Any,
) -> Cells:
    """Read a table of tag sequences; see `SequenceAnnotations.from_long`.

    Returns
    -------
    cells : Cells
    """
    ids = lengths, sequence_ids, annotator_ids
    rows = long_rows(sequences, annotators, tags, "tags", data, *ids, **given)
    return _present(rows._replace(argument="y"), _LONG)


def long_rows(
    sequences: Any,
    annotators: Any,
    cells: Any,
    argument: str,
    data: pd.DataFrame | dict[str, list[int]] | None,
    lengths: Any,
    sequence_ids: Any,
    annotator_ids: Any,
    **given: Any,
) -> Cells:
    """Read a table with a row for each cell, whatever the cells hold.

    Parameters
    ----------
    argument : str
        The argument that has the cells.

    Returns
    -------
    cells : Cells
        Sorted by sequence, then annotator, missing cells among them.
    """
    columns = {"sequences": sequences, "annotators": annotators, argument: cells}
    if data is not None:
        columns = {name: take(data, key, name) for name, key in columns.items()}
    for name, values in columns.items():
        _refuse_name(values, name)
    sequences = column(columns["sequences"], "sequences")
    annotators = column(columns["annotators"], "annotators")
    given_cells = object_array(list(plain(columns[argument], argument)))
    _check_rows(sequences, annotators, given_cells, argument)
    sequence, sequence_names, n_sequences = _read_sequences(
        sequences, lengths, sequence_ids
    )
    annotator, names = read_ids(annotators, annotator_ids, "annotator")
    order = np.lexsort((annotator, sequence))
    names = check_names(names, len(names))
    rows = Cells(
        sequence[order],
        annotator[order],
        given_cells[order],
        (n_sequences, names.size),
        names,
        sequence_names,
        argument,
        details={
            name: numbers_in(values, name, data, sequences.shape)[order]
            for name, values in given.items()
            if values is not None
        },
    )
    _check_distinct(rows)
    warn_of_look_alikes(
        found_names(sequence_names, sequence_ids), found_names(names, annotator_ids)
    )
    return rows


def _refuse_name(values: Any, name: str) -> None:
    if isinstance(values, str) or is_frame(values) or not isinstance(values, Iterable):
        raise TypeError(
            f"{name} must be a 1-D array, got {type(values).__name__}; to name the "
            'columns of a DataFrame write SequenceAnnotations.from_long("sequence", '
            '"annotator", "tags", data=df).'
        )


def _check_rows(sequences: Array, annotators: Array, cells: Any, argument: str) -> None:
    if not sequences.size == annotators.size == cells.size:
        raise ValueError(
            f"sequences, annotators and {argument} must be equally long, got "
            f"{sequences.size}, {annotators.size} and {cells.size} rows; {_LONG}."
        )
    if not cells.size:
        raise ValueError("the table has no rows; give at least one tag sequence.")


def _read_sequences(
    values: Any, lengths: IntArray, ids: list[int | str] | None
) -> tuple[IntArray, Array | None, int]:
    """Map ids to rows of X: as `ids` say, by number, or else in sorted order."""
    if ids is not None or lengths is None:
        code, names = read_ids(values, ids, "sequence")
        return code, names, len(names)
    rows, n = clean_ids(values, "sequence"), np.size(lengths)
    if rows.dtype != np.int64 or rows.min() < 0 or rows.max() >= n:
        found = "other values"
        if rows.dtype == np.int64:
            found = f"values from {rows.min()} to {rows.max()}"
        raise ValueError(
            f"with {n} lengths the sequences must be row numbers 0 to {n - 1}, got "
            f"{found}; for other ids pass sequence_ids, the ids in the order of "
            "lengths and of the rows of X."
        )
    return rows, None, n


def _check_distinct(cells: Cells) -> None:
    key = cells.sequence * np.int64(cells.shape[1]) + cells.annotator
    again = np.flatnonzero(key[1:] == key[:-1])
    if again.size:
        raise ValueError(
            f"the table holds more than one tag sequence for {_where(cells)(again[0])} "
            f"({again.size} repeats in all); keep one row for each sequence and "
            "annotator. A table with a row for each token is to be grouped before: a "
            "cell holds all tags of a sequence, as a list."
        )


def cell_matrix(y: AnswersLike) -> tuple[ObjectArray, Any]:
    """Turn any matrix of cells into a 2-D object array, and name its columns."""
    y = plain(y, "y of tags")
    if is_frame(y):
        return _check_shape(frame_matrix(y).astype(object)), list(y.columns)
    if isinstance(y, Annotations) or is_sparse(y):
        raise TypeError(
            f"the entries of y, of type {type(y).__name__}, are single tags; {_FLAT}."
        )
    if isinstance(y, np.ma.MaskedArray):
        mask, y = np.ma.getmaskarray(y), y.data.astype(object)
        y[mask] = None
    array = np.asarray(y) if hasattr(y, "__array__") else None
    if array is None or array.ndim == 1:
        return _nested(y), None
    return _check_shape(_rejoin(array)), None


def _rejoin(array: Any) -> Any:
    """Split the 3-D array that numpy makes of cells of equal length into cells."""
    if array.ndim != 3:
        return array.astype(object)
    cells = np.empty(array.shape[:2], dtype=object)
    for place in np.ndindex(cells.shape):
        cells[place] = array[place]
    return cells


def _check_shape(matrix: Any) -> Any:
    if matrix.ndim != 2 or 0 in matrix.shape:
        raise ValueError(
            "y must be a matrix of tag sequences of shape (n_sequences, n_annotators), "
            f"got shape {matrix.shape}; {_FLAT}."
        )
    return matrix


def _nested(y: AnswersLike) -> Any:
    """Read rows of cells; numpy must not convert the cells."""
    rows = _listed(y)
    for i, row in enumerate(rows):
        if not is_sequence(type(row)):
            raise ValueError(
                f"row {i} of y is {_short(row)}, but a list with a cell for each "
                f"annotator is expected; {_FLAT}."
            )
    widths = [len(row) for row in rows]
    odd = next((i for i, n in enumerate(widths) if n != widths[0]), None)
    if odd is not None:
        raise ValueError(
            f"y is ragged: row 0 has {widths[0]} cells and row {odd} has "
            f"{widths[odd]}; give a cell for each annotator, None where there are no "
            f"tags; {_FLAT}."
        )
    flat = object_array(list(chain.from_iterable(rows)))
    return _check_shape(flat.reshape(len(rows), widths[0]))


def _listed(y: AnswersLike) -> list[Any]:
    if isinstance(y, (str, bytes, Mapping)) or not isinstance(y, Iterable):
        raise ValueError(
            f"y must hold a row for each sequence, got {_short(y)}; pass a list."
        )
    rows = list(y)
    if not rows:
        raise ValueError("y has no sequences; give at least one row.")
    return rows


def _present(cells: Cells, hint: str) -> Cells:
    """Drop missing cells and make lists, tuples or 1-D arrays of the others."""
    types = list(map(type, cells.tags))
    good = {type_ for type_ in set(types) if is_sequence(type_)}
    there = np.fromiter(map(good.__contains__, types), bool, len(types))
    others = np.flatnonzero(~there)
    bad = others[~missing_mask(cells.tags[others])]
    if bad.size:
        raise _no_sequence(cells, int(bad[0]), hint)
    tags = cells.tags.tolist()
    if not good <= {list, tuple}:
        tags = [_plain(tags[k]) if there[k] else () for k in range(len(tags))]
        _check_one_dimension(cells, tags, hint)
    full = [k for k in np.flatnonzero(there).tolist() if len(tags[k])]
    return cells._replace(
        details={name: values[full] for name, values in cells.details.items()},
        sequence=cells.sequence[full],
        annotator=cells.annotator[full],
        tags=[tags[k] for k in full],
    )


def _check_one_dimension(cells: Cells, tags: Any, hint: str) -> None:
    for k, values in enumerate(tags):
        if isinstance(values, np.ndarray) and values.ndim != 1:
            raise _no_sequence(cells, k, hint)


def _plain(tags: Any) -> Any:
    if isinstance(tags, np.ma.MaskedArray):
        return tags.tolist()
    if isinstance(tags, (list, tuple, np.ndarray)):
        return tags
    return np.asarray(tags) if hasattr(tags, "__array__") else list(tags)


def _no_sequence(cells: Cells, k: int, hint: str) -> Any:
    return ValueError(
        f"{cells.argument} holds {_short(cells.tags[k])} at {_where(cells)(k)}, where "
        "a tag sequence was expected: a list or 1-D array with a tag for each token, "
        f"or None for no tags; {hint}."
    )


def is_sequence(type_: type[Any]) -> bool:
    """Return whether values of a type are a cell with several entries."""
    if issubclass(type_, (str, bytes, Mapping, Set)):
        return False
    return hasattr(type_, "__len__") and hasattr(type_, "__getitem__")


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _where(cells: Cells) -> Where:
    return Where(cells.sequence, cells.annotator, cells.names, cells.sequence_names)
