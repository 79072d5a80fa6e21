"""Building of networks from the untrusted parameters of a file."""

import inspect
import threading
from contextlib import contextmanager

import torch
from torch.nn.modules import module as hooks
from torch.nn.parameter import is_lazy

from skcrowd.training._seeding import isolated_rng

__all__ = ["at_most", "built", "check_sizes", "constructor_values", "fill"]

SLACK = 2**22  # numbers of a network that its state_dict may lack


def constructor_values(thing, cls):
    """Return the parameters to rebuild an object with.

    Parameters
    ----------
    thing : object
        Whose ``get_params`` tells them, or attributes of their names.
    cls : class
        That of the object.

    Raises
    ------
    TypeError
        If neither does.
    """
    if hasattr(thing, "get_params"):
        return thing.get_params(deep=False)
    parameters = inspect.signature(cls).parameters.values()
    variable = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    missing = [
        str(p) for p in parameters if p.kind in variable or not hasattr(thing, p.name)
    ]
    if missing:
        raise TypeError(
            f"{cls.__name__}(...) cannot be stored: of the parameters of its __init__ "
            f"it keeps no attribute {', '.join(missing)}, so it could not be built "
            "again. Keep them (self.name = name), or give it get_params."
        )
    return {p.name: getattr(thing, p.name) for p in parameters}


def built(build, weights, name, *, is_own):
    """Build a network and set its weights.

    Before it is built in memory its sizes are compared with those of the weights that
    the file holds, on torch's meta device, where nothing takes memory. A constructor
    of the user's that cannot do without memory is called at once.

    Parameters
    ----------
    build : callable
        Takes nothing, returns the network.
    weights : dict of str to Tensor
        Its ``state_dict``.
    name : str
        For errors.
    is_own : bool
        Whether it is the user's.

    Returns
    -------
    network : torch.nn.Module
    """
    with isolated_rng(0, "cpu"):
        check_sizes(build, weights, name, is_own=is_own)
        with at_most(weights):
            network = build()
    for key, values in network.state_dict(keep_vars=True).items():
        values.data = values.data.to(weights.get(key, values).dtype)
    fill(network, weights)
    return network


def check_sizes(build, weights, name, *, is_own):
    """Raise unless a network has weights of the sizes stored.

    Raises
    ------
    ValueError
        If it has others, or more.
    """
    try:
        with torch.device("meta"), at_most(weights):
            expected = build().state_dict()
    except _TooLargeError:
        raise
    except Exception:
        if is_own:
            return
        raise
    _compare(weights, expected, name)


def _compare(weights, expected, name):
    wrong = [
        f"{key} is {_shape(weights, key)} in the file, {_shape(expected, key)} in it"
        for key in dict.fromkeys([*weights, *expected])
        if not is_lazy(expected.get(key))
        and _shape(weights, key) != _shape(expected, key)
    ]
    if wrong:
        raise ValueError(
            f"module={name} does not fit the weights stored; it must be built as it "
            f"was: {'; '.join(wrong[:3])}"
        )


def _shape(weights, key):
    return list(weights[key].shape) if key in weights else "not there"


class _TooLargeError(ValueError):
    """A network is larger than its stored weights."""


@contextmanager
def at_most(weights):
    """Limit the size of networks that this thread builds.

    torch tells of every part as it is registered, before it is filled with numbers.

    Parameters
    ----------
    weights : dict of str to Tensor
        That are stored.

    Raises
    ------
    ValueError
        As soon as there are too many parts, or numbers.
    """
    thread = threading.get_ident()
    parts_left = 100 + 20 * len(weights)
    numbers_left = SLACK + 2 * sum(values.numel() for values in weights.values())

    def count(_, name, part):
        nonlocal parts_left, numbers_left
        if threading.get_ident() != thread:
            return
        parts_left -= 1
        if isinstance(part, torch.Tensor) and not is_lazy(part):
            numbers_left -= part.numel()
        if parts_left < 0 or numbers_left < 0:
            raise _TooLargeError(
                f"its network is much larger than the weights stored, from {name} on; "
                "module must be built as it was"
            )

    handles = [
        hooks.register_module_module_registration_hook(count),
        hooks.register_module_parameter_registration_hook(count),
        hooks.register_module_buffer_registration_hook(count),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def fill(network, weights):
    """Set the weights of a network.

    Raises
    ------
    ValueError
        If they do not fit.
    """
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ValueError(
            f"module={type(network).__name__} does not fit the weights stored; it must "
            f"be built as it was. torch says: {_one_line(error)}"
        ) from error


def _one_line(error):
    return " ".join(str(error).split()).rstrip(". ")
