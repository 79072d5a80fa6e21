"""Copies of an estimator: for a fit that may fail, and for predictions by one fit."""

from functools import wraps

__all__ = ["take_over", "uses_one_fit", "working_copy"]


def working_copy(estimator):
    """Return a shallow copy of an estimator, with the attributes it has now.

    Unlike :func:`copy.copy` it does not call ``__getstate__``, and copies no network.
    """
    copy = object.__new__(type(estimator))
    copy.__dict__.update(vars(estimator))
    return copy


def take_over(estimator, learner, attributes_before):
    """Replace at once all attributes that a fit has set.

    Attributes that the fit left unchanged, and that are not fitted, may have been set
    meanwhile, by a callback for example, and keep that value.

    Parameters
    ----------
    estimator : CrowdEstimator
    learner : CrowdEstimator
        The working copy of it that was fitted.
    attributes_before : dict
        The attributes of the working copy before the fit.
    """
    after, state = vars(learner), dict(vars(estimator))
    for name in {*attributes_before, *after}:
        is_in_both = name in attributes_before and name in after
        is_unchanged = is_in_both and after[name] is attributes_before[name]
        if is_unchanged and not _is_fitted(name):
            continue
        state.pop(name, None)
        if name in after:
            state[name] = after[name]
    estimator.__dict__ = state


def _is_fitted(name):
    """Whether an attribute is set by a fit, rather than a parameter."""
    is_set_by_users = name in ("_routed", "_metadata_request")
    return name.endswith("_") or (name.startswith("_") and not is_set_by_users)


def uses_one_fit(method):
    """Let a method read the fitted attributes of one fit only.

    Attributes of a fit belong together. The method gets a shallow copy of the
    estimator, so that a fit that ends in another thread meanwhile, which replaces all
    of them, takes effect with the next call.

    Parameters
    ----------
    method : callable
        Method of an estimator that sets no attributes.
    """

    @wraps(method)
    def with_one_fit(self, *args, **kwargs):
        return method(working_copy(self), *args, **kwargs)

    return with_one_fit
