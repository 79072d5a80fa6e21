"""Prefixes that tools put before the names of columns."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["without_prefix"]


def without_prefix(data: bool | Sequence[str], prefix: str) -> bool | Sequence[str]:
    """Return the names of columns without a prefix that users may write.

    Parameters
    ----------
    data : bool or sequence of str
        Columns to be kept; anything but a list or tuple is returned as it is.
    prefix : str
    """
    if not isinstance(data, (list, tuple)):
        return data
    return [name.removeprefix(prefix) for name in data]
