"""Names of the columns of parts of X that are tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from skcrowd.annotations._tables import column_names, is_frame
from skcrowd.annotations._warn import warn

if TYPE_CHECKING:
    from skcrowd.training._items import PartColumns


__all__ = ["check_columns", "check_part_columns", "names_of_columns", "part_columns"]


def part_columns(parts: Mapping[Any, Any]) -> PartColumns:
    """Return the names of the columns of parts that are tables, if they are texts.

    Parameters
    ----------
    parts : dict of str to array-like

    Returns
    -------
    columns : tuple of (str, tuple of str)
    """
    found = ((str(name), names_of_columns(part)) for name, part in parts.items())
    return tuple((name, columns) for name, columns in found if columns)


def names_of_columns(part: Any) -> tuple[str, ...]:
    """Return the names of the columns of a table; none if they are no texts."""
    is_table = is_frame(part) or hasattr(part, "column_names")
    names = tuple(column_names(part) or ()) if is_table else ()
    return names if all(isinstance(name, str) for name in names) else ()


def check_part_columns(estimator: Any, columns: PartColumns) -> None:
    """Compare the names of the columns of each part with those of the earlier fit.

    Parameters
    ----------
    estimator : CrowdEstimator
    columns : tuple of (str, tuple of str)
        See :func:`part_columns`.
    """
    given, fitted = dict(columns), dict(estimator._part_columns)
    for name in sorted(given.keys() | fitted.keys()):
        seen, expected = given.get(name, ()), fitted.get(name, ())
        check_columns(f"X[{name!r}]", seen, expected, type(estimator).__name__)


def check_columns(
    name: str, given: tuple[str, ...], fitted: tuple[str, ...], kind: str
) -> None:
    """Raise if columns of a table have other names, or another order, than in ``fit``.

    Parameters
    ----------
    name : str
        The argument, for messages.
    given, fitted : tuple of str
        Names of the columns; none if it was no table.
    kind : str
        Name of the estimator, for messages.

    Raises
    ------
    ValueError

    Warns
    -----
    CrowdWarning
        If only one of both has names.
    """
    if given == fitted:
        return
    if given and fitted:
        raise ValueError(
            f"{name} has the columns {list(given)}, but {kind} was fitted with "
            f"{list(fitted)}; give the same columns in the same order."
        )
    has, had = ("names" if columns else "no names" for columns in (given, fitted))
    warn(
        f"the columns of {name} have {has}, but {kind} was fitted with columns that "
        f"had {had}, so their order cannot be checked; pass tables both times, or "
        "arrays.",
        "columns of one table only",
    )
