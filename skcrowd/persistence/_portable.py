"""Conversion of fitted attributes to text and arrays, for skops.

``estimators/_fitted.py`` uses it in ``__getstate__``.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from skcrowd._sklearn_compat import REQUESTS, parameter_names
from skcrowd.persistence._all_kinds import kinds, unnamed_network
from skcrowd.persistence._archive import FORMAT, check_format, parsed
from skcrowd.persistence._estimator_trees import builder_of
from skcrowd.persistence._fitted_fields import (
    fitted_attributes,
    fitted_fields,
    readable,
    request_attributes,
    request_fields,
)
from skcrowd.persistence._tree import Reader, Writer
from skcrowd.persistence._user_registry import trusted_things

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["read", "write"]


def write(
    attributes: dict[str, Any], estimator_class: type[Any], module: Any
) -> dict[str, dict[str, FloatArray] | int | str]:
    """Turn attributes into types that skops stores.

    Parameters
    ----------
    attributes : dict
        The fitted attributes, and parameters that are networks.
    estimator_class : class
    module : torch.nn.Module class or instance, callable or None
        The ``module`` of the estimator. A user's class is not written.

    Returns
    -------
    state : dict
        Has an int, a str and a dict of arrays.

    Raises
    ------
    TypeError
        If an attribute cannot be written.
    """
    module = attributes.get("module", module)  # an instance is stored
    given, builder = _class_given(module), builder_of(estimator_class, module)
    writer = Writer(kinds(given, builder))
    params = parameter_names(estimator_class)
    networks = {k: v for k, v in attributes.items() if k in params}
    known = {*networks, REQUESTS}
    fitted = {k: v for k, v in attributes.items() if k not in known}
    tree = {
        "written_by": {"skcrowd": version("skcrowd")},
        "networks": {k: writer.node(v, k) for k, v in networks.items()},
        "requests": request_fields(attributes),
        "attributes": None,
    }
    if fitted:
        tree["attributes"] = fitted_fields(estimator_class, fitted, writer)
    return {
        "format": FORMAT,
        "tree": json.dumps(tree, allow_nan=False),
        "arrays": {name: tensor.numpy() for name, tensor in writer.tensors.items()},
    }


def read(
    state: dict[str, Any],
    estimator_class: type[Any],
    module: Any,
) -> dict[str, Any]:
    """Turn the result of :func:`write` into attributes.

    Parameters
    ----------
    state : dict
    estimator_class : class
    module : torch.nn.Module class or instance, callable or None

    Returns
    -------
    attributes : dict

    Raises
    ------
    ValueError
        If the state is damaged, of a format that cannot be read, or names anything but
        the classes of skcrowd, ``torch.nn`` and ``torch.optim`` and those registered.
    """
    with readable("a fitted estimator"):
        tree = parsed(state["tree"])
        check_format({"format": state["format"], **tree})
        n_bytes = len(state["tree"]) + sum(a.nbytes for a in state["arrays"].values())
        tensors = {name: torch.from_numpy(a) for name, a in state["arrays"].items()}
        reader = Reader(
            kinds(_class_given(module)), tensors, n_bytes, trusted_things(())
        )
        attributes = {k: reader.value(node) for k, node in tree["networks"].items()}
        if set(attributes) - {*parameter_names(estimator_class)}:
            raise ValueError("it holds a network that is no parameter")
        attributes |= request_attributes(estimator_class, tree["requests"])
        if tree["attributes"] is not None:
            attributes |= fitted_attributes(estimator_class, tree["attributes"], reader)
        return attributes


def _class_given(module: Any) -> Any:
    """Return the builder of the user's network, or a placeholder for an instance."""
    network = unnamed_network(module)
    return None if isinstance(network, nn.Module) else network
