"""Warn where iterations end at their maximum number without convergence."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sklearn.exceptions import ConvergenceWarning

__all__ = ["no_convergence_warning", "warn_unless_converged"]

_is_silent: ContextVar[bool] = ContextVar("is_silent", default=False)


def warn_unless_converged(name: str, change: float, tol: float, n_iter: int) -> None:
    """Warn if the last iteration still changed the result by `tol` or more.

    With ``tol=0`` the number of iterations is fixed, and there is no warning.

    Parameters
    ----------
    name : str
        The algorithm.
    change : float
        Change of the result in the last iteration, compared with `tol`.
    tol : float
        Tolerance of the stopping criterion.
    n_iter : int
        Number of iterations run.

    Warns
    -----
    ConvergenceWarning
        Of scikit-learn.
    """
    if tol == 0 or change < tol or _is_silent.get():
        return
    warnings.warn(
        f"{name} did not converge: iteration {n_iter}, the last one that max_iter "
        f"allows, changed the result by {change:.2g}, and tol is {tol:.2g}. Increase "
        "max_iter or tol, or set tol=0 to run exactly max_iter iterations. Very slow "
        "convergence often means that the answers hardly agree, or that there are too "
        "few answers per item or annotator.",
        ConvergenceWarning,
        stacklevel=3,
    )


@contextmanager
def no_convergence_warning() -> Iterator[None]:
    """Suppress the warning where the user did not call the algorithm.

    For algorithms that are steps of others, or are meant to end early. Unlike
    :class:`warnings.catch_warnings` it affects the calling thread alone.
    """
    token = _is_silent.set(True)
    try:
        yield
    finally:
        _is_silent.reset(token)
