"""An attribute that is stored in any form, and reads as an array."""

import numpy as np

__all__ = ["ArrayOnRequest"]


class ArrayOnRequest:
    """An attribute that reads as an array, in whatever form it is stored.

    Where the array would be large, it is made each time the attribute is read. What is
    stored is in ``vars(estimator)`` under the same name, as of any other attribute.
    """

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, estimator, owner=None):
        if estimator is None:  # only fitted estimators have it
            raise AttributeError(self.name)
        try:
            stored = vars(estimator)[self.name]
        except KeyError:
            raise AttributeError(
                f"{type(estimator).__name__!r} object has no attribute {self.name!r}"
            ) from None
        return np.asarray(stored)

    def __set__(self, estimator, value):
        vars(estimator)[self.name] = value

    def __delete__(self, estimator):
        try:
            del vars(estimator)[self.name]
        except KeyError:
            raise AttributeError(self.name) from None
