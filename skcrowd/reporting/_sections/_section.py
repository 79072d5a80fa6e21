"""A section of a report."""

from typing import NamedTuple

__all__ = ["Section"]


class Section(NamedTuple):
    """A part of a report with a heading.

    Attributes
    ----------
    id : str
        Target of links.
    title : str
        Plain text.
    html : str
    """

    id: str
    title: str
    html: str
