"""Answers of a file that are signs for "I don't know"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._lookup import object_array

from ._name_types import as_array, without_decimals

if TYPE_CHECKING:
    from skcrowd._typing import Array

__all__ = ["UnsureSigns"]


class UnsureSigns:
    """The signs, however the file writes them.

    Parameters
    ----------
    unsure : scalar, list or set
    """

    def __init__(self, unsure: Any) -> None:
        given = list(unsure) if isinstance(unsure, (set, frozenset)) else unsure
        self.signs = np.atleast_1d(np.asarray(given, dtype=object)).tolist()
        self._written = {str(sign) for sign in self.signs}

    def has(self, value: Any) -> bool:
        """Return whether a value is a sign, also as a text.

        Parameters
        ----------
        value : object
        """
        return str(value) in self._written

    def read(
        self, values: Sequence[Any], read: Callable[[list[Any]], list[Any]]
    ) -> list[Any]:
        """Read the answers that are no signs, which say nothing of their type.

        Parameters
        ----------
        values : sequence
        read : callable
            Maps answers to what they are read as.

        Returns
        -------
        read : list
            The signs as they are.
        """
        found = iter(read([value for value in values if not self.has(value)]))
        return [value if self.has(value) else next(found) for value in values]

    def column(self, values: list[Any]) -> tuple[Array, list[Any]]:
        """Return distinct answers as an array, and all signs that it holds.

        Parameters
        ----------
        values : list
            What `read` has returned.

        Returns
        -------
        values : ndarray of shape (n_values,)
            Of objects, if one is a sign.
        signs : list
            Those that were given, and the values of `values` that are the same.
        """
        known = as_array([value for value in values if not self.has(value)])
        given = [value for value in values if self.has(value)]
        signs = list(dict.fromkeys([*self.signs, *given, *self._alike(known)]))
        return object_array(values) if given else known, signs

    def _alike(self, known: Array) -> list[Any]:
        """Return the answers that are signs in the type that they were read as."""
        written = set(self._written)
        if known.dtype.kind in "iu":
            written |= {str(sign) for sign in without_decimals(self.signs)}
        write = "{:g}".format if known.dtype.kind == "f" else str
        return [one for one in np.unique(known).tolist() if write(one) in written]
