"""What training made of an estimator: one object in its state."""

from collections.abc import Callable
from typing import Any

__all__ = ["Fitted"]


class Fitted:
    """Attributes that a tool keeps as they are, or as text and arrays.

    Pickle, joblib and copies go by ``__reduce__``: they keep the objects. skops cannot
    make nets and tensors; it goes by ``__getstate__``, and keeps the text and arrays
    that :func:`skcrowd.save` would write.

    Parameters
    ----------
    attributes : dict
    module : torch.nn.Module class, callable or None
        What builds the network of the estimator.
    """

    # Imports go one way: skcrowd.persistence sets these.
    write: Callable[..., dict[str, Any]]
    read: Callable[..., dict[str, Any]]

    def __init__(self, attributes, module):
        self.attributes = attributes
        self.module = module

    def __reduce__(self):
        return _blank, (), vars(self)

    def __getstate__(self):
        return type(self).write(self.attributes, self.module)

    def unpacked(self, module):
        """Return the attributes, read if they came as text and arrays.

        Parameters
        ----------
        module : torch.nn.Module class, callable or None
            What builds the network of the estimator.
        """
        if "attributes" in vars(self):
            return self.attributes
        return type(self).read(vars(self), module)


def _blank():
    """Return one that pickle fills."""
    return Fitted.__new__(Fitted)
