"""What every kind of value in a file can do."""

__all__ = ["PLAIN", "Kind"]

PLAIN = (type(None), bool, int, str)  # what JSON holds as it is; and finite floats


class Kind:
    """How one kind of value is written, and read.

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
        """Whether this is the kind of a value."""
        raise NotImplementedError

    def write(self, value, writer, path):
        """Return what JSON holds, a dict; tensors go to the writer."""
        raise NotImplementedError

    def read(self, node, reader):
        """Return the value."""
        raise NotImplementedError
