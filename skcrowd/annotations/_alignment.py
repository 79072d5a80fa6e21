"""Check that rows of several arguments have the same labels."""

import sys
import warnings
from dataclasses import replace
from itertools import combinations
from numbers import Number
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from skcrowd.exceptions import CrowdWarning

from ._value_types import pandas_if_loaded

__all__ = ["check_aligned", "row_names", "without_row_names"]

NAMED = ("item_names", "sequence_names")  # attributes of annotations


class _Labelled(NamedTuple):
    """An argument whose rows have labels."""

    name: str
    values: Any
    labels: Any


def check_aligned(*, may_warn=True, **arguments):
    """Raise where two arguments label the same rows differently.

    Row labels are the index of a pandas DataFrame or Series, or the names of the items
    or sequences of annotations. Rows are matched by position, as everywhere in
    scikit-learn, so that labels in another order mean that rows were mixed up. Labels
    0, 1, 2, … in order are no more than positions, and fit any other labels but those
    of the same positions in another order. So do integers, as those of a fold, with
    labels that are no numbers.

    Parameters
    ----------
    may_warn : bool, default=True
        Whether to warn where ``X`` has no labels, but those of another argument are
        the positions 0 to n - 1 in another order.
    **arguments : object
        What has a row for each sample, by the name that messages give it: ``X``,
        ``y``, ``gold``, ``sample_weight`` and so on. None, and what has no labels or
        another number of rows, is ignored.

    Raises
    ------
    ValueError
        If two arguments have the same labels in another order, or different labels.

    Warns
    -----
    CrowdWarning
        If rows of another argument were reordered, and ``X`` does not say how.

    Notes
    -----
    statsmodels refuses data whose indices differ in the same way.
    """
    labelled = [
        _Labelled(name, values, labels)
        for name, values in arguments.items()
        if (labels := _row_labels(values)) is not None
    ]
    for first, second in combinations(labelled, 2):
        if len(first.labels) == len(second.labels):
            _check_pair(first, second)
    X = arguments.get("X")
    if may_warn and X is not None and _row_labels(X) is None:
        _warn_of_reordered(labelled)


def row_names(values):
    """Return the labels of rows that are more than positions.

    Parameters
    ----------
    values : object

    Returns
    -------
    names : ndarray of shape (n_rows,) or None
        Tuples for a MultiIndex. None where rows have no labels but 0, 1, 2, ….
    """
    labels = _row_labels(values)
    if labels is None or _are_positions(labels):
        return None
    return labels if isinstance(labels, np.ndarray) else labels.to_numpy()


def without_row_names(values):
    """Return the same rows without labels.

    Parameters
    ----------
    values : object
    """
    if hasattr(values, "iloc"):
        return values.reset_index(drop=True)
    if _row_labels(values) is None:
        return values
    return replace(values, **{_attribute(values): None})


def _row_labels(values):
    """Return the index of a table, or the names of annotations; None: there is none."""
    for name in NAMED:
        if hasattr(values, name):
            return getattr(values, name)
    return values.index if hasattr(values, "iloc") else None


def _are_positions(labels):
    positions = np.asarray(labels)
    return positions.dtype.kind in "iu" and np.array_equal(
        positions, np.arange(len(positions))
    )


def _are_reordered_positions(labels):
    positions = np.asarray(labels)
    return (
        positions.dtype.kind in "iu"
        and not _are_positions(positions)
        and _are_positions(np.sort(positions))
    )


def _check_pair(first, second):
    """Raise unless labels are equal, or those of one are no more than positions."""
    if first.labels is second.labels:
        return
    for one, other in ((first, second), (second, first)):
        if _are_positions(one.labels) and not _are_reordered_positions(other.labels):
            return
    ours, theirs = _as_index(first.labels), _as_index(second.labels)
    if hasattr(ours, "equals") and ours.equals(theirs):
        return
    ours, theirs = _listed(ours), _listed(theirs)
    if _may_be_positions(ours, theirs) or _may_be_positions(theirs, ours):
        return
    same = [_is_same(*both) for both in zip(ours, theirs, strict=True)]
    if not all(same):
        raise ValueError(_describe(first, second, ours, theirs, same))


def _may_be_positions(integers, labels):
    """Whether integers may count the rows of a longer table, as those of a fold do.

    They do not where the other labels are numbers, or the same written as text.
    """
    if not all(isinstance(x, int) and x >= 0 for x in integers):
        return False
    if any(isinstance(label, Number) for label in labels):
        return False
    return set(map(str, integers)).isdisjoint(map(str, labels))


def _as_index(labels):
    """Return labels that a pandas index can be compared with."""
    pandas = pandas_if_loaded()
    if pandas is None or not isinstance(labels, np.ndarray):
        return labels
    return pandas.Index(labels, tupleize_cols=False)


def _listed(labels):
    """Return labels as Python objects; NaN is one object, so that sets know it."""
    return [
        np.nan if isinstance(label, float) and label != label else label
        for label in labels.tolist()
    ]


def _is_same(one, other):
    equal = one is other or one == other
    return isinstance(equal, (bool, np.bool_)) and bool(equal)  # not so NA


def _describe(first, second, ours, theirs, same):
    """Return a message: what differs, and what to do."""
    row, n_rows = same.index(False), len(same)
    seen = (
        f"row {row} is {ours[row]!r} in {first.name} and {theirs[row]!r} in "
        f"{second.name} ({same.count(False)} of {n_rows} rows differ)"
    )
    by_row = (
        "if the rows do belong together as they stand, match them by row: "
        f"{second.name} = {_matched_by_row(second)}"
    )
    is_permutation = len(set(ours)) == n_rows and set(ours) == set(theirs)
    if not is_permutation:
        return (
            f"{first.name} and {second.name} have different row labels: {seen}. Give "
            f"both the same rows in the same order; {by_row}."
        )
    return (
        f"{first.name} and {second.name} have the same row labels in another order: "
        f"{seen}. {_how_to_align(first, second)}; {by_row}."
    )


def _matched_by_row(argument):
    if hasattr(argument.values, "iloc"):
        return f"{argument.name}.reset_index(drop=True)"
    attribute = _attribute(argument.values)
    return f"dataclasses.replace({argument.name}, {attribute}=None)"


def _how_to_align(first, second):
    """Return how to bring one of the two into the order of the other."""
    if not hasattr(second.values, "iloc"):
        first, second = second, first
    if not hasattr(second.values, "iloc"):
        return "Give both in the same order"
    labels = "index"
    if not hasattr(first.values, "iloc"):
        labels = _attribute(first.values)
    return f"Align them: {second.name} = {second.name}.loc[{first.name}.{labels}]"


def _attribute(annotations):
    """Return where annotations keep the names of their rows."""
    return next(name for name in NAMED if hasattr(annotations, name))


def _warn_of_reordered(labelled):
    for argument in labelled:
        if _are_reordered_positions(argument.labels) and not _is_fold():
            first = np.asarray(argument.labels)[0]
            warnings.warn(
                f"the rows of {argument.name} are labelled 0 to "
                f"{len(argument.labels) - 1}, but in another order (row 0 is {first}), "
                "and X has no labels: it could not be checked that its rows are in the "
                "order of these. If an earlier step took the index of X away, let it "
                'keep it: set_output(transform="pandas"). If the rows do belong '
                f"together, say so: {argument.name} = {_matched_by_row(argument)}.",
                CrowdWarning,
                stacklevel=_levels_to_caller(),
            )
            return


def _callers():
    """Yield the names of the modules that the calls came through, nearest first."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back


def _is_fold():
    """Whether rows were selected by a cross-validation, which may shuffle them."""
    return "sklearn.model_selection._validation" in _callers()


def _levels_to_caller():
    """Count the frames from the caller up to the first outside this package."""
    names = list(_callers())[1:]
    inside = [name.startswith("skcrowd.") for name in names]
    return inside.index(False) + 1
