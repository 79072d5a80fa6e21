"""Classes and functions that any file may name."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear

from skcrowd import experimental, methods
from skcrowd.backbones import MLP, RecurrentTagger, TabularNet
from skcrowd.experimental._twin import Twin

__all__ = ["FIXED_PREFIXES", "array_dtype", "fixed_name", "fixed_things"]

FIXED_PREFIXES = ("skcrowd.", "torch.")
NETWORKS = (MLP, RecurrentTagger, TabularNet, Twin)
# A part of nn.MultiheadAttention.
HIDDEN = {"torch.nn.NonDynamicallyQuantizableLinear": NonDynamicallyQuantizableLinear}
ACTIVATIONS = ("elu", "gelu", "leaky_relu", "relu", "selu", "silu", "softplus", "tanh")
DTYPE = re.compile(r"[<>=|]?([biufU][0-9]+|[mM]8(\[[0-9A-Za-z]+\])?)")


@cache
def fixed_things() -> dict[str, type[Any]]:
    """Return the classes and functions that any file may name, by name.

    Returns
    -------
    things : dict of str to class, function or torch.dtype
        Networks and methods of skcrowd, the modules of ``torch.nn``, the optimisers of
        ``torch.optim``, activation functions and data types. None of them reads or
        writes a file, or calls its arguments.
    """
    dtypes = {str(v): v for v in vars(torch).values() if isinstance(v, torch.dtype)}
    functions = {
        f"torch.nn.functional.{n}": getattr(nn.functional, n) for n in ACTIVATIONS
    }
    return {
        **{f"skcrowd.{cls.__name__}": cls for cls in (*NETWORKS, *_method_classes())},
        **_subclasses(nn, nn.Module),
        **HIDDEN,
        **_subclasses(torch.optim, torch.optim.Optimizer),
        **functions,
        **dtypes,
    }


def _method_classes() -> list[type[Any]]:
    """Return the public methods and techniques, which are built from parameters."""
    packages = methods, experimental
    public = (getattr(package, n) for package in packages for n in package.__all__)
    return [cls for cls in public if hasattr(cls, "get_params")]


def _subclasses(namespace: Any, base: type[Any]) -> dict[str, type[Any]]:
    """Return the public classes of a module of torch."""
    return {
        f"{namespace.__name__}.{name}": cls
        for name, cls in vars(namespace).items()
        if inspect.isclass(cls) and issubclass(cls, base)
    }


@cache
def _fixed_names() -> dict[type[Any], str]:
    return {thing: name for name, thing in fixed_things().items()}


def fixed_name(thing: Any) -> str | None:
    """Return the name of a class, function or dtype; None if it is not in the list."""
    try:
        return _fixed_names().get(thing)
    except TypeError:  # unhashable
        return None


def array_dtype(name: str) -> Any:
    """Return a dtype of numbers, booleans, dates or strings by its name.

    Raises
    ------
    ValueError
        If it has another kind.
    """
    if type(name) is not str or not DTYPE.fullmatch(name):
        raise ValueError(f"it holds an array of {name!r}, which skcrowd does not load")
    return np.dtype(name)
