"""Check that the rows of several arguments have the same labels."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import combinations
from numbers import Number
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.exceptions import CrowdWarning

from ._value_types import pandas_if_loaded

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray

    from ._container import Annotations


__all__ = ["check_aligned", "row_names", "without_row_names"]

NAME_ATTRIBUTES = ("item_names", "sequence_names")  # of annotations


class _Labelled(NamedTuple):
    """An argument whose rows have labels."""

    name: str
    values: Any
    labels: Any


def check_aligned(
    *, may_warn: bool = True, is_long: bool = False, **arguments: Any
) -> None:
    """Raise if two arguments label the same rows differently.

    Row labels are the index of a pandas DataFrame or Series, or the names of the items
    or sequences of annotations. Rows are matched by position, as everywhere in
    scikit-learn; labels in another order indicate that rows were mixed up. Labels
    0, 1, 2, … in order are mere positions, and are compatible with all labels except a
    permutation of these positions. Integers, such as the index of a fold, are
    compatible with labels that are not numbers.

    Parameters
    ----------
    may_warn : bool, default=True
        Whether to warn if ``X`` has no labels, but another argument has a permutation
        of the positions 0 to n - 1.
    is_long : bool, default=False
        Whether the arguments are columns of a long table, which belong together in
        their present order if one has mere positions.
    **arguments : object
        Arguments with a row for each sample, by their name in messages: ``X``, ``y``,
        ``gold``, ``sample_weight`` and so on. None, and arguments without labels or
        with another number of rows, are ignored. Of an ``X`` that is a dict of arrays,
        each is an argument of its own.

    Raises
    ------
    ValueError
        If two arguments have the same labels in another order, or different labels.

    Warns
    -----
    CrowdWarning
        If the rows of another argument were reordered, and ``X`` has no labels.

    Notes
    -----
    statsmodels raises an error for different indices, too.
    """
    labelled = [
        _Labelled(name, values, labels)
        for name, values in _with_parts(arguments).items()
        if (labels := _row_labels(values)) is not None
    ]
    for first, second in combinations(labelled, 2):
        if len(first.labels) == len(second.labels):
            _check_pair(first, second, labelled, is_long)
    has_labels = any(one.name == "X" or one.name.startswith("X[") for one in labelled)
    if may_warn and arguments.get("X") is not None and not has_labels:
        _warn_of_reordered(labelled)


def row_names(values: Any) -> Array | None:
    """Return the row labels, if they are not mere positions.

    Parameters
    ----------
    values : object

    Returns
    -------
    names : ndarray of shape (n_rows,) or None
        Tuples for a MultiIndex. None if there are no labels, or they are 0, 1, 2, ….
    """
    labels = _row_labels(values)
    if labels is None or _are_positions(labels):
        return None
    return labels if isinstance(labels, np.ndarray) else labels.to_numpy()


def without_row_names(values: Any) -> Annotations | IntArray | str:
    """Return the rows without their labels.

    Parameters
    ----------
    values : object
    """
    if hasattr(values, "iloc"):
        return values.reset_index(drop=True)
    if _row_labels(values) is None:
        return values
    return replace(values, **{_attribute(values): None})


def _with_parts(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments, the parts of ``X`` in place of a dict of arrays."""
    X = arguments.get("X")
    if not isinstance(X, Mapping) or hasattr(X, "tocoo"):  # as a DOK matrix has
        return arguments
    parts = {f"X[{name!r}]": part for name, part in X.items()}
    return {**parts, **{k: v for k, v in arguments.items() if k != "X"}}


def _row_labels(values: Any) -> Any:
    """Return the index of a table, or the names of annotations, or None."""
    for name in NAME_ATTRIBUTES:
        if hasattr(values, name):
            return getattr(values, name)
    return values.index if hasattr(values, "iloc") else None


def _are_positions(labels: Any) -> bool:
    positions = np.asarray(labels)
    return positions.dtype.kind in "iu" and np.array_equal(
        positions, np.arange(len(positions))
    )


def _are_reordered_positions(labels: Any) -> bool:
    positions = np.asarray(labels)
    return (
        positions.dtype.kind in "iu"
        and not _are_positions(positions)
        and _are_positions(np.sort(positions))
    )


def _check_pair(
    first: _Labelled, second: _Labelled, labelled: list[_Labelled], is_long: bool
) -> None:
    """Raise unless the labels are equal, or one argument has mere positions."""
    if first.labels is second.labels:
        return
    for one, other in ((first, second), (second, first)):
        if _are_positions(one.labels) and not _are_reordered_positions(other.labels):
            return
    first_index, second_index = _as_index(first.labels), _as_index(second.labels)
    if hasattr(first_index, "equals") and first_index.equals(second_index):
        return
    pair = _as_list(first_index), _as_list(second_index)
    if _may_be_positions(*pair) or _may_be_positions(*pair[::-1]):
        return
    is_equal = [_is_equal(*labels) for labels in zip(*pair, strict=True)]
    if not all(is_equal):
        moved = _reordered(first, second, labelled)
        may_align = not (is_long and moved)
        raise ValueError(
            _describe(first, second, *pair, is_equal, moved or [second], may_align)
        )


def _reordered(
    first: _Labelled, second: _Labelled, labelled: list[_Labelled]
) -> list[_Labelled]:
    """Return the arguments with a permutation of positions, if one has mere ones.

    Without their labels all would fit each other.
    """
    if not (_are_positions(first.labels) or _are_positions(second.labels)):
        return []
    n_rows = len(first.labels)
    same = [one for one in labelled if len(one.labels) == n_rows]
    return [one for one in same if _are_reordered_positions(one.labels)]


def _may_be_positions(integers: list[Any], labels: list[Any]) -> bool:
    """Whether integers may be row positions in a longer table, as those of a fold.

    They are not, if the other labels are numbers, or the same numbers as text.
    """
    if not all(isinstance(x, int) and x >= 0 for x in integers):
        return False
    if any(isinstance(label, Number) for label in labels):
        return False
    return set(map(str, integers)).isdisjoint(map(str, labels))


def _as_index(labels: Any) -> Any:
    """Return labels as a pandas index, if pandas is loaded."""
    pandas = pandas_if_loaded()
    if pandas is None or not isinstance(labels, np.ndarray):
        return labels
    return pandas.Index(labels, tupleize_cols=False)


def _as_list(labels: Any) -> list[Any]:
    """Return labels as Python objects; NaN as one object, which sets can compare."""
    return [
        np.nan if isinstance(label, float) and label != label else label
        for label in labels.tolist()
    ]


def _is_equal(one: Any, other: Any) -> bool:
    equal = one is other or one == other  # comparison with pandas.NA returns NA
    return isinstance(equal, (bool, np.bool_)) and bool(equal)


def _describe(
    first: _Labelled,
    second: _Labelled,
    first_labels: list[Any],
    second_labels: list[Any],
    is_equal: list[bool],
    to_reset: list[_Labelled],
    may_align: bool,
) -> str:
    """Return the error message: what differs, and what to do."""
    row, n_rows = is_equal.index(False), len(is_equal)
    difference = (
        f"row {row} is {first_labels[row]!r} in {first.name} and "
        f"{second_labels[row]!r} in {second.name} ({is_equal.count(False)} of "
        f"{n_rows} rows differ)"
    )
    by_row = (
        "if the rows belong together in their present order, match them by position: "
        + ", ".join(f"{one.name} = {_matched_by_row(one)}" for one in to_reset)
    )
    is_permutation = len(set(first_labels)) == n_rows and set(first_labels) == set(
        second_labels
    )
    if not is_permutation:
        return (
            f"{first.name} and {second.name} have different row labels: {difference}. "
            f"Give both the same rows in the same order; {by_row}."
        )
    align = f"{_how_to_align(first, second)}; {by_row}" if may_align else by_row
    return (
        f"{first.name} and {second.name} have the same row labels in another order: "
        f"{difference}. {align[0].upper()}{align[1:]}."
    )


def _matched_by_row(argument: _Labelled) -> str:
    if hasattr(argument.values, "iloc"):
        return f"{argument.name}.reset_index(drop=True)"
    attribute = _attribute(argument.values)
    return f"dataclasses.replace({argument.name}, {attribute}=None)"


def _how_to_align(first: _Labelled, second: _Labelled) -> str:
    """Return the advice how to bring one argument into the order of the other."""
    if not hasattr(second.values, "iloc"):
        first, second = second, first
    if not hasattr(second.values, "iloc"):
        return "Give both in the same order"
    labels = "index"
    if not hasattr(first.values, "iloc"):
        labels = _attribute(first.values)
    return f"Align them: {second.name} = {second.name}.loc[{first.name}.{labels}]"


def _attribute(annotations: Annotations) -> str:
    """Return the attribute in which annotations store the names of their rows."""
    return next(name for name in NAME_ATTRIBUTES if hasattr(annotations, name))


def _warn_of_reordered(labelled: list[Any]) -> None:
    for argument in labelled:
        if _are_reordered_positions(argument.labels) and not _is_fold():
            first = np.asarray(argument.labels)[0]
            warnings.warn(
                f"the rows of {argument.name} are labelled 0 to "
                f"{len(argument.labels) - 1}, but in another order (row 0 is {first}), "
                "and X has no labels: it could not be checked that its rows are in the "
                "order of these. If an earlier step removed the index of X, let it "
                'keep it: set_output(transform="pandas"). If the rows do belong '
                f"together, pass {argument.name} = {_matched_by_row(argument)}.",
                CrowdWarning,
                stacklevel=_levels_to_caller(),
            )
            return


def _callers() -> Iterator[str]:
    """Yield the names of the calling modules, innermost first."""
    frame: FrameType | None = sys._getframe(1)
    while frame:
        yield frame.f_globals.get("__name__", "")
        frame = frame.f_back


def _is_fold() -> bool:
    """Whether rows were selected by cross-validation, which may shuffle them."""
    return "sklearn.model_selection._validation" in _callers()


def _levels_to_caller() -> int:
    """Count the frames from the caller up to the first outside this package."""
    names = list(_callers())[1:]
    inside = [name.startswith("skcrowd.") for name in names]
    return inside.index(False) + 1
