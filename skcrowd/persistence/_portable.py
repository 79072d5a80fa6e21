"""Fitted attributes as text and arrays, for skops."""

import json

import torch
from torch import nn

from skcrowd.estimators._fitted import Fitted
from skcrowd.persistence._file import FORMAT
from skcrowd.persistence._save import kinds, readable, unnamed
from skcrowd.persistence._tree import Reader, Writer

__all__ = ["read", "teach_estimators", "write"]


def teach_estimators():
    """Say how fitted attributes are written: estimators cannot import it.

    Imports go one way.
    """
    Fitted.write, Fitted.read = staticmethod(write), staticmethod(read)


def write(attributes, module):
    """Turn attributes into what skops holds.

    Parameters
    ----------
    attributes : dict
    module : torch.nn.Module class or instance, callable or None
        What builds the network. A class of the user's is not written.

    Returns
    -------
    state : dict
        Of an int, a str and a dict of arrays.

    Raises
    ------
    TypeError
        If there is no way to write them.
    """
    writer = Writer(kinds(_builder(module)))
    tree = {name: writer.node(held, name) for name, held in attributes.items()}
    return {
        "format": FORMAT,
        "tree": json.dumps(tree, allow_nan=False),
        "arrays": {name: held.numpy() for name, held in writer.tensors.items()},
    }


def read(state, module):
    """Turn what :func:`write` returned into attributes.

    Parameters
    ----------
    state : dict
    module : torch.nn.Module class or instance, callable or None

    Returns
    -------
    attributes : dict

    Raises
    ------
    ValueError
        If the state is damaged, of a newer format, or names anything but the classes
        of skcrowd, ``torch.nn`` and ``torch.optim``.
    """
    with readable("a fitted estimator"):
        if state["format"] > FORMAT:
            raise ValueError(
                f"it is of format {state['format']}, and this version of skcrowd knows "
                f"formats up to {FORMAT}; pip install --upgrade skcrowd"
            )
        tensors = {name: torch.from_numpy(a) for name, a in state["arrays"].items()}
        reader = Reader(kinds(_builder(module)), tensors)
        return dict(reader.value(json.loads(state["tree"])))


def _builder(module):
    """Return what builds a network of the user's; of an instance nothing is known."""
    return None if isinstance(module, nn.Module) else unnamed(module)
