"""Copies of an estimator: for a fit that may fail, and for predictions by one fit."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar, cast

from skcrowd._sklearn_compat import REQUESTS

if TYPE_CHECKING:
    from ._crowd_estimator import CrowdEstimator


__all__ = ["take_over", "uses_one_fit", "working_copy"]

F = TypeVar("F", bound=Callable[..., Any])


def working_copy(estimator: Any) -> CrowdEstimator:
    """Return a shallow copy of an estimator, with its current attributes.

    Unlike :func:`copy.copy` it does not call ``__getstate__``, and copies no network.
    """
    copy = object.__new__(type(estimator))
    copy.__dict__.update(vars(estimator))
    return copy


def take_over(
    estimator: Any, learner: CrowdEstimator, attributes_before: dict[str, Any]
) -> None:
    """Replace all attributes that a fit has set, in one assignment.

    Attributes that are not fitted and that the fit left unchanged keep the value in
    `estimator`, where for example a callback may have set them during the fit.

    Parameters
    ----------
    estimator : CrowdEstimator
    learner : CrowdEstimator
        The fitted working copy.
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


def _is_fitted(name: str) -> bool:
    """Whether an attribute is set by a fit, rather than a parameter."""
    is_set_by_users = name in ("_routed", REQUESTS)
    return name.endswith("_") or (name.startswith("_") and not is_set_by_users)


def uses_one_fit(method: F) -> F:
    """Decorate a method so that it reads the attributes of a single fit.

    The method is called on a shallow copy of the estimator. If a fit in another thread
    replaces the attributes during the call, the next call uses them.

    Parameters
    ----------
    method : callable
        Method of an estimator that sets no attributes.
    """

    @wraps(method)
    def with_one_fit(self: Any, *args: Any, **kwargs: Any) -> Any:
        return method(working_copy(self), *args, **kwargs)

    return cast(F, with_one_fit)
