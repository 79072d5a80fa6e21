"""Composition of a crowd: number of annotators of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray


def count_kinds(
    annotators: Any, known: str | dict[str, Any], shares: dict[str, Any], explicit: str
) -> dict[str, int] | None:
    """Return the number of annotators of each kind in a description.

    Parameters
    ----------
    annotators : dict, int or array
        See `skcrowd.datasets.make_annotations`.
    known : collection of str
        The kinds there are.
    shares : dict from kind to int
        What a mixed crowd is made of.
    explicit : str
        The array that describes annotators one by one, in words.

    Returns
    -------
    counts : dict from kind to count, or None
        In the order of `annotators`. None if they are described one by one.
    """
    if isinstance(annotators, Integral) and not isinstance(annotators, bool):
        return _mixed_crowd(int(annotators), shares)
    if not isinstance(annotators, Mapping):
        return None
    _check_counts(annotators, known, explicit)
    return dict(annotators)


def kind_by_annotator(counts: dict[str, int]) -> Array:
    """Return the kind of every annotator, shape (n_annotators,)."""
    return np.repeat(list(counts), list(counts.values()))


def read_array(annotators: Any, explicit: str) -> FloatArray:
    """Read the parameters of individually described annotators, as float64."""
    try:
        return np.array(annotators, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"annotators is a {type(annotators).__name__} that is no array of numbers; "
            f"pass a dict from kind to count, an int, or {explicit}."
        ) from error


def _mixed_crowd(n_annotators: int, shares: dict[str, int]) -> dict[str, int]:
    """Distribute annotators over the kinds by largest remainder."""
    if n_annotators < 1:
        raise ValueError(
            f"annotators={n_annotators} is an empty crowd; ask for at least 1."
        )
    quota = np.array(list(shares.values())) * n_annotators
    counts, remainder = np.divmod(quota, sum(shares.values()))
    n_left = n_annotators - counts.sum()
    counts[np.argsort(-remainder, kind="stable")[:n_left]] += 1
    return dict(zip(shares, counts.tolist(), strict=True))


def _check_counts(
    counts: Mapping[Any, Any], known: str | dict[str, Any], explicit: str
) -> None:
    unknown = [kind for kind in counts if kind not in known]
    if unknown:
        raise ValueError(
            f"Unknown kind of annotator {unknown[0]!r}; the known ones are "
            f"{', '.join(map(repr, known))}. For any other behaviour pass {explicit}."
        )
    for kind, count in counts.items():
        if not isinstance(count, Integral) or count < 0:
            raise ValueError(
                f"annotators[{kind!r}] is {count!r}; a count is an "
                "integer of 0 or more."
            )
    if not sum(counts.values()):
        raise ValueError(
            f"annotators={dict(counts)} holds no annotator; give at least one kind "
            "a count of 1 or more."
        )
