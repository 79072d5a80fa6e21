"""Check whether a method satisfies the contract that estimators rely on."""

from importlib import import_module

from skcrowd.methods._method import Method

__all__ = ["check_method"]


def check_method(method, *, on_fail="raise"):
    """Check if a method satisfies the contract of methods.

    In the manner of :func:`sklearn.utils.estimator_checks.check_estimator`: the method
    is fitted many times, on tiny data of its kind. All methods of skcrowd pass.

    Parameters
    ----------
    method : Method
        An object, not a class. It is cloned for every check.
    on_fail : {"raise", None}, default="raise"
        Whether the first failed check raises. With None all checks run, and failures
        are in the result.

    Returns
    -------
    results : list of dict
        One for each check: ``method``, ``check_name``, ``status``, which is "passed"
        or "failed", and ``exception``, None where the check passed.

    Raises
    ------
    TypeError
        If `method` is no Method object.
    ValueError
        If `on_fail` is neither "raise" nor None.
    AssertionError
        If a check fails: with the name of the check, and the error of the check as its
        cause.

    Examples
    --------
    >>> from skcrowd.methods import MajorityVote, check_method
    >>> results = check_method(MajorityVote())
    >>> {result["status"] for result in results}
    {'passed'}
    """
    if not isinstance(method, Method):
        raise TypeError(f"method must be a Method object, got {method!r}.")
    if on_fail not in ("raise", None):
        raise ValueError(f"on_fail must be 'raise' or None, got {on_fail!r}.")
    # The checks fit estimators, which are built on this package.
    return import_module("skcrowd._method_checks").run_checks(method, on_fail)
