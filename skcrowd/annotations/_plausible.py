"""Warnings about tables that are probably not answers: ids, free text or counts.

Answers of annotators practically never satisfy these rules. They are applied only if
the user does not pass the classes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ._label_marks import MARK
from ._lookup import preview
from ._usual_names import ITEM, by_plain_name
from ._warn import warn

if TYPE_CHECKING:
    from skcrowd._typing import Array, BoolArray, IntArray

    from ._assemble import Parts


__all__ = ["warn_of_far_gold", "warn_of_many_classes", "warn_of_odd_table"]

UNNAMED = re.compile(r"Unnamed: \d+")  # pandas.read_csv names empty headers so
_ITEMS = set(ITEM)
MIN_COLUMN_ANSWERS = 12  # of a column, to test whether its labels are distinct
MIN_INDEX_ROWS = 6  # of a column that counts from 0 or 1, to be an index
MIN_COUNT_ROWS = 8  # of a table, to test whether it holds counts
MIN_OTHER_RATINGS = 10  # and of distinct ones, that others are far from
MIN_OTHER_VALUES = 3
FAR = 5.0  # ranges of the other ratings, or of those that gold is far from
MIN_CLASSES = 20
MIN_ANSWERS_PER_CLASS = 3
SAME_SUM = 1e-6  # difference of two sums, as a share of the range of the values
MAX_FAR_SHARE = 0.25  # of the ratings, or of gold: more have a scale of their own
MIN_SHARE = 0.9  # of the answers of a column, or of the rows of a table

_DROP = "If so, leave it out, e.g. y.drop(columns=...) or y[:, 1:]"


def warn_of_odd_table(parts: Parts) -> Any:
    """Warn if a matrix almost certainly does not contain answers.

    Parameters
    ----------
    parts : Parts
        The answers, with the observed classes.

    Warns
    -----
    CrowdWarning
        The first of these that applies: a column numbers the items; the labels of a
        column are nearly all distinct, and the other columns have few labels; a column
        with labels of its own is named as items usually are; all rows have about the
        same sum, like counts of answers; few ratings, or a mark such as 999, are far
        from all others, and not all annotators of these items agree; there are
        more classes than a third of the answers.
    """
    number = _numbering_column(parts)
    if number is not None:
        return _warn_of_column(parts, number, "numbers the items", "an index or an id")
    if parts.classes is not None:
        distinct = _distinct_column(parts)
        if distinct is not None:
            observation = (
                "holds labels that are nearly all distinct, and the others few"
            )
            return _warn_of_column(parts, distinct, observation, "an id or free text")
    named = _column_of_items(parts)
    if named is not None:
        return _warn_of_column(
            parts, named, "is named as items are", "an index or an id"
        )
    if _is_count_table(parts):
        return _warn_of_counts(parts)
    if parts.classes is None:
        return _warn_of_far_ratings(parts)
    warn_of_many_classes(parts.classes, parts.answer.size)


def warn_of_far_gold(ratings: Any, gold: Any) -> None:
    """Warn of some gold far from all ratings and other gold, or of a mark such as 999.

    A single number, and a larger share of gold, may have another unit.

    Parameters
    ----------
    ratings : ndarray of shape (n_answers,)
    gold : ndarray of shape (n_items,)
        NaN where the truth is not known.
    """
    low, high = ratings.min(), ratings.max()
    known = gold[np.isfinite(gold)]
    is_far = _are_far(known, low, high)
    others = known[~is_far]
    if others.size:
        is_far = _are_far(known, min(low, others.min()), max(high, others.max()))
    if low == high or not is_far.any():
        return
    is_rare = known.size > 1 and is_far.mean() <= MAX_FAR_SHARE
    if not (is_rare or _are_mark(known[is_far])):
        return
    warn(
        f"gold holds {known[is_far][0]:.6g} ({np.count_nonzero(is_far)} such numbers), "
        f"far from all ratings, which lie between {low:.6g} and {high:.6g}: it decides "
        "scale and offset of the truth. Replace it by NaN or None if it marks what is "
        "not known.",
        "gold far from the ratings",
    )


def _are_far(numbers: Any, low: float, high: float) -> BoolArray:
    """Whether numbers are many times a range away from it."""
    with np.errstate(over="ignore"):
        distance = np.maximum(low - numbers, numbers - high)
        is_far: BoolArray = distance > FAR * (high - low)
    return is_far


def _are_mark(numbers: Any) -> bool:
    """Whether all are one number with which missing ones are often marked."""
    is_one = bool((numbers == numbers[0]).all())
    return is_one and MARK.fullmatch(f"{numbers[0]:.17g}") is not None


def warn_of_many_classes(classes: Any, n_answers: int) -> None:
    """Warn if there are implausibly many classes.

    Parameters
    ----------
    classes : ndarray of shape (n_classes,)
    n_answers : int
    """
    n_classes = len(classes)
    if n_classes > max(MIN_CLASSES, n_answers / MIN_ANSWERS_PER_CLASS):
        warn(
            f"y holds {n_answers} answers of {n_classes} classes, {preview(classes, 4)}"
            ", fewer than three answers per class. For ratings pass kind='numbers' "
            "(CrowdRegressor); leave out ids and free text. If these are classes, pass "
            "them as classes.",
            ("y", "many classes"),
        )


def _column_of_items(parts: Parts) -> int | None:
    """Return the column with the usual name of items, and labels of its own."""
    for column, name in enumerate(parts.annotator_names.tolist()):
        if isinstance(name, str) and _plain(name) in _ITEMS:
            own = parts.annotator == column
            others = parts.answer[~own]
            if others.size and not np.isin(parts.answer[own], others).any():
                return column
    return None


def _plain(name: str) -> str:
    return next(iter(by_plain_name([name])))


def _numbering_column(parts: Parts) -> Any:
    """Return the column whose answers number the items, or None."""
    values = _numbers(parts)
    n_items, n_annotators = parts.shape
    if values is None or n_annotators < 2:
        return None
    for column in _counting_at_both_ends(parts, values):
        own = parts.annotator == column
        is_index = np.array_equal(values[own], values[own][0] + np.arange(n_items))
        if is_index and _has_larger_range(values, own):
            return column
    for column in _unnamed(parts):
        if _are_ids(values[parts.annotator == column]):
            return column
    return None


def _counting_at_both_ends(parts: Parts, values: Any) -> IntArray:
    """Return the columns that start with 0 or 1 and end n_items - 1 higher."""
    n_items, n_annotators = parts.shape
    ends = np.full((2, n_annotators), np.nan)
    for end, row in enumerate((0, n_items - 1)):
        in_row = parts.item == row
        ends[end, parts.annotator[in_row]] = values[in_row]
    first, last = ends
    return np.flatnonzero(np.isin(first, (0, 1)) & (last == first + n_items - 1))


def _has_larger_range(values: Any, own: BoolArray) -> bool:
    """Whether the others, like labels or ratings, have less than half the range."""
    others = values[~own]
    is_testable = own.sum() >= MIN_INDEX_ROWS and others.size
    return bool(is_testable) and np.ptp(others) < own.sum() / 2


def _unnamed(parts: Parts) -> list[Any]:
    """Return the columns with a name that pandas gives to a stored index."""
    if parts.annotator_names.dtype != object:
        return []
    names = enumerate(parts.annotator_names.tolist())
    return [column for column, name in names if UNNAMED.fullmatch(str(name))]


def _are_ids(values: Any) -> bool:
    """Whether values are distinct integers."""
    are_integers = values.size > 2 and bool((values == np.floor(values)).all())
    return are_integers and np.unique(values).size == values.size


def _numbers(parts: Parts) -> Array | None:
    """Return the answers as numbers, or None if they are not numeric."""
    if parts.classes is None:
        return parts.answer
    return parts.classes[parts.answer] if parts.classes.dtype.kind == "i" else None


def _distinct_column(parts: Parts) -> Any:
    """Return the column of nearly distinct labels among others with few, or None."""
    n_classes, n_annotators = len(parts.classes), parts.shape[1]
    n_each = np.bincount(parts.annotator, minlength=n_annotators)
    is_candidate = (n_each >= MIN_COLUMN_ANSWERS) & (3 * n_each >= 2 * n_classes)
    is_candidate &= (MIN_SHARE * n_each <= n_classes) & (2 * n_each <= n_each.sum())
    own = is_candidate[parts.annotator]
    pairs = np.unique(parts.annotator[own] * n_classes + parts.answer[own])
    n_labels = np.bincount(pairs // n_classes, minlength=n_annotators)
    for column in np.flatnonzero(is_candidate & (n_labels >= MIN_SHARE * n_each)):
        of_others = parts.answer[parts.annotator != column]
        if 2 * np.unique(of_others).size <= n_labels[column]:
            return column
    return None


def _is_count_table(parts: Parts) -> bool:
    """Whether the rows of a full matrix are counts of about the same total.

    Rows of equal answers are not counted: answers can have the same total in every row
    only if they are equal.
    """
    values = _numbers(parts)
    n_items, n_annotators = parts.shape
    is_full = parts.answer.size == n_items * n_annotators
    if values is None or n_items < MIN_COUNT_ROWS or n_annotators < 2 or not is_full:
        return False
    rows = values.reshape(parts.shape)
    if (rows < 0).any():
        return False
    is_mixed = (rows != rows[:, :1]).any(axis=1)
    with np.errstate(
        over="ignore", invalid="ignore"
    ):  # too large values raise an error later
        total = rows.sum(axis=1)
        # as near as rounding brings shares, whatever number is added to all ratings
        tolerance = SAME_SUM * np.ptp(rows)
        is_near_median = is_mixed & (np.abs(total - np.median(total)) <= tolerance)
    n_needed = n_items if n_items < 20 else MIN_SHARE * n_items
    return bool(is_near_median.sum() >= n_needed)


def _warn_of_far_ratings(parts: Parts) -> None:
    """Warn of ratings that are far from the others, such as 999 beside 1 to 5."""
    ratings = np.sort(parts.answer)
    with np.errstate(over="ignore"):
        gap = np.diff(ratings)
    if not gap.size:
        return
    cut = int(gap.argmax()) + 1
    outliers, others = sorted((ratings[:cut], ratings[cut:]), key=_by_values)
    low, high = others[[0, -1]]
    are_few = others.size < MIN_OTHER_RATINGS
    if are_few or np.unique(others).size < MIN_OTHER_VALUES:
        return
    if gap[cut - 1] <= FAR * (high - low):
        return
    is_rare = outliers.size <= MAX_FAR_SHARE * ratings.size
    if not _are_mark(outliers) and (not is_rare or _is_agreed(parts, outliers)):
        return
    which = (
        f"{outliers[0]:.6g}"
        if outliers[0] == outliers[-1]
        else f"{outliers[0]:.6g} to {outliers[-1]:.6g}"
    )
    warn(
        f"y holds the ratings {which} ({outliers.size} times), far from the others, "
        f"which lie between {low:.6g} and {high:.6g}: they decide all means and "
        "variances. Replace them by NaN if they mark missing ratings, and correct what "
        "is a typing mistake; of numbers of different orders of magnitude give the "
        "logarithms.",
        ("y", "far ratings"),
    )


def _is_agreed(parts: Parts, outliers: Any) -> bool:
    """Whether far ratings are all that items, or annotators, have, and several each.

    Those of an annotator are on a scale of their own.
    """
    is_far = (parts.answer >= outliers[0]) & (parts.answer <= outliers[-1])
    return any(
        _are_all(is_far, number, size)
        for number, size in zip((parts.item, parts.annotator), parts.shape, strict=True)
    )


def _are_all(is_far: BoolArray, number: IntArray, size: int) -> bool:
    """Whether items or annotators with a far rating have several, which are all far."""
    n_far = np.bincount(number[is_far], minlength=size)
    n_all = np.bincount(number, minlength=size)
    return bool(((n_far == n_all) & (n_all > 1))[n_far > 0].all())


def _by_values(ratings: Any) -> tuple[bool, int]:
    """Sort key: one number, however often, before several, few before many."""
    return bool(ratings[0] < ratings[-1]), ratings.size


def _warn_of_column(
    parts: Parts, column: int, observation: str, resemblance: str
) -> None:
    name = parts.annotator_names[column : column + 1].tolist()[0]
    noun = "numbers" if parts.classes is None else "classes"
    warn(
        f"the column {name!r} of y {observation}: it looks like {resemblance}, but was "
        f"read as an annotator, and its values as {noun}. {_DROP}; "
        f"{_if_answers(parts)}",
        ("y", "odd column"),
    )


def _warn_of_counts(parts: Parts) -> None:
    n_columns = parts.shape[1]
    warn(
        f"the rows of y have the same sum: y looks like a table of counts or shares of "
        f"{n_columns} classes, but was read as the answers of {n_columns} annotators. "
        "Pass the single answers, a column for each annotator, or a row for each in "
        f"Annotations.from_long; {_if_answers(parts)}",
        ("y", "counts"),
    )


def _if_answers(parts: Parts) -> str:
    advice = "nothing need be done" if parts.classes is None else "pass classes"
    return f"if these are answers, {advice}."
