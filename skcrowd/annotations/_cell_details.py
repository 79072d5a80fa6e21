"""What is said beside answers with several parts: sets of labels, tag sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ._answer_details import AnswerDetails
from ._read_details import details_of, numbers_of

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray

    from ._container import Annotations


__all__ = [
    "Cells",
    "answer_means",
    "check_part_details",
    "with_cell_details",
    "without_cell_details",
]

HELD = "confidence", "weight", "probabilities"
NUMBERS = "confidence", "weight"  # one for each part


class Cells(NamedTuple):
    """Answers, and the parts that each has: decisions on labels, or tags of tokens.

    Attributes
    ----------
    item, annotator : int64 ndarray of shape (n_answers,)
    answer : int64 ndarray of shape (n_parts,)
        The answer that a part belongs to.
    shape : tuple (n_items, n_annotators)
    part_shape : tuple of int
        The shape of an array that has a number for each part.
    part_index : tuple of int64 ndarray of shape (n_parts,)
        Where the parts are in it.
    """

    item: IntArray
    annotator: IntArray
    answer: IntArray
    shape: tuple[int, int]
    part_shape: tuple[int, ...]
    part_index: tuple[Array, ...]


def with_cell_details(
    parts: Annotations, cells: Cells, confidence: Any, weight: Any
) -> Annotations:
    """Give parts of answers the confidences and weights of their answers.

    Parameters
    ----------
    parts : Annotations
    cells : Cells
    confidence, weight : array-like or None
        Of shape (n_answers,) or `cells.shape`, for all parts of an answer, or of
        `cells.part_shape`.

    Returns
    -------
    parts : Annotations
        Without those of weight 0.

    Raises
    ------
    ValueError
        If a shape fits none of these, a weight is negative or missing, or a number
        infinite.
    """
    given = {"confidence": confidence, "weight": weight}
    read = {
        name: _of_parts(values, name, cells)
        for name, values in given.items()
        if values is not None
    }
    return parts.with_details(**read)


def without_cell_details(parts: Annotations, names: tuple[str, ...]) -> Annotations:
    """Leave out confidences, weights or probabilities of parts of answers.

    Parameters
    ----------
    parts : Annotations
    names : tuple of str
        Empty for all.

    Returns
    -------
    parts : Annotations

    Raises
    ------
    ValueError
        If a name is another.
    """
    unknown = [name for name in names if name not in HELD]
    if unknown:
        raise ValueError(f"there is no {unknown[0]!r}; choose among {list(HELD)}.")
    return parts.without_details(*names)


def answer_means(details: AnswerDetails | None, cells: Cells) -> AnswerDetails | None:
    """Return the mean confidence and weight of the parts of each answer.

    Parameters
    ----------
    details : AnswerDetails or None
        Of the parts.
    cells : Cells

    Returns
    -------
    details : AnswerDetails or None
        Of the answers; NaN where no part has a number. None if there are none.
    """
    given = {} if details is None else {n: getattr(details, n) for n in NUMBERS}
    means: dict[str, Any] = {
        name: _mean(values, cells)
        for name, values in given.items()
        if values is not None
    }
    return AnswerDetails(**means) if means else None


def _mean(values: FloatArray, cells: Cells) -> FloatArray:
    """Return the mean of the numbers of each answer that are known, else NaN."""
    known, n_answers = np.isfinite(values), len(cells.item)
    answer = cells.answer[known]
    total = np.bincount(answer, values[known], n_answers)
    number = np.bincount(answer, minlength=n_answers)
    mean = np.full(n_answers, np.nan)
    return np.divide(total, number, out=mean, where=number > 0)


def _of_parts(values: Any, name: str, cells: Cells) -> FloatArray:
    """Return a number for each part, (n_parts,)."""
    shapes = (len(cells.item),), cells.shape, cells.part_shape
    numbers = numbers_of(values, name, *shapes)
    if numbers.shape == cells.part_shape:
        return numbers[cells.part_index]
    if numbers.ndim == 2:
        numbers = numbers[cells.item, cells.annotator]
    details_of(**{name: numbers})  # before a message would count parts
    return numbers[cells.answer]


def check_part_details(parts: Annotations, name: str, what: str) -> None:
    """Raise if parts of answers have other details than evidence.

    Parameters
    ----------
    parts : Annotations
    name : str
        Of the parts, such as "decisions".
    what : str
        What the answers are, such as "sets of labels".

    Raises
    ------
    ValueError
        If there are any.
    """
    given = () if parts.details is None else parts.details.given
    refused = [detail for detail in given if detail not in HELD]
    if refused:
        listed = ", ".join(map(repr, refused))
        raise ValueError(
            f"{name} hold {', '.join(refused)} of each answer, which {what} cannot "
            f"use; leave them out with {name}.without_details({listed})."
        )
