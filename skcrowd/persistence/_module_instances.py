"""Networks stored as instances, of ``torch.nn`` or of the user."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from torch import nn

from skcrowd.persistence._build import fill
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._nameable import fixed_name
from skcrowd.persistence._objects import OwnObject
from skcrowd.persistence._schema import RECORD_NAMES
from skcrowd.training._features import LastFeatures

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["DERIVED", "OF_MODULES", "GivenNetwork", "Network", "check_hooks"]

OF_MODULES = frozenset(vars(nn.Module()))
DERIVED = {"_flat_weights", "_flat_weight_refs"}  # of recurrent layers


class Network(Kind):
    """A module of ``torch.nn``, stored by its attributes and submodules.

    Submodules may be of registered classes or of skcrowd.
    """

    tag = "network"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether its class is of ``torch.nn`` and all submodules can be stored."""
        return _is_torch(value) and all(map(_is_known, value.children()))

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write attributes, parameters, buffers and submodules."""
        check_hooks(value, path)
        plain = {k: v for k, v in vars(value).items() if k not in OF_MODULES | DERIVED}
        return {
            "class": fixed_name(type(value)),
            "training": value.training,
            "attributes": writer.node(plain, path),
            "parameters": writer.node(dict(value._parameters), path),
            "buffers": writer.node(dict(value._buffers), path),
            "non_persistent": sorted(value._non_persistent_buffers_set),
            "parts": writer.node(dict(value._modules), path),
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Build it without its constructor, whose arguments are not stored."""
        cls = reader.thing(node["class"])
        if not (isinstance(cls, type) and issubclass(cls, nn.Module)) or (
            not node["class"].startswith("torch.nn.")
        ):
            raise ValueError(f"it names {node['class']} for a network of torch")
        network = cls.__new__(cls)
        nn.Module.__init__(network)
        reader.remember(node, network)
        attributes = reader.value(node["attributes"])
        if any(callable(getattr(network, name, None)) for name in attributes) or (
            OF_MODULES & set(attributes)
        ):
            raise ValueError("it sets hooks or other internal attributes of a network")
        vars(network).update(attributes)
        for name, values in reader.value(node["parameters"]).items():
            network.register_parameter(name, values)
        for name, values in reader.value(node["buffers"]).items():
            network.register_buffer(name, values, name not in node["non_persistent"])
        for name, part in reader.value(node["parts"]).items():
            network.add_module(name, part)
        if isinstance(network, nn.RNNBase):
            network._init_flat_weights()
        network.training = node["training"] is True
        return network


def _is_torch(value: Any) -> bool:
    is_module = isinstance(value, nn.Module)
    return is_module and (fixed_name(type(value)) or "").startswith("torch.nn.")


def _is_known(part: Any) -> bool:
    """Whether a submodule can be stored without a network passed to ``load``."""
    if _is_torch(part):
        return all(map(_is_known, part.children()))
    return type(part) in RECORD_NAMES or OwnObject().takes(part)


def check_hooks(network: nn.Module, path: Any) -> None:
    """Raise for hooks of the user; those of skcrowd are registered after loading."""
    hooks = [
        hook
        for name, registered in vars(network).items()
        if name in OF_MODULES and name.endswith("_hooks")
        for hook in registered.values()
        if not isinstance(hook, LastFeatures)
    ]
    if hooks:
        raise TypeError(
            f"{path}: {type(network).__name__} has hooks, which cannot be stored "
            "without pickle; remove them, or use joblib.dump(estimator, path)."
        )


class GivenNetwork(Kind):
    """The user's network, passed to ``load``; the weights of an instance are stored.

    Parameters
    ----------
    module : torch.nn.Module class or instance, callable or None
        The ``module`` of the estimator, or the argument of ``load``.
    """

    tag = "own network"
    is_shared = True

    def __init__(self, module: Any) -> None:
        self.module = module
        self.is_used = False

    def takes(self, value: Any) -> bool:
        """Whether it is this network, or a copy of it."""
        is_copy = isinstance(value, nn.Module) and type(value) is type(self.module)
        return self.module is not None and (is_copy or value is self.module)

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write a name and the weights."""
        if not isinstance(value, nn.Module):
            return {"name": getattr(value, "__qualname__", repr(value))}
        weights = writer.node(dict(value.state_dict()), path)
        return {"name": type(value).__qualname__, "weights": weights}

    def read(self, node: Any, reader: Reader) -> Any:
        """Return the given class, or a copy of the instance with the stored weights."""
        name, is_instance = node["name"], "weights" in node
        if self.module is None or isinstance(self.module, nn.Module) != is_instance:
            form = "an instance of the" if is_instance else "the"
            given = f"{name}(...)" if is_instance else name
            raise ValueError(
                f"it holds a network of your own, {form} class {name}, of which a file "
                f"can hold the weights only; pass load(path, module={given}), as the "
                "estimator had it"
            )
        self.is_used = True
        if not is_instance:
            return self.module
        network = deepcopy(self.module)
        fill(network, reader.value(node["weights"]))
        return network
