"""Attributes of one fit, also while another one ends."""

from functools import wraps

__all__ = ["of_one_fit", "working_copy"]


def working_copy(estimator):
    """Return a shallow copy of an estimator, with the attributes it has now.

    Unlike :func:`copy.copy` it asks no ``__getstate__``, and copies no network.
    """
    copy = object.__new__(type(estimator))
    copy.__dict__.update(vars(estimator))
    return copy


def of_one_fit(method):
    """Let a method of an estimator see the attributes of a single fit.

    ``fit`` exchanges all attributes at once. A method that began before, in another
    thread, would go on with attributes of the new fit; so it works on a copy.
    """

    @wraps(method)
    def on_a_copy(self, *args, **kwargs):
        return method(working_copy(self), *args, **kwargs)

    return on_a_copy
