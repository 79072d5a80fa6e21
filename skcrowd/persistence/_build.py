"""Building of networks from the untrusted parameters of a file."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.modules import module as hooks
from torch.nn.parameter import is_lazy

from skcrowd.training._seeding import isolated_rng

if TYPE_CHECKING:
    from torch import nn


__all__ = ["at_most", "built", "check_sizes", "constructor_values", "fill"]

SLACK = 2**22  # numbers that a network may have beyond its state_dict


def constructor_values(thing: Any, cls: type[Any]) -> dict[str, Any]:
    """Return the parameters to rebuild an object with.

    Parameters
    ----------
    thing : object
        With ``get_params``, or attributes named like the parameters of ``__init__``.
    cls : class
        Class of the object.

    Raises
    ------
    TypeError
        If it has neither.
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


def built(
    build: Callable[..., Any],
    weights: dict[str, torch.Tensor],
    name: str,
    *,
    is_own: bool,
) -> nn.Module:
    """Build a network and set its weights.

    The network is first built on torch's meta device, which allocates no memory, to
    compare its sizes with those of the stored weights. This check is skipped if a
    user's constructor fails on the meta device.

    Parameters
    ----------
    build : callable
        Returns the network; takes no arguments.
    weights : dict of str to Tensor
        Its ``state_dict``.
    name : str
        Name of the network in error messages.
    is_own : bool
        Whether its class is a user's.

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


def check_sizes(
    build: Any, weights: dict[str, torch.Tensor], name: str, *, is_own: bool
) -> None:
    """Raise unless a network has weights of the sizes stored.

    Raises
    ------
    ValueError
        If its weights have other names or sizes.
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


def _compare(weights: dict[str, torch.Tensor], expected: Any, name: str) -> None:
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


def _shape(weights: Any, key: str) -> list[int] | str:
    return list(weights[key].shape) if key in weights else "not there"


class _TooLargeError(ValueError):
    """A network is larger than its stored weights."""


@contextmanager
def at_most(weights: dict[str, torch.Tensor]) -> Iterator[None]:
    """Limit the size of networks that this thread builds.

    The registration hooks of torch are called for every module, parameter and buffer.

    Parameters
    ----------
    weights : dict of str to Tensor
        The stored weights.

    Raises
    ------
    ValueError
        As soon as there are too many modules, parameters and buffers, or numbers.
    """
    thread = threading.get_ident()
    parts_left = 100 + 20 * len(weights)
    numbers_left = SLACK + 2 * sum(values.numel() for values in weights.values())

    def count(_: nn.Module, name: str, part: nn.Module | torch.Tensor) -> None:
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


def fill(network: Any, weights: dict[str, torch.Tensor]) -> None:
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
            f"be built as it was. Error of torch: {_one_line(error)}"
        ) from error


def _one_line(error: Any) -> str:
    return " ".join(str(error).split()).rstrip(". ")
