"""The classes and functions that a file may name, and no others."""

import importlib
import inspect
from functools import cache
from pkgutil import walk_packages

import numpy as np
import torch
from sklearn.utils._metadata_requests import MetadataRequest, MethodMetadataRequest
from torch import nn
from torch.nn.modules.linear import NonDynamicallyQuantizableLinear

__all__ = ["array_dtype", "is_known", "name_of", "thing_named"]

PACKAGES = (
    "annotations",
    "aggregation",
    "annotators",
    "backbones",
    "training",
    "methods",
    "estimators",
)
ROUTING = (MetadataRequest, MethodMetadataRequest)
# A part of nn.MultiheadAttention.
HIDDEN = {"torch.nn.NonDynamicallyQuantizableLinear": NonDynamicallyQuantizableLinear}
ACTIVATIONS = ("elu", "gelu", "leaky_relu", "relu", "selu", "silu", "softplus", "tanh")


@cache
def _things():
    """Everything that may be named, by its name."""
    functions = {f"torch.nn.functional.{n}": _activation(n) for n in ACTIVATIONS}
    dtypes = {str(v): v for v in vars(torch).values() if isinstance(v, torch.dtype)}
    routing = {f"sklearn.{cls.__name__}": cls for cls in ROUTING}
    return {
        **{f"skcrowd.{cls.__name__}": cls for cls in _own_classes()},
        **_subclasses(torch.nn, nn.Module),
        **HIDDEN,
        **_subclasses(torch.optim, torch.optim.Optimizer),
        **functions,
        **dtypes,
        **routing,
    }


def _activation(name):
    return getattr(nn.functional, name)


def _own_classes():
    """Yield the classes of skcrowd; none has the name of another."""
    for package in PACKAGES:
        path = importlib.import_module(f"skcrowd.{package}").__path__
        for found in walk_packages(path, f"skcrowd.{package}."):
            for cls in vars(importlib.import_module(found.name)).values():
                if inspect.isclass(cls) and cls.__module__ == found.name:
                    yield cls


def _subclasses(namespace, base):
    """Return the public classes of a module of torch."""
    return {
        f"{namespace.__name__}.{name}": cls
        for name, cls in vars(namespace).items()
        if inspect.isclass(cls) and issubclass(cls, base)
    }


@cache
def _names():
    return {thing: name for name, thing in _things().items()}


def name_of(thing):
    """Return the name of a class, function or dtype; None if it has none here."""
    try:
        return _names().get(thing)
    except TypeError:  # what has no hash is neither
        return None


def is_known(thing, prefix="skcrowd."):
    """Whether a class belongs to a package whose classes may be named."""
    return (name_of(thing) or "").startswith(prefix)


def thing_named(name):
    """Return a class, function or dtype by its name.

    Raises
    ------
    ValueError
        If it is none of those that a file may name.
    """
    if name not in _things():
        raise ValueError(
            f"it names {name!r}, which is no class that this version of skcrowd loads"
        )
    return _things()[name]


def array_dtype(name):
    """Return a dtype of numbers, booleans, dates or strings by its name."""
    dtype = np.dtype(str(name))
    if dtype.kind not in "biufmMU":
        raise ValueError(f"it holds an array of {name!r}, which skcrowd does not load")
    return dtype
