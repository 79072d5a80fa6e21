"""Conversion of an estimator to a JSON tree with tensors, and back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from skcrowd.persistence._kind import PLAIN
from skcrowd.persistence._nameable import fixed_name, fixed_things
from skcrowd.persistence._user_registry import registered_name

if TYPE_CHECKING:
    from ._kind import Kind


__all__ = ["Reader", "Writer", "name_of"]

CONTIGUOUS = torch.contiguous_format
TAG = "$"  # key of the kind of a value in its dict
# Memory limit of expanded strings: a constant, and a multiple of the file size.
LEAST_MEMORY, MEMORY_PER_BYTE = 2**24, 64


class Writer:
    """Convert values to a tree for JSON, and collect their tensors.

    Parameters
    ----------
    kinds : sequence of Kind
        A value is written by the first kind that takes it.

    Attributes
    ----------
    tensors : dict of str to Tensor
        Keys are paths of the attributes that hold the tensors.
    """

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self.kinds = kinds
        self.tensors: dict[str, torch.Tensor] = {}
        self._seen: dict[int, Any] = {}
        self._kept: dict[Any, Any] = {}

    def node(
        self, value: Any, path: Any
    ) -> float | str | list[int | dict[str, Any]] | dict[str, Any] | None:
        """Write a value.

        Parameters
        ----------
        value : object
        path : str
            Path of the value in the estimator, for tensor names and errors.

        Raises
        ------
        TypeError
            If no kind takes the value.
        """
        if type(value) in PLAIN or (type(value) is float and math.isfinite(value)):
            return value
        if type(value) is dict and all(map(_is_plain_key, value)):
            return {key: self.node(v, _join(path, key)) for key, v in value.items()}
        if id(value) in self._seen:
            return {TAG: "same", "id": self._seen[id(value)][0]}
        kind = next((kind for kind in self.kinds if kind.takes(value)), None)
        if kind is None and type(value) is list:
            return self.items(value, path)
        if kind is None:
            raise TypeError(_unstorable(value, path))
        node: dict[str, Any] = {TAG: kind.tag}
        if kind.is_shared:
            node["id"] = len(self._seen)
            self._seen[id(value)] = (
                node["id"],
                value,
            )  # a reference, so that the id is not reused
        return node | kind.write(value, self, path)

    def items(self, values: Any, path: Any) -> list[Any]:
        """Write several values, a list."""
        return [self.node(value, f"{path}.{k}") for k, value in enumerate(values)]

    def keep(self, tensor: torch.Tensor, path: Any) -> str:
        """Keep a copy of a tensor; return its name."""
        place = tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype
        if tensor.numel() and place in self._kept:
            return self._kept[place][0]
        name = path
        while name in self.tensors:
            name += "_"
        self.tensors[name] = tensor.detach().cpu().clone(memory_format=CONTIGUOUS)
        self._kept[place] = (
            name,
            tensor,
        )  # a reference, so that the address is not reused
        return name


class Reader:
    """Convert a tree of JSON to values.

    Parameters
    ----------
    kinds : sequence of Kind
    tensors : dict of str to Tensor
    n_bytes : int
        Size of the file.
    trusted : dict of str to class or function
        Further classes and functions that the file may name, by name.
    """

    def __init__(
        self,
        kinds: Sequence[Kind],
        tensors: dict[str, Any],
        n_bytes: int,
        trusted: dict[str, Any],
    ) -> None:
        self.kinds = {kind.tag: kind for kind in kinds}
        self.tensors = tensors
        self.trusted = trusted
        self._memory_left = LEAST_MEMORY + MEMORY_PER_BYTE * n_bytes
        self._seen: dict[int, Any] = {}

    def value(self, node: Any) -> Any:
        """Read a value."""
        if isinstance(node, list):
            return [self.value(item) for item in node]
        if not isinstance(node, dict):
            return node
        if TAG not in node:
            return {key: self.value(child) for key, child in node.items()}
        if node[TAG] == "same":
            return self._seen[node["id"]]
        value = self.kinds[node[TAG]].read(node, self)
        self.remember(node, value)
        return value

    def remember(self, node: Any, value: Any) -> None:
        """Register a value for references, also while it is being read."""
        if "id" in node:
            self._seen[node["id"]] = value

    def tensor(self, node: Any) -> torch.Tensor:
        """Return the tensor of a node."""
        return self.tensors[node["tensor"]]

    def claim(self, n_bytes: int) -> None:
        """Subtract memory that a value needs beyond its size in the file.

        Raises
        ------
        ValueError
            If all values together need more than the limit for this file size.
        """
        self._memory_left -= n_bytes
        if self._memory_left < 0:
            raise ValueError(
                f"an array of {n_bytes} bytes is more than a file of its size holds"
            )

    def thing(self, name: str) -> Any:
        """Return a class, function or dtype by its name.

        Raises
        ------
        ValueError
            If the name is neither in the fixed list nor trusted.
        """
        things = fixed_things()
        if name in things:
            return things[name]
        if name in self.trusted:
            return self.trusted[name]
        raise ValueError(_not_trusted(name))

    def trusted_class(self, name: str) -> type[Any]:
        """Return a class of the user by its name.

        Raises
        ------
        ValueError
            If it is not trusted, or not a class.
        """
        thing = self.trusted.get(name)
        if not isinstance(thing, type):
            raise ValueError(_not_trusted(name))
        return thing


def _not_trusted(name: str) -> str:
    return (
        f"it names {name!r}, which is not a class that this version of skcrowd loads. "
        "If it is your own and you trust the file, pass load(path, trusted=[...]), or "
        "call skcrowd.persistence.register on it before"
    )


def _is_plain_key(key: str | int) -> bool:
    return type(key) is str and not key.startswith(TAG)


def _join(path: Any, key: str) -> str:
    return f"{path}.{key}" if path else key


def _unstorable(value: Any, path: Any) -> str:
    description = f"{getattr(value, '__name__', '')} {type(value)}".strip()
    is_named = isinstance(value, type) or callable(value)
    owner = value if is_named and hasattr(value, "__qualname__") else type(value)
    return (
        f"{path} holds {description}, which cannot be stored without pickle: storable "
        "are objects of skcrowd, torch.nn and torch.optim, numbers, strings, arrays, "
        "containers of these, and objects of registered classes. Call "
        f"skcrowd.persistence.register({getattr(owner, '__name__', owner)}) if it is "
        "your own class, change it, or use joblib.dump(estimator, path)."
    )


def name_of(thing: Any) -> str | None:
    """Return the name of a class, function or dtype in files; None if it has none."""
    return fixed_name(thing) or registered_name(thing)
