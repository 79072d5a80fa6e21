"""Labels that are unlike all others, as marks of missing answers are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import Array

__all__ = ["MARK", "marks_among_numbers", "marks_among_texts"]

MARK = re.compile(r"-9|-?99+")  # how missing numbers are often marked
LEAST = 99  # of the marks above zero
FAR = 5  # times the largest other label
_NEGATIVE = re.compile(r"-1|-100|-9|-99+")
_SIGN = re.compile(r"[-\u2013\u2014.\u2026?*_/]+")  # no letter, no digit
_NUMBER = re.compile(r"[-+]?[0-9]+([.,][0-9]+)?")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")
_LARGEST = 10**15


def marks_among_numbers(labels: Array) -> list[int]:
    """Return the marks, such as 99 or -9, that are far from all other labels.

    Parameters
    ----------
    labels : ndarray of numbers
        Of the answers, in any order and number.

    Returns
    -------
    marks : list of int
    """
    if not labels.size or (labels.min() >= 0 and labels.max() < LEAST):
        return []
    numbers = labels.astype(np.float64, copy=False)
    numbers = numbers[np.isfinite(numbers)]
    is_whole = (numbers == np.floor(numbers)) & (abs(numbers) < _LARGEST)
    is_candidate = is_whole & ((numbers < 0) | (numbers >= LEAST))
    if not is_candidate.any():
        return []
    candidates = np.unique(numbers[is_candidate])
    known = np.unique(numbers[numbers != -1])
    marks = [int(one) for one in candidates if MARK.fullmatch(f"{one:.0f}")]
    return [mark for mark in marks if _is_far(mark, known[known != mark])]


def marks_among_texts(labels: Iterable[str]) -> list[str]:
    """Return the labels such as "?", "-1" or "99" beside numbers that are texts.

    Several signs, such as "+" and "-", are labels like others, and so are those beside
    words.

    Parameters
    ----------
    labels : iterable of str
        The distinct labels, without those that stand for missing ones anyway.

    Returns
    -------
    marks : list of str
    """
    listed = list(labels)
    signs = [label for label in listed if _SIGN.fullmatch(label.strip())]
    decimals = [label for label in listed if _NUMBER.fullmatch(label.strip())]
    if len(signs) == 1 and len(decimals) == len(listed) - 1 > 1:
        return signs
    is_number = [_WHOLE.fullmatch(label) is not None for label in listed]
    numbers = [
        int(label) for label, is_one in zip(listed, is_number, strict=True) if is_one
    ]
    others = [
        label for label, is_one in zip(listed, is_number, strict=True) if not is_one
    ]
    if all(map(_NEGATIVE.fullmatch, others)):
        marks = [label for label in others if _is_far(int(label), np.array(numbers))]
        return marks + _large_marks(numbers)
    return []


def _large_marks(numbers: list[int]) -> list[str]:
    found = (n for n in numbers if MARK.fullmatch(str(n)))
    return [
        str(n) for n in found if _is_far(n, np.array([x for x in numbers if x != n]))
    ]


def _is_far(mark: int, others: Array) -> bool:
    """Whether a mark is the only negative label, or far above all others.

    A scale from -1 to 1, say, has the opposite of its lowest label, too.
    """
    if others.size < 2 or others.min() < 0 or others.max() == -mark:
        return False
    return mark < 0 or bool(mark > FAR * others.max())
