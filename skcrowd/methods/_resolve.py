"""Resolve parameters that are a name, a class or an object."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sklearn.base import clone

from skcrowd.annotators import LabelModel, NumberModel
from skcrowd.methods._method import Method
from skcrowd.training._did_you_mean import did_you_mean

if TYPE_CHECKING:
    from skcrowd.annotators import AnnotatorModel


__all__ = ["lookup", "make_model", "model_class", "resolve_method"]


def lookup(name: str, known: dict[str, type[Any]], owner: str) -> type[Any]:
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


def resolve_method(
    method: Method,
    known: dict[str, type[Any]],
    parameters: dict[str, Any] | None = None,
    *,
    owner: str = "method",
) -> Method:
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


def model_class(
    given: str | type[Any], known: dict[str, type[Any]], owner: str
) -> type[Any]:
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
        If the name is unknown, or the class is no annotator model for such answers.
    """
    if isinstance(given, str):
        return lookup(given, known, owner)
    chosen = given if isinstance(given, type) else type(given)
    is_number = all(issubclass(model, NumberModel) for model in known.values())
    base = NumberModel if is_number else LabelModel
    if not issubclass(chosen, base):
        raise ValueError(
            f"{owner} must be one of {', '.join(map(repr, known))}, or an annotator "
            f"model derived from {base.__name__}, but it is the class "
            f"{chosen.__name__}."
        )
    return chosen


def make_model(
    given: str | type[Any], known: dict[str, type[Any]], owner: str, **sizes: Any
) -> AnnotatorModel:
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
