"""Errors of a record say which record it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ._json_records import Record
from ._tool import Tool

__all__ = ["reading"]

# What code raises that finds another type than the format has.
_OF_FORM = (AttributeError, IndexError, KeyError, OverflowError, TypeError)


@contextmanager
def reading(record: Record, tool: Tool) -> Iterator[None]:
    """Raise a ValueError that names the record, whatever is wrong with it.

    Parameters
    ----------
    record : Record
    tool : Tool

    Yields
    ------
    None
    """
    try:
        yield
    except _OF_FORM as error:
        raise ValueError(
            f"{record.where} is not as {tool.title} writes it "
            f"({type(error).__name__}: {error}); export it again, or leave it out."
        ) from error
    except ValueError as error:
        if str(error).startswith(record.where):
            raise
        raise ValueError(f"{record.where}: {error}") from error
