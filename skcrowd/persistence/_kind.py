"""Base class of the kinds of values in a file."""

__all__ = ["PLAIN", "Kind"]

PLAIN = (type(None), bool, int, str)  # types that JSON has; also finite floats


class Kind:
    """Writer and reader of one kind of value.

    Attributes
    ----------
    tag : str
        Its name in the file.
    is_shared : bool
        Whether a second mention refers to the first.
    """

    tag: str
    is_shared = False

    def takes(self, value):
        """Whether a value is of this kind."""
        raise NotImplementedError

    def write(self, value, writer, path):
        """Return a dict for JSON; tensors are handed to the writer."""
        raise NotImplementedError

    def read(self, node, reader):
        """Return the value."""
        raise NotImplementedError
