"""Base class of the kinds of values in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["PLAIN", "Kind"]

PLAIN = (type(None), bool, int, str)  # types that JSON has; also finite floats


class Kind:
    """Writer and reader of one kind of value.

    Attributes
    ----------
    tag : str
        Name of the kind in the file.
    is_shared : bool
        Whether an object that occurs twice is stored once, and then referred to.
    """

    tag: str
    is_shared = False

    def takes(self, value: Any) -> bool:
        """Whether a value is of this kind."""
        raise NotImplementedError

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Return a dict for JSON; tensors are handed to the writer."""
        raise NotImplementedError

    def read(self, node: Any, reader: Reader) -> Any:
        """Return the value."""
        raise NotImplementedError
