"""Write sets of labels and tag sequences as tables of pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._cell_details import NUMBERS
from ._export import pandas_for
from ._lookup import object_array
from ._sequence_tags import cell_places, write_cells
from ._value_types import equal_mask, missing_mask

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import Array, FloatArray

    from ._answer_details import AnswerDetails
    from ._cell_details import Cells
    from ._multilabel_container import MultilabelAnnotations
    from ._sequence_container import SequenceAnnotations


__all__ = [
    "cells_to_frame",
    "decisions_to_long",
    "sequences_to_long",
    "sets_to_long",
]


_BY_LABEL = "to_long(by_label=True) has a row for each label"
_BY_TOKEN = "tokens.to_long() has a row for each tag"


def cells_to_frame(cells: Any, row_names: Any, annotator_names: Array) -> pd.DataFrame:
    """Write a matrix of cells as a table.

    Parameters
    ----------
    cells : object ndarray of shape (n_rows, n_annotators)
    row_names : ndarray of shape (n_rows,) or None
    annotator_names : ndarray of shape (n_annotators,)
    """
    pd = pandas_for("to_frame")
    return pd.DataFrame(cells, index=row_names, columns=annotator_names, copy=False)


def sets_to_long(
    annotations: MultilabelAnnotations, cells: Cells, nothing: Any
) -> pd.DataFrame:
    """Write a row for each label ticked; see `MultilabelAnnotations.to_long`."""
    decisions = annotations.decisions
    numbers = _answer_numbers(decisions.details, cells, "labels", _BY_LABEL)
    if decisions.probabilities is not None:
        answers = _answer_table("item", annotations.item_names, annotations, cells)
        return answers.assign(**numbers, **_probability_columns(annotations, cells))
    _check_nothing(annotations.classes, nothing)
    _check_asked(annotations, cells)
    ticked = np.flatnonzero(decisions.answer)
    row = cells.answer[ticked]
    label = annotations.classes[decisions.item[ticked] % annotations.n_labels].tolist()
    empty = np.setdiff1d(np.arange(len(cells.item)), row)
    label += [nothing] * len(empty)
    row = np.concatenate([row, empty])
    order = np.argsort(row, kind="stable")
    answers = _answer_table("item", annotations.item_names, annotations, cells)
    table = answers.assign(**numbers).iloc[row[order]].reset_index(drop=True)
    table.insert(2, "label", object_array(label)[order])
    return table.infer_objects()


def decisions_to_long(annotations: MultilabelAnnotations, cells: Cells) -> pd.DataFrame:
    """Write a row for each decision; see `MultilabelAnnotations.to_long`."""
    decisions: Any = annotations.decisions
    label = decisions.item % annotations.n_labels
    order = np.lexsort((label, cells.answer))
    answers = _answer_table("item", annotations.item_names, annotations, cells)
    table = answers.iloc[cells.answer[order]].reset_index(drop=True)
    shares = decisions.probabilities
    ticked = decisions.answer if shares is None else shares[:, 1]
    columns = {"label": annotations.classes[label], "ticked": ticked}
    for name in NUMBERS:
        values = getattr(decisions, name)
        columns |= {} if values is None else {name: values}
    return table.assign(**{name: values[order] for name, values in columns.items()})


def sequences_to_long(annotations: SequenceAnnotations, cells: Cells) -> pd.DataFrame:
    """Write a row for each tag sequence; see `SequenceAnnotations.to_long`."""
    tokens, offsets = annotations.tokens, annotations.offsets
    numbers = _answer_numbers(tokens.details, cells, "tags", _BY_TOKEN)
    names = annotations.sequence_names
    table = _answer_table("sequence", names, annotations, cells)
    _, _, tags = write_cells(tokens, offsets, None)
    table["tags"] = object_array([cell.tolist() for cell in tags])
    table = table.assign(**numbers)
    if tokens.probabilities is not None:
        place, bounds = cell_places(tokens.item, cells.answer, cells.item, offsets)
        rows = np.full((bounds[-1], len(annotations.classes)), np.nan)
        rows[place] = tokens.probabilities
        table["probabilities"] = object_array(np.split(rows, bounds[1:-1]))
    return table


def _answer_table(
    what: str, row_names: Any, annotations: Any, cells: Cells
) -> pd.DataFrame:
    """Return a table that says who gave each answer, and to what."""
    rows = cells.item if row_names is None else row_names[cells.item]
    annotators = annotations.annotator_names[cells.annotator]
    pd = pandas_for("to_long")
    return pd.DataFrame({what: np.array(rows), "annotator": np.array(annotators)})


def _answer_numbers(
    details: AnswerDetails | None, cells: Cells, parts: str, way_out: str
) -> dict[str, FloatArray]:
    """Return the confidence and weight of each answer; raise if its parts differ."""
    numbers = {}
    for name in NUMBERS:
        values = None if details is None else getattr(details, name)
        if values is None:
            continue
        _, first = np.unique(cells.answer, return_index=True)
        numbers[name] = values[first]
        if not np.array_equal(values, values[first][cells.answer], equal_nan=True):
            raise ValueError(
                f"the {parts} of an answer differ in {name}, and the table has one for "
                f"each answer; {way_out}, without_details({name!r}) leaves it out."
            )
    return numbers


def _probability_columns(
    annotations: MultilabelAnnotations, cells: Cells
) -> dict[str, FloatArray]:
    """Return how probably each label applies, NaN where it was not asked about."""
    shares: Any = annotations.decisions.probabilities
    applies = np.full((len(cells.item), annotations.n_labels), np.nan)
    applies[cells.answer, annotations.decisions.item % annotations.n_labels] = shares[
        :, 1
    ]
    labels = annotations.classes.tolist()
    return {f"probability_{k}": c for k, c in zip(labels, applies.T, strict=True)}


def _check_nothing(classes: Array, nothing: Any) -> None:
    """Raise if what stands for an empty set cannot be told from a label."""
    if missing_mask(object_array([nothing])).any():
        raise ValueError(
            f"nothing={nothing!r} would be a missing value; pass a word, which "
            "from_long(nothing=) reads."
        )
    if equal_mask(classes, nothing).any():
        raise ValueError(
            f"nothing={nothing!r} is one of the labels; pass another word for sets in "
            "which nothing was ticked."
        )


def _check_asked(annotations: MultilabelAnnotations, cells: Cells) -> None:
    """Raise if an annotator was asked about some of the labels only."""
    n_asked = np.bincount(cells.answer, minlength=len(cells.item))
    partial = np.flatnonzero(n_asked < annotations.n_labels)
    if partial.size:
        k = partial[0]
        name = annotations.annotator_names.tolist()[cells.annotator[k]]
        raise ValueError(
            f"annotator {name!r} was not asked about all labels of row {cells.item[k]} "
            f"({partial.size} such answers), which a table of ticks cannot say; "
            f"{_BY_LABEL}."
        )
