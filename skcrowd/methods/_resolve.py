"""From what the user gave as ``method`` to an object that can learn."""

from sklearn.base import clone

from skcrowd.methods._method import Method

__all__ = ["resolve_method"]


def resolve_method(method, known, parameters=None, *, owner="method"):
    """Return a method object of its own, with the parameters set.

    Parameters
    ----------
    method : str or Method
        A name of `known`, or an object.
    known : dict of str to Method class
    parameters : dict, default=None
        Parameters to set on it.
    owner : str, default="method"
        The parameter that the user gave it as.

    Returns
    -------
    method : Method

    Raises
    ------
    ValueError
        If the name or a parameter is unknown.
    TypeError
        If `method` is neither a name nor an object, for example a class.
    """
    if isinstance(method, str):
        if method not in known:
            names = ", ".join(repr(name) for name in sorted(known))
            raise ValueError(f"{owner}={method!r} is not known; choose one of {names}.")
        method = known[method]()
    elif isinstance(method, Method):
        method = clone(method)
    else:
        raise TypeError(
            f"{owner} must be a name or a Method object, got {method!r}; an object "
            f"needs its brackets, for example {owner}=EM()."
        )
    return method.set_params(**(parameters or {}))
