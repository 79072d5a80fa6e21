"""The confusions of a fitted estimator: kept as they come, an array when asked for."""

import numpy as np

__all__ = ["OnRequest"]


class OnRequest:
    """An attribute that reads as an array, also where what is kept is none.

    Where the array would be large, it is made each time the attribute is read. What is
    kept is in ``vars(estimator)`` under the same name, as of any other attribute.
    """

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, estimator, owner=None):
        if estimator is None:  # only what is fitted has it
            raise AttributeError(self.name)
        try:
            kept = vars(estimator)[self.name]
        except KeyError:
            raise AttributeError(
                f"{type(estimator).__name__!r} object has no attribute {self.name!r}"
            ) from None
        return np.asarray(kept)

    def __set__(self, estimator, value):
        vars(estimator)[self.name] = value

    def __delete__(self, estimator):
        try:
            del vars(estimator)[self.name]
        except KeyError:
            raise AttributeError(self.name) from None
