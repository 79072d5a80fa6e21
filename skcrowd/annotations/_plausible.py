"""Warn of tables that are probably not answers: ids, free text or counts.

The rules are such that answers of annotators practically never satisfy them. They are
applied only where the user does not list the classes.
"""

import re

import numpy as np

from ._lookup import preview
from ._warn import warn

__all__ = ["warn_of_many_classes", "warn_of_odd_table"]

UNNAMED = re.compile(r"Unnamed: \d+")  # of pandas.read_csv, where a header is empty
MIN_COLUMN = 12  # answers that a column needs for a test of its labels
MIN_COUNT = 6  # rows that a column must number, from 0 or 1, to be an index
MIN_ROWS = 8  # items that a table needs for a test of counts
MIN_CLASSES = 20
MIN_ANSWERS_PER_CLASS = 3
SHARE = 0.9  # of a column or of the rows

_DROP = "If so, leave it out, e.g. y.drop(columns=...) or y[:, 1:]"


def warn_of_odd_table(parts):
    """Warn where a matrix almost certainly does not hold answers.

    Parameters
    ----------
    parts : Parts
        The answers read; the classes are those observed.

    Warns
    -----
    CrowdWarning
        If a column numbers the items; if the labels of a column are nearly all
        distinct, and the others hold few; if every row has about the same sum, as
        counts of answers have; or if there are more classes than a third of the
        answers. The first that applies.
    """
    number = _numbering_column(parts)
    if number is not None:
        return _warn_of_column(parts, number, "numbers the items", "an index or an id")
    if parts.classes is not None:
        distinct = _distinct_column(parts)
        if distinct is not None:
            seen = "holds labels that are nearly all distinct, and the others few"
            return _warn_of_column(parts, distinct, seen, "an id or free text")
    if _is_count_table(parts):
        return _warn_of_counts(parts)
    if parts.classes is not None:
        warn_of_many_classes(parts.classes, parts.answer.size)


def warn_of_many_classes(classes, n_answers):
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
            ", fewer than three answers a class. Ratings are kind='numbers' "
            "(CrowdRegressor); ids or free text are no answers, so leave them out. If "
            "these are classes indeed, say so by classes.",
            ("y", "many classes"),
        )


def _numbering_column(parts):
    """Find an annotator whose answers are the numbers of the items, or None."""
    values = _numbers(parts)
    n_items, n_annotators = parts.shape
    if values is None or n_annotators < 2:
        return None
    for column in _counting_at_both_ends(parts, values):
        own = parts.annotator == column
        counts = np.array_equal(values[own], values[own][0] + np.arange(n_items))
        if counts and _stands_out(values, own):
            return column
    for column in _unnamed(parts):
        if _are_ids(values[parts.annotator == column]):
            return column
    return None


def _counting_at_both_ends(parts, values):
    """List the columns with 0 or 1 in the first row and so much more in the last."""
    n_items, n_annotators = parts.shape
    ends = np.full((2, n_annotators), np.nan)
    for end, row in enumerate((0, n_items - 1)):
        here = parts.item == row
        ends[end, parts.annotator[here]] = values[here]
    first, last = ends
    return np.flatnonzero(np.isin(first, (0, 1)) & (last == first + n_items - 1))


def _stands_out(values, own):
    """Whether the range of the others is less than half, as of labels or ratings."""
    others = values[~own]
    may_be = own.sum() >= MIN_COUNT and others.size
    return bool(may_be) and np.ptp(others) < own.sum() / 2


def _unnamed(parts):
    """List the columns that pandas has named, as it names a written index."""
    if parts.annotator_names.dtype != object:
        return []
    names = enumerate(parts.annotator_names.tolist())
    return [column for column, name in names if UNNAMED.fullmatch(str(name))]


def _are_ids(values):
    whole = values.size > 2 and bool((values == np.floor(values)).all())
    return whole and np.unique(values).size == values.size


def _numbers(parts):
    """Return the answers as numbers, or None if they are none."""
    if parts.classes is None:
        return parts.answer
    return parts.classes[parts.answer] if parts.classes.dtype.kind == "i" else None


def _distinct_column(parts):
    """Find an annotator with ever new labels among others with few, or None."""
    n_classes, n_annotators = len(parts.classes), parts.shape[1]
    n_each = np.bincount(parts.annotator, minlength=n_annotators)
    may_be = (n_each >= MIN_COLUMN) & (3 * n_each >= 2 * n_classes)
    may_be &= (SHARE * n_each <= n_classes) & (2 * n_each <= n_each.sum())
    own = may_be[parts.annotator]
    pairs = np.unique(parts.annotator[own] * n_classes + parts.answer[own])
    n_labels = np.bincount(pairs // n_classes, minlength=n_annotators)
    for column in np.flatnonzero(may_be & (n_labels >= SHARE * n_each)):
        of_others = parts.answer[parts.annotator != column]
        if 2 * np.unique(of_others).size <= n_labels[column]:
            return column
    return None


def _is_count_table(parts):
    """Whether the rows of a full matrix are counts of about the same total.

    Answers have the same total in every row only where all are the same; rows in
    which all are the same therefore do not count.
    """
    values = _numbers(parts)
    n_items, n_annotators = parts.shape
    is_full = parts.answer.size == n_items * n_annotators
    if values is None or n_items < MIN_ROWS or n_annotators < 2 or not is_full:
        return False
    rows = values.reshape(parts.shape)
    if (rows < 0).any():
        return False
    is_mixed = (rows != rows[:, :1]).any(axis=1)
    with np.errstate(over="ignore", invalid="ignore"):  # too large a y is refused later
        total = rows.sum(axis=1)
        usual = np.median(total)
        is_usual = is_mixed & np.isclose(total, usual, rtol=1e-6)
    n_needed = n_items if n_items < 20 else SHARE * n_items
    return bool(is_usual.sum() >= n_needed)


def _warn_of_column(parts, column, seen, what):
    name = parts.annotator_names[column : column + 1].tolist()[0]
    noun = "numbers" if parts.classes is None else "classes"
    warn(
        f"the column {name!r} of y {seen}: it looks like {what}, but was read as an "
        f"annotator, and its values as {noun}. {_DROP}; {_if_answers(parts)}",
        ("y", "odd column"),
    )


def _warn_of_counts(parts):
    n_columns = parts.shape[1]
    warn(
        f"the rows of y have the same sum: y looks like a table of counts or shares of "
        f"{n_columns} classes, but was read as the answers of {n_columns} annotators. "
        "Pass the single answers, a column for each annotator, or a row for each in "
        f"Annotations.from_long; {_if_answers(parts)}",
        ("y", "counts"),
    )


def _if_answers(parts):
    how = "nothing need be done" if parts.classes is None else "say so by classes"
    return f"if these are answers, {how}."
