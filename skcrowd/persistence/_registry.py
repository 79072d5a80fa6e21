"""Registry of the user's classes and functions that files may name."""

import inspect

from skcrowd.persistence._names import FIXED_PREFIXES

__all__ = ["register", "registered_name", "trusted_things"]

_THINGS: dict[str, object] = {}


def register(thing=None, *, name=None):
    """Allow files of :func:`skcrowd.save` to name a class or function of your own.

    A file holds no code: it has the name, and the parameters that an object is built
    with. ``load`` looks the name up among what is registered in its process, or listed
    in its `trusted`, and imports nothing.

    Parameters
    ----------
    thing : class or function
        A network (:class:`torch.nn.Module`) or what builds one, a method, an annotator
        model, an optimiser, a callback, or a subclass of an estimator.
    name : str, default=None
        What files call it; by default its module and qualified name, such as
        ``"package.module.MyNet"``. Give one to what may move.

    Returns
    -------
    thing : class or function
        The same, so that ``@register`` can stand above a class.

    Raises
    ------
    TypeError
        If it is no class or function.
    ValueError
        If it has no name of its own (a lambda, or what is defined inside a function)
        and `name` is not given, or the name is taken by something else.

    See Also
    --------
    skcrowd.save : Which says what a file holds.
    skcrowd.load : Which takes classes by `trusted`, too.

    Notes
    -----
    Objects are built again by their class: with what ``get_params`` returns, or, where
    there is no such method, with attributes of the names of the parameters of
    ``__init__``. These must be what a file can hold: numbers, strings, arrays,
    containers of them, and what is registered itself. Of networks the ``state_dict`` is
    kept, too. So registering a class allows whoever writes a file to call it with
    values of their choice.

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
        return lambda given: register(given, name=name)
    name = _own_name(thing) if name is None else name
    _check_name(name)
    if not _is_same(_THINGS.get(name, thing), thing):
        raise ValueError(
            f"{name!r} is registered for {_THINGS[name]!r}; choose another."
        )
    _THINGS[name] = thing
    return thing


def _own_name(thing):
    """Return module and qualified name of a class or function."""
    if not (inspect.isclass(thing) or inspect.isroutine(thing)):
        raise TypeError(
            f"only a class or a function can be registered, got {thing!r}; of an "
            "object register the class."
        )
    name = f"{thing.__module__}.{thing.__qualname__}"
    if "<" in name:
        raise ValueError(
            f"{thing!r} has no name that another process could look up; pass one: "
            "register(..., name='my_package.MyNet')."
        )
    return name


def _check_name(name):
    if type(name) is not str or not name:
        raise TypeError(f"name must be a string, got {name!r}.")
    if name.startswith(FIXED_PREFIXES):
        raise ValueError(f"{name!r}: names of {', '.join(FIXED_PREFIXES)} are taken.")


def _is_same(first, second):
    """Whether two classes are the same, or redefinitions as in a notebook."""
    if first is second:
        return True
    kept = "__module__", "__qualname__"
    return all(getattr(first, k, first) == getattr(second, k, second) for k in kept)


def registered_name(thing):
    """Return the name of a registered class or function; None for others."""
    return next((name for name, held in _THINGS.items() if held is thing), None)


def trusted_things(trusted):
    """Return the registered classes and functions, by name.

    Parameters
    ----------
    trusted : iterable of classes and functions
        In addition to what is registered.

    Raises
    ------
    TypeError
        If there are other things in it.
    """
    if isinstance(trusted, (str, bytes)) or not hasattr(trusted, "__iter__"):
        raise TypeError(
            f"trusted must be a list of classes and functions, got {trusted!r}."
        )
    named = ((registered_name(thing) or _own_name(thing), thing) for thing in trusted)
    return {**_THINGS, **dict(named)}
