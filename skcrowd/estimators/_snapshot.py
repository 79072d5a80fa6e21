"""Predictions by one fit, while another thread fits the estimator anew."""

from functools import wraps

__all__ = ["sees_one_fit", "working_copy"]


def working_copy(estimator):
    """Return a shallow copy of an estimator, with the attributes it has now.

    Unlike :func:`copy.copy` it asks no ``__getstate__``, and copies no network.
    """
    copy = object.__new__(type(estimator))
    copy.__dict__.update(vars(estimator))
    return copy


def sees_one_fit(method):
    """Let a method read the fitted attributes of one fit only.

    Attributes of a fit belong together. The method gets a shallow copy of the
    estimator, so that a fit that ends in another thread meanwhile, which replaces all
    of them, is seen by the next call.

    Parameters
    ----------
    method : callable
        Method of an estimator that sets no attributes.
    """

    @wraps(method)
    def of_one_fit(self, *args, **kwargs):
        return method(working_copy(self), *args, **kwargs)

    return of_one_fit
