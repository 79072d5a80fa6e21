"""State of a training between two epochs, and its restoration."""

import inspect
import json
from collections import Counter, OrderedDict
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import torch
from torch import nn

__all__ = ["restore_training_state", "training_state"]

SCALARS = (type(None), bool, int, float, str)
MAPPINGS = (dict, OrderedDict, Counter)
OF_MODULES = set(vars(nn.Module())) - {"training"}
ARRAY, STATE = (
    "__ndarray__",
    "__state_dict__",
)  # keys of encoded values


def training_state(net, callbacks):
    """Return the state that the next epochs depend on; tensors are not copied.

    Parameters
    ----------
    net : CrowdNet
    callbacks : list of (str, skorch.callbacks.Callback)
        Callbacks whose state belongs to the training.

    Returns
    -------
    state : dict
        Tensors, numbers, strings and containers of them, as
        ``torch.load(weights_only=True)`` reads them.

    Raises
    ------
    TypeError
        If optimiser, history or a ``state_dict`` of a callback hold anything else.
    """
    return {
        "networks": {name: _network_state(part) for name, part in _networks(net)},
        "optimizers": {
            name: _plain(part.state_dict(), name) for name, part in _optimizers(net)
        },
        "callbacks": {name: _callback_state(part, name) for name, part in callbacks},
        "generators": {name: get() for name, (get, _) in _generators(net).items()},
        "history": json.dumps(net.history, default=_number),
    }


def restore_training_state(net, callbacks, state):
    """Restore a state in a net that was built with the same parameters.

    Parameters
    ----------
    net : CrowdNet
    callbacks : list of (str, skorch.callbacks.Callback)
    state : dict

    Raises
    ------
    ValueError, KeyError, RuntimeError
        If network, optimizer or callbacks differ.
    """
    for name, part in _networks(net):
        _restore_network(part, state["networks"][name])
    for name, part in _optimizers(net):
        part.load_state_dict(_restored(state["optimizers"][name]))
    for name, part in callbacks:
        _restore_callback(part, state["callbacks"][name], net.device)
    net.history.clear()
    net.history.extend(json.loads(state["history"]))
    for name, (_, put) in _generators(net).items():
        put(state["generators"][name])


def _networks(net):
    return [(n, getattr(net, f"{n}_")) for n in (*net._modules, *net._criteria)]


def _optimizers(net):
    return [(name, getattr(net, f"{name}_")) for name in net._optimizers]


def _generators(net):
    """Return getter and setter of each random generator of a training."""
    found: dict[str, tuple[Callable, Callable]]
    found = {"cpu": (torch.get_rng_state, torch.set_rng_state)}
    if torch.device(net.device).type == "cuda":
        found["cuda"] = (
            lambda: torch.cuda.get_rng_state(net.device),
            lambda state: torch.cuda.set_rng_state(state, net.device),
        )
    for name, value in vars(net).items():  # such as iterator_train__generator
        if isinstance(value, torch.Generator):
            found[name] = (value.get_state, value.set_state)
    return found


def _network_state(network):
    """Return parameters, buffers, which of them are trained, and plain attributes."""
    weights = network.state_dict()
    return {
        "weights": _plain(weights, "state_dict"),
        "versions": _plain(getattr(weights, "_metadata", {}), "state_dict"),
        "buffers": {
            name: values.detach()
            for name, values in network.named_buffers()
            if name not in weights
        },
        "trained": {n: p.requires_grad for n, p in network.named_parameters()},
        "numbers": {name: _numbers(part) for name, part in network.named_modules()},
    }


def _restore_network(network, state):
    weights = OrderedDict(_restored(state["weights"]))
    weights._metadata = state["versions"]  # type: ignore[attr-defined]  # as torch does
    network.load_state_dict(weights)
    for name, values in state["buffers"].items():
        owner, _, leaf = name.rpartition(".")
        part = network.get_submodule(owner)
        setattr(part, leaf, values.to(getattr(part, leaf).device))
    for name, parameter in network.named_parameters():
        parameter.requires_grad_(state["trained"][name])
    for name, part in network.named_modules():
        vars(part).update(state["numbers"][name])


def _numbers(part):
    return {
        name: _plain(value, name)
        for name, value in vars(part).items()
        if _is_scalar(value) and name not in OF_MODULES
    }


def _callback_state(callback, name):
    """Return the state of a callback: its ``state_dict``, or else its attributes.

    Constructor parameters other than scalars are left out, and so are attributes that
    are neither plain nor have a ``state_dict``.
    """
    if hasattr(callback, "state_dict"):
        return {STATE: _plain(callback.state_dict(), name)}
    given = inspect.signature(type(callback)).parameters
    state = {}
    for attribute, value in vars(callback).items():
        if attribute in given and not _is_scalar(value):
            continue
        if hasattr(value, "load_state_dict") and not isinstance(value, type):
            state[attribute] = {STATE: _plain(value.state_dict(), name)}
        else:
            with suppress(TypeError):
                state[attribute] = _plain(value, name)
    return state


def _restore_callback(callback, state, device):
    if STATE in state:
        callback.load_state_dict(_restored(state[STATE], device))
        return
    for name, value in state.items():
        if isinstance(value, dict) and STATE in value:
            getattr(callback, name).load_state_dict(_restored(value[STATE], device))
        else:
            setattr(callback, name, _restored(value, device))


def _is_scalar(value):
    is_number = isinstance(value, (np.bool_, np.integer, np.floating))
    return is_number or type(value) in SCALARS


def _number(value):
    """Convert a number of numpy or torch to Python's, for JSON."""
    if _is_scalar(value) or (torch.is_tensor(value) and value.ndim == 0):
        return value.item()
    raise TypeError(
        f"checkpoint cannot store {type(value).__qualname__} in the history, only "
        "numbers, strings, lists and dicts of them."
    )


def _plain(value, owner):
    """Convert a value to types that ``weights_only=True`` loads.

    Raises
    ------
    TypeError
        If it contains anything else.
    """
    if isinstance(value, torch.Tensor):
        return value.detach()
    if isinstance(value, np.ndarray):
        return {ARRAY: torch.from_numpy(np.array(value))}
    if type(value) in MAPPINGS and all(type(key) in SCALARS for key in value):
        return type(value)({key: _plain(held, owner) for key, held in value.items()})
    if type(value) in (list, tuple):
        return type(value)(_plain(held, owner) for held in value)
    if not _is_scalar(value):
        raise TypeError(
            f"checkpoint cannot store {type(value).__qualname__} in the state of "
            f"{owner}, only tensors, arrays, numbers, strings, lists, tuples and dicts "
            "of them."
        )
    return value.item() if isinstance(value, np.generic) else value


def _restored(value, device=None):
    """Invert :func:`_plain`, with tensors on a device."""
    if isinstance(value, torch.Tensor):
        return value if device is None else value.to(device)
    if type(value) in MAPPINGS:
        if ARRAY in value:
            return value[ARRAY].numpy()
        return type(value)({k: _restored(v, device) for k, v in value.items()})
    if type(value) in (list, tuple):
        return type(value)(_restored(held, device) for held in value)
    return value
