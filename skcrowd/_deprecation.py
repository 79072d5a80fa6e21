"""Old names of parameters and functions, kept for two releases with a FutureWarning."""

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["renamed_function", "renamed_parameter"]

F = TypeVar("F", bound=Callable[..., Any])


def renamed_parameter(
    old: str, new: str, *, since: str, removed_in: str
) -> Callable[[F], F]:
    """Return a decorator of a function whose keyword parameter has a new name.

    The signature has the new name only. A constructor parameter of an estimator that is
    renamed needs a default of ``"deprecated"`` and a warning in ``fit`` instead, as in
    scikit-learn, because ``get_params`` and ``set_params`` read the signature.

    Parameters
    ----------
    old, new : str
        Names of the parameter.
    since : str
        Release that renames it.
    removed_in : str
        Release that no longer takes the old name.

    Returns
    -------
    decorator : callable
        The decorated function warns with a FutureWarning where it gets the old name,
        and raises a TypeError where it gets both.

    Examples
    --------
    >>> import warnings
    >>> @renamed_parameter("n_rounds", "max_iter", since="0.3", removed_in="0.5")
    ... def infer(answers, *, max_iter=10):
    ...     return max_iter
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", FutureWarning)
    ...     infer([0, 1], n_rounds=3)
    3
    """

    def decorate(function: F) -> F:
        name = function.__qualname__

        @functools.wraps(function)
        def accepting_both(*args: Any, **kwargs: Any) -> Any:
            if old not in kwargs:
                return function(*args, **kwargs)
            if new in kwargs:
                raise TypeError(
                    f"{name}() got both {new!r} and {old!r}, its old name; pass "
                    f"{new!r} only."
                )
            _warn(f"parameter {old!r} of {name}()", f"{new!r}", since, removed_in)
            kwargs[new] = kwargs.pop(old)
            return function(*args, **kwargs)

        return accepting_both  # type: ignore[return-value]

    return decorate


def renamed_function(old: str, function: F, *, since: str, removed_in: str) -> F:
    """Return a function under its old name, which warns with a FutureWarning.

    Parameters
    ----------
    old : str
        The name that the result is assigned to.
    function : callable
        The function, or class, under its new name.
    since : str
        Release that renames it.
    removed_in : str
        Release that no longer has the old name.

    Examples
    --------
    >>> import warnings
    >>> def vote_shares(answers):
    ...     return len(answers)
    >>> votes = renamed_function("votes", vote_shares, since="0.3", removed_in="0.5")
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", FutureWarning)
    ...     votes([0, 1])
    2
    """

    @functools.wraps(function)
    def under_old_name(*args: Any, **kwargs: Any) -> Any:
        _warn(f"{old}()", f"{function.__qualname__}()", since, removed_in)
        return function(*args, **kwargs)

    under_old_name.__name__ = under_old_name.__qualname__ = old
    return under_old_name  # type: ignore[return-value]


def _warn(old: str, new: str, since: str, removed_in: str) -> None:
    warnings.warn(
        f"{old} was renamed to {new} in skcrowd {since} and will be removed in "
        f"{removed_in}.",
        FutureWarning,
        stacklevel=3,
    )
