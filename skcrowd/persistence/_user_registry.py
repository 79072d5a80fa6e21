"""Registry of users' classes and functions that files may name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any

from skcrowd.persistence._nameable import FIXED_PREFIXES

__all__ = ["register", "registered_name", "trusted_things"]

_THINGS: dict[str, object] = {}


def register(
    thing: Any = None, *, name: str | None = None
) -> type[Any] | Callable[..., Any]:
    """Allow files of :func:`skcrowd.save` to name a class or function of your own.

    A file contains no code, only the name of a class and the parameters of the object.
    ``load`` looks up the name among the classes that are registered in its process, or
    passed to it by `trusted`; it imports nothing.

    Parameters
    ----------
    thing : class or function
        A network (:class:`torch.nn.Module`) or a function that builds one, a method, an
        annotator model, an optimiser, a callback, or a subclass of an estimator.
    name : str, default=None
        Name in files; by default module and qualified name, such as
        ``"package.module.MyNet"``. Pass one for classes whose module may change.

    Returns
    -------
    thing : class or function
        The argument itself, so that ``@register`` can be used as a decorator.

    Raises
    ------
    TypeError
        If `thing` is not a class or function.
    ValueError
        If it has no importable name (a lambda, or one defined inside a function) and
        `name` is not given, or if the name is registered for another object.

    See Also
    --------
    skcrowd.save : Save an estimator.
    skcrowd.load : Load an estimator; `trusted` allows classes for one call.

    Notes
    -----
    Objects are rebuilt by calling their class with the result of ``get_params`` or,
    without this method, with the attributes named like the parameters of ``__init__``.
    Their values must be storable: numbers, strings, arrays, containers of these, and
    registered objects. For networks the ``state_dict`` is stored, too. Registering a
    class therefore allows the author of a file to call it with arbitrary values.

    Examples
    --------
    >>> import tempfile, skcrowd, torch
    >>> from pathlib import Path
    >>> from skcrowd.persistence import register
    >>> @register(name="docs.Scaled")
    ... class Scaled(torch.nn.Module):
    ...     def __init__(self, n_features, n_outputs, factor=1.0):
    ...         super().__init__()
    ...         self.factor = factor
    ...         self.layer = torch.nn.Linear(n_features, n_outputs)
    ...     def forward(self, X):
    ...         return self.factor * self.layer(X)
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [[0, 0], [0, -1], [1, 0], [1, 1]]
    >>> clf = skcrowd.CrowdClassifier(Scaled, module__factor=0.5, max_epochs=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = skcrowd.save(clf.fit(X, y), Path(folder) / "model.skcrowd")
    ...     twin = skcrowd.load(path)
    >>> twin.module is Scaled
    True
    """
    if thing is None:
        return lambda decorated: register(decorated, name=name)
    name = _own_name(thing) if name is None else name
    _check_name(name)
    if not _is_same(_THINGS.get(name, thing), thing):
        raise ValueError(
            f"{name!r} is registered for {_THINGS[name]!r}; pass another name."
        )
    _THINGS[name] = thing
    return thing


def _own_name(thing: Any) -> str:
    """Return module and qualified name of a class or function."""
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        raise TypeError(
            f"only a class or a function can be registered, got {thing!r}; for an "
            "object register its class."
        )
    name = f"{thing.__module__}.{thing.__qualname__}"
    if "<" in name:
        raise ValueError(
            f"{thing!r} has no name that another process could look up; pass one: "
            "register(..., name='my_package.MyNet')."
        )
    return name


def _check_name(name: str) -> None:
    if type(name) is not str or not name:
        raise TypeError(f"name must be a string, got {name!r}.")
    if name.startswith(FIXED_PREFIXES):
        raise ValueError(
            f"name={name!r}: the prefixes {', '.join(FIXED_PREFIXES)} are reserved; "
            "pass another name."
        )


def _is_same(first: Any, second: Any) -> bool:
    """Whether two classes are the same, or one redefines the other in a notebook."""
    if first is second:
        return True
    keys = "__module__", "__qualname__"
    return all(getattr(first, k, first) == getattr(second, k, second) for k in keys)


def registered_name(thing: Any) -> str | None:
    """Return the name of a registered class or function; None for others."""
    return next((name for name, known in _THINGS.items() if known is thing), None)


def trusted_things(trusted: Iterable[Any]) -> dict[str, Any]:
    """Return the registered classes and functions, by name.

    Parameters
    ----------
    trusted : iterable of classes and functions
        In addition to the registered ones.

    Raises
    ------
    TypeError
        If `trusted` has other elements.
    """
    if isinstance(trusted, (str, bytes)) or not hasattr(trusted, "__iter__"):
        raise TypeError(
            f"trusted must be a list of classes and functions, got {trusted!r}."
        )
    named = ((registered_name(thing) or _own_name(thing), thing) for thing in trusted)
    return {**_THINGS, **dict(named)}
