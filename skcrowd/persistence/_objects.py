"""Objects built by calling their class: methods and registered classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

from skcrowd.persistence._build import built, check_sizes, constructor_values
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._nameable import fixed_name
from skcrowd.persistence._user_registry import registered_name

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["MethodObject", "OwnObject"]


class MethodObject(Kind):
    """A method of skcrowd, or a training technique, stored by its parameters."""

    tag = "method"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether its class is in ``skcrowd.methods``."""
        return _is_method(type(value))

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the parameters."""
        params = writer.node(value.get_params(deep=False), path)
        return {"class": fixed_name(type(value)), "params": params}

    def read(self, node: Any, reader: Reader) -> Any:
        """Build the object."""
        cls = reader.thing(node["class"])
        if not _is_method(cls):
            raise ValueError(f"it names {node['class']} for a method")
        return cls(**reader.value(node["params"]))


def _is_method(cls: Any) -> bool:
    is_fixed = (fixed_name(cls) or "").startswith("skcrowd.")
    return is_fixed and isinstance(cls, type) and hasattr(cls, "get_params")


class OwnObject(Kind):
    """An object of a registered class, stored by its parameters and weights."""

    tag = "registered"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether its class is registered."""
        return registered_name(type(value)) is not None

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write class and parameters, and check that they rebuild the object."""
        cls = type(value)
        try:
            values = constructor_values(value, cls)
        except TypeError as error:
            raise TypeError(f"{path}: {error}") from error
        node = {"class": registered_name(cls), "params": writer.node(values, path)}
        if not isinstance(value, nn.Module):
            return node
        weights = dict(value.state_dict())
        try:
            check_sizes(lambda: cls(**values), weights, cls.__name__, is_own=True)
        except ValueError as error:
            raise TypeError(
                f"{path}: {cls.__name__} cannot be stored, because its class does not "
                f"build it again from the parameters that it keeps: {error}."
            ) from error
        frozen = [name for name, p in value.named_parameters() if not p.requires_grad]
        return {
            **node,
            "weights": writer.node(weights, path),
            "frozen": frozen,
            "training": value.training,
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Build the object by its class, which is registered or trusted."""
        name, values = node["class"], reader.value(node["params"])
        cls = reader.trusted_class(name)
        if not issubclass(cls, nn.Module):
            return cls(**values)
        weights = reader.value(node["weights"])
        network = built(lambda: cls(**values), weights, cls.__name__, is_own=True)
        for parameter in node["frozen"]:
            network.get_parameter(parameter).requires_grad_(False)
        return network.train(node["training"] is True)
