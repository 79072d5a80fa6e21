"""Read what is given of each answer: numbers on a scale, weights, distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._answer_details import AnswerDetails
from ._lookup import object_array
from ._ordered_categories import ordered_categories
from ._tables import is_frame, plain
from ._value_types import equal_mask, missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, FloatArray


__all__ = ["as_probabilities", "check_probabilities", "details_of", "numbers_of"]

SUM_TOLERANCE = 1e-3  # of probabilities that a table has rounded
PLAIN_WEIGHT = "1 for a plain answer, 0 leaves it out"
LARGEST_WEIGHT = 1e100  # sums of squares of larger ones overflow


def numbers_of(values: Any, name: str, *shapes: tuple[int, ...]) -> FloatArray:
    """Read numbers, NaN where one is missing.

    Parameters
    ----------
    values : array-like
    name : str
        The argument.
    *shapes : tuple of int
        Those that the numbers may have.

    Returns
    -------
    numbers : float64 ndarray

    Raises
    ------
    ValueError
        If the shape is none of these, or a value is no finite number.
    """
    values = plain(_ordered_codes(values, name), name)
    masked: Any = np.ma.getmaskarray(values) if np.ma.isMaskedArray(values) else False
    if is_frame(values) or hasattr(values, "to_numpy"):
        values = values.to_numpy()
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raw = np.asarray(values, dtype=object)
        flat = object_array(raw.ravel().tolist())
        missing = missing_mask(flat)
        try:
            numbers = [
                np.nan if gone else float(value)
                for value, gone in zip(flat, missing, strict=True)
            ]
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{name} must hold numbers, or ordered categories: {error}."
            ) from error
        array = np.reshape(numbers, raw.shape)
    if array.shape not in shapes:
        *most, last = map(str, dict.fromkeys(shapes))
        listed = f"{', '.join(most)} or {last}" if most else last
        unknown = PLAIN_WEIGHT if name == "weight" else "NaN where it is not known"
        raise ValueError(
            f"{name} has shape {array.shape}, but must have the shape {listed}: a "
            f"number for each answer, {unknown}."
        )
    numbers_read: FloatArray = np.where(masked, np.nan, array.astype(np.float64))
    if np.isinf(numbers_read).any():
        raise ValueError(f"{name} holds an infinite number; numbers must be finite.")
    return numbers_read


def _ordered_codes(values: Any, name: str) -> Any:
    """Return the places of ordered categories of a table; anything else as it is."""
    categories = ordered_categories(values)
    if categories is None:
        return values
    cells = np.asarray(plain(values, name), dtype=object)
    place = {category: float(k) for k, category in enumerate(categories.tolist())}
    codes = [place.get(cell, np.nan) for cell in cells.ravel().tolist()]
    return np.reshape(codes, cells.shape)


def details_of(
    confidence: Any = None, weight: Any = None, time: Any = None, **others: Any
) -> AnswerDetails | None:
    """Check the numbers of answers that are left when the missing ones are dropped.

    Parameters
    ----------
    confidence, weight, time : float64 ndarray of shape (n_answers,) or None
    **others
        Further fields of AnswerDetails.

    Returns
    -------
    details : AnswerDetails or None
        None if nothing is given.

    Raises
    ------
    ValueError
        If a weight is negative or missing, or a time negative.
    """
    if weight is not None:
        wrong = ~((weight >= 0) & (weight <= LARGEST_WEIGHT))
        if wrong.any():
            k = int(wrong.argmax())
            raise ValueError(
                f"weight holds {weight[k]:g} at answer {k} ({int(wrong.sum())} such "
                "answers); a weight must be a number that is not negative: "
                f"{PLAIN_WEIGHT}."
            )
    if time is not None and (time < 0).any():
        k = int((time < 0).argmax())
        raise ValueError(
            f"time holds {time[k]:g} at answer {k}; a duration cannot be negative. "
            "Subtract the start of the task from its end, not the other way round."
        )
    fields = {"confidence": confidence, "weight": weight, "time": time, **others}
    fields = {name: values for name, values in fields.items() if values is not None}
    return AnswerDetails(**fields) if fields else None


def as_probabilities(values: Any, name: str) -> FloatArray:
    """Read an array of probabilities; NaN where one is missing or masked."""
    values = plain(values, name)
    if is_frame(values) or hasattr(values, "to_numpy"):
        values = values.to_numpy()
    try:
        numbers = np.ma.asarray(values).astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} must hold probabilities: {error}.") from error
    return np.where(np.ma.getmaskarray(numbers), np.nan, numbers.data)


def check_probabilities(values: FloatArray, what: Any) -> FloatArray:
    """Return probabilities with rows that sum to 1 exactly.

    Parameters
    ----------
    values : ndarray of shape (n_answers, n_classes)
    what : callable
        ``what(k)`` describes row k.

    Raises
    ------
    ValueError
        If one is negative or missing, or a row does not sum to 1.
    """
    total = values.sum(axis=1)
    wrong = ~((values >= 0).all(axis=1) & (np.abs(total - 1) <= SUM_TOLERANCE))
    if wrong.any():
        k = int(wrong.argmax())
        raise ValueError(
            f"the probabilities of {what(k)} are {values[k].tolist()}, which "
            f"{'sum to' if (values[k] >= 0).all() else 'hold a negative or missing'}"
            f"{f' {total[k]:g}' if (values[k] >= 0).all() else ' one'} "
            f"({int(wrong.sum())} such answers); probabilities are not negative and "
            "sum to 1. Divide shares or scores by their sum."
        )
    exact: FloatArray = values / total[:, None]
    return exact


def is_unsure(values: Array, unsure: Any, classes: Any) -> BoolArray:
    """Mark the answers that are a sign for "I don't know".

    Parameters
    ----------
    values : ndarray
        Raw answers, of any shape.
    unsure : scalar or sequence
        The signs.
    classes : array-like or None
        The classes, if given. A sign must not be among them.
    """
    is_one = np.ndim(unsure) == 0 and not isinstance(unsure, (set, frozenset))
    unsure = unsure.tolist() if isinstance(unsure, np.ndarray) else unsure
    signs = [unsure] if is_one else list(unsure)
    _check_signs(signs, values)
    marked = np.zeros(values.shape, dtype=bool)
    for sign in signs:
        known = None if classes is None else object_array(list(classes))
        if known is not None and equal_mask(known, sign).any():
            raise ValueError(
                f"unsure={sign!r} is one of the classes, too; leave it out of classes "
                "if it is no answer, or out of unsure if it is a class."
            )
        marked |= equal_mask(values, sign)
    return marked


def _check_signs(signs: list[Any], values: Array) -> None:
    """Raise if truth values are given for answers that are none, as a mask is."""
    truth = bool, np.bool_
    if not any(isinstance(sign, truth) for sign in signs) or values.dtype.kind == "b":
        return
    if not any(isinstance(value, truth) for value in values.ravel().tolist()):
        raise ValueError(
            f"unsure holds {signs[0]!r}, but no answer is a truth value; give the "
            "answers that mean \"I don't know\", such as unsure='?', no mask."
        )
