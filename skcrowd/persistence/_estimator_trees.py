"""Estimators as trees, alone, and as part of another one."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from torch import nn

from skcrowd._sklearn_compat import REQUESTS
from skcrowd.estimators import CrowdClassifier
from skcrowd.persistence._fitted_fields import (
    fitted_attributes,
    fitted_fields,
    request_attributes,
    request_fields,
)
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._schema import ESTIMATORS
from skcrowd.persistence._skorch_nets import Net
from skcrowd.persistence._user_registry import registered_name

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = [
    "CLASSES",
    "StoredClassifier",
    "builder_of",
    "class_of",
    "estimator_of",
    "estimator_tree",
    "name_in_files",
]

CLASSES: Any = tuple(ESTIMATORS)
NAMES = {cls.__name__: cls for cls in CLASSES}


def name_in_files(cls: type[Any]) -> str | None:
    """Return the name of a class of estimators; None if it cannot be saved."""
    return cls.__name__ if cls in ESTIMATORS else registered_name(cls)


def builder_of(estimator_class: type[Any], module: Any) -> Any:
    """Return the class of the network of an estimator; None if it is an instance."""
    if module is None:
        return getattr(estimator_class, "_default_module", None)
    return None if isinstance(module, nn.Module) else module


def estimator_tree(estimator: Any, writer: Writer, path: str = "") -> dict[str, Any]:
    """Return the tree of an estimator, fitted or not.

    Parameters
    ----------
    estimator : object
        Of a class of :data:`ESTIMATORS`, or a registered subclass.
    writer : Writer
    path : str, default=""
        What the names of its tensors begin with.
    """
    cls, params = type(estimator), estimator.get_params(deep=False)
    callbacks = params.get("callbacks") or []
    if callbacks and not all(map(_is_registered, callbacks)):
        params["callbacks"] = None
    not_fitted = {*params, "_routed", REQUESTS, *getattr(cls, "_unsaved", ())}
    fitted = {k: v for k, v in vars(estimator).items() if k not in not_fitted}
    return {
        "class": name_in_files(cls),
        "params": {k: writer.node(v, f"{path}{k}") for k, v in params.items()},
        "callbacks": [_name_of_callback(callback) for callback in callbacks],
        "requests": request_fields(vars(estimator)),
        "attributes": fitted_fields(cls, fitted, writer, path) if fitted else None,
    }


def estimator_of(tree: dict[str, Any], reader: Reader) -> Any:
    """Return the estimator of a tree."""
    cls = class_of(tree, reader.trusted)
    params = {name: reader.value(node) for name, node in tree["params"].items()}
    estimator = cls(**params)
    vars(estimator).update(request_attributes(cls, tree["requests"]))
    if tree["attributes"] is not None:
        fitted = fitted_attributes(cls, tree["attributes"], reader)
        vars(estimator).update(fitted)
    return estimator


def class_of(tree: dict[str, Any], things: dict[str, Any]) -> type[Any]:
    """Return the class of the estimator in a tree.

    Parameters
    ----------
    tree : dict
    things : dict of str to class or function
        What the file may name besides.

    Raises
    ------
    ValueError
        If it is no estimator.
    """
    name = tree["class"]
    cls = NAMES.get(name) or things.get(name)
    if not (isinstance(cls, type) and issubclass(cls, CLASSES)):
        raise ValueError(
            f"it holds a {name}, which is not an estimator of skcrowd. If it is your "
            "own subclass and you trust the file, pass load(path, trusted=[...]), or "
            "call skcrowd.persistence.register on it before"
        )
    return cls


class StoredClassifier(Kind):
    """A classifier that another estimator holds, such as that of a ranker."""

    tag = "classifier"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is one, of a class that has a name."""
        is_classifier = isinstance(value, CrowdClassifier)
        return is_classifier and name_in_files(type(value)) is not None

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write its tree; its network is built by its own builder."""
        net = Net(builder_of(type(value), value.module))
        of_its_own = copy(writer)
        of_its_own.kinds = [
            net if isinstance(kind, Net) else kind for kind in writer.kinds
        ]
        return estimator_tree(value, of_its_own, f"{path}.")

    def read(self, node: Any, reader: Reader) -> Any:
        """Read its tree."""
        if not issubclass(class_of(node, reader.trusted), CrowdClassifier):
            raise ValueError(f"it holds a {node['class']} for a classifier")
        return estimator_of(node, reader)


def _without_name(callback: Any) -> Any:
    """Return a callback without its name."""
    return callback[1] if isinstance(callback, tuple) else callback


def _is_registered(callback: Any) -> str | None:
    callback = _without_name(callback)
    return registered_name(type(callback)) or registered_name(callback)


def _name_of_callback(callback: Any) -> str:
    callback = _without_name(callback)
    return getattr(callback, "__name__", type(callback).__name__)
