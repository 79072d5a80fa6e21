"""Distributions over tags as a nested list of numbers, a row for each token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._encoding import check_classes
from ._lookup import object_array, positions
from ._sequence_tags import check_lengths
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["listed_tokens"]


def listed_tokens(probabilities: Any, lengths: Any, classes: Any) -> FloatArray | None:
    """Read a nested list with a row for each token, and no cells of sequences.

    Parameters
    ----------
    probabilities, lengths, classes : object
        See `SequenceAnnotations.from_soft_labels`.

    Returns
    -------
    values : ndarray of shape (n_tokens, n_annotators, n_classes), or None
        None for a matrix of cells: those of numbers that are tags, too.
    """
    if not _is_listed(probabilities) or not all(map(_is_listed, probabilities)):
        return None
    cells = [cell for row in probabilities for cell in row]
    given = [list(cell) for cell in cells if _is_listed(cell)]
    widths = {len(row) for row in probabilities}, set(map(len, given))
    numbers = all(_is_number(value) for cell in given for value in cell)
    others = object_array([cell for cell in cells if not _is_listed(cell)])
    if any(len(found) != 1 for found in widths) or not numbers:
        return None
    n_annotators, n_classes = map(max, widths)
    is_flat = _are_tokens(len(probabilities), n_classes, given, lengths, classes)
    if not missing_mask(others).all() or not is_flat:
        return None
    values = np.full((len(cells), n_classes), np.nan)
    values[list(map(_is_listed, cells))] = given
    return values.reshape(-1, n_annotators, n_classes)


def _are_tokens(
    n_rows: int, width: int, given: list[Any], lengths: Any, classes: Any
) -> bool:
    """Whether cells of numbers are distributions of tokens, not tags of sequences."""
    if lengths is not None:
        lengths = check_lengths(lengths)
        return n_rows == lengths.sum() and (width > 1 or n_rows != lengths.size)
    if classes is None:
        return True
    known = check_classes(classes)
    return width == len(known) and bool(
        (positions(object_array([v for cell in given for v in cell]), known) < 0).any()
    )


def _is_listed(value: Any) -> bool:
    """Whether a value is a list, tuple or array of one dimension or more."""
    is_array = isinstance(value, np.ndarray) and value.ndim > 0
    return is_array or isinstance(value, (list, tuple))


def _is_number(value: Any) -> bool:
    """Whether a value is a number, or stands for a missing one."""
    is_number = isinstance(value, (int, float, np.number))
    return value is None or (is_number and not isinstance(value, bool))
