"""Resolve parameters that are a name, a class or an object."""

from copy import deepcopy

from sklearn.base import clone

from skcrowd.methods._method import Method
from skcrowd.training._did_you_mean import did_you_mean

__all__ = ["lookup", "make_model", "model_class", "resolve_method"]


def lookup(name, known, owner):
    """Return the entry of a registry.

    Parameters
    ----------
    name : str
    known : dict of str to object
    owner : str
        Name of the parameter, for the message.

    Returns
    -------
    entry : object

    Raises
    ------
    ValueError
        If the name is unknown; the message lists the names and suggests the nearest.
    """
    if name in known:
        return known[name]
    names = ", ".join(repr(name) for name in sorted(known))
    raise ValueError(
        f"{owner}={name!r} is not known; choose one of {names}."
        f"{did_you_mean(name, known)}"
    )


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
        Name of the parameter, for the message.

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
        method = lookup(method, known, owner)()
    elif isinstance(method, Method):
        method = clone(method)
    else:
        raise TypeError(
            f"{owner} must be a name or a Method object, got {method!r}; an object "
            f"needs its brackets, for example {owner}=EM()."
        )
    return method.set_params(**(parameters or {}))


def model_class(given, known, owner):
    """Return the class of an annotator model.

    Parameters
    ----------
    given : str, AnnotatorModel class or AnnotatorModel
    known : dict of str to AnnotatorModel class
    owner : str
        Name of the parameter, for the message.

    Returns
    -------
    model : AnnotatorModel class

    Raises
    ------
    ValueError
        If the name is unknown.
    """
    if isinstance(given, str):
        return lookup(given, known, owner)
    return given if isinstance(given, type) else type(given)


def make_model(given, known, owner, **sizes):
    """Return an annotator model of a fit.

    Parameters
    ----------
    given : str, AnnotatorModel class or AnnotatorModel
        A class is called with the sizes; an instance is copied.
    known : dict of str to AnnotatorModel class
    owner : str
        Name of the parameter, for the message.
    **sizes : int
        Of the model: ``n_annotators`` and, for labels, ``n_classes``.

    Returns
    -------
    annotators : AnnotatorModel

    Raises
    ------
    ValueError
        If the name is unknown, or an instance is of other sizes.
    """
    if isinstance(given, (str, type)):
        return model_class(given, known, owner)(*sizes.values())
    for name, expected in sizes.items():
        actual = getattr(given, name)
        if actual != expected:
            raise ValueError(
                f"{owner} is a {type(given).__name__} with {name}={actual}, but the "
                f"answers have {name}={expected}; pass the class, which every fit "
                "builds in the size of its answers."
            )
    return deepcopy(given)
