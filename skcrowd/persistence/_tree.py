"""Conversion of an estimator to a JSON tree with tensors, and back."""

import math

import torch

from skcrowd.persistence._kind import PLAIN
from skcrowd.persistence._names import fixed_name, fixed_things
from skcrowd.persistence._registry import registered_name

__all__ = ["Reader", "Writer", "name_of"]

CONTIGUOUS = torch.contiguous_format
TAG = "$"  # key of a dict's kind
# Limits of expanded strings: bytes in all, and bytes per byte of the file.
LEAST_MEMORY, MEMORY_PER_BYTE = 2**24, 64


class Writer:
    """Turn values into a tree for JSON, and collect their tensors.

    Parameters
    ----------
    kinds : sequence of Kind
        The first that takes a value writes it.

    Attributes
    ----------
    tensors : dict of str to Tensor
        By the path of the attribute that holds them.
    """

    def __init__(self, kinds):
        self.kinds = kinds
        self.tensors = {}
        self._seen = {}
        self._kept = {}

    def node(self, value, path):
        """Write a value.

        Parameters
        ----------
        value : object
        path : str
            Where in the estimator it is, for tensors and errors.

        Raises
        ------
        TypeError
            If there is no way to write it.
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
        node = {TAG: kind.tag}
        if kind.is_shared:
            node["id"] = len(self._seen)
            self._seen[id(value)] = (
                node["id"],
                value,
            )  # kept: the id stays taken
        return node | kind.write(value, self, path)

    def items(self, values, path):
        """Write several values, a list."""
        return [self.node(value, f"{path}.{k}") for k, value in enumerate(values)]

    def keep(self, tensor, path):
        """Keep a copy of a tensor; return its name."""
        place = tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype
        if tensor.numel() and place in self._kept:
            return self._kept[place][0]
        name = path
        while name in self.tensors:
            name += "_"
        self.tensors[name] = tensor.detach().cpu().clone(memory_format=CONTIGUOUS)
        self._kept[place] = name, tensor  # kept: the address stays taken
        return name


class Reader:
    """Turn a tree of JSON into values.

    Parameters
    ----------
    kinds : sequence of Kind
    tensors : dict of str to Tensor
    n_bytes : int
        Size of the file.
    trusted : dict of str to class or function
        What may be named beside the fixed list.
    """

    def __init__(self, kinds, tensors, n_bytes, trusted):
        self.kinds = {kind.tag: kind for kind in kinds}
        self.tensors = tensors
        self.trusted = trusted
        self._left = LEAST_MEMORY + MEMORY_PER_BYTE * n_bytes
        self._seen = {}

    def value(self, node):
        """Read a value."""
        if isinstance(node, list):
            return [self.value(item) for item in node]
        if not isinstance(node, dict):
            return node
        if TAG not in node:
            return {key: self.value(held) for key, held in node.items()}
        if node[TAG] == "same":
            return self._seen[node["id"]]
        value = self.kinds[node[TAG]].read(node, self)
        self.remember(node, value)
        return value

    def remember(self, node, value):
        """Register a value for references, also while it is being read."""
        if "id" in node:
            self._seen[node["id"]] = value

    def tensor(self, node):
        """Return the tensor of a node."""
        return self.tensors[node["tensor"]]

    def claim(self, n_bytes):
        """Account for memory beyond the size in the file; raise if it is too much.

        Raises
        ------
        ValueError
            If no file of this size needs so much.
        """
        self._left -= n_bytes
        if self._left < 0:
            raise ValueError(
                f"an array of {n_bytes} bytes is more than a file of its size holds"
            )

    def thing(self, name):
        """Return a class, function or dtype by its name.

        Raises
        ------
        ValueError
            If it is none that a file may name, or that is trusted here.
        """
        things = fixed_things()
        if name in things:
            return things[name]
        if name in self.trusted:
            return self.trusted[name]
        raise ValueError(_not_trusted(name))

    def trusted_class(self, name):
        """Return a class of the user by its name.

        Raises
        ------
        ValueError
            If it is not trusted, or no class.
        """
        thing = self.trusted.get(name)
        if not isinstance(thing, type):
            raise ValueError(_not_trusted(name))
        return thing


def _not_trusted(name):
    return (
        f"it names {name!r}, which is no class that this version of skcrowd loads. If "
        "it is your own and you trust the file, pass load(path, trusted=[...]), or "
        "call skcrowd.persistence.register on it before"
    )


def _is_plain_key(key):
    return type(key) is str and not key.startswith(TAG)


def _join(path, key):
    return f"{path}.{key}" if path else key


def _unstorable(value, path):
    what = f"{getattr(value, '__name__', '')} {type(value)}".strip()
    is_named = isinstance(value, type) or callable(value)
    owner = value if is_named and hasattr(value, "__qualname__") else type(value)
    return (
        f"{path} holds {what}, which cannot be stored without pickle: only what is "
        "part of skcrowd, torch.nn or torch.optim, numbers, strings, arrays and "
        "containers of these can, and what is registered. Call "
        f"skcrowd.persistence.register({getattr(owner, '__name__', owner)}) if it is "
        "your own class, change it, or use joblib.dump(estimator, path)."
    )


def name_of(thing):
    """Return the name of a class, function or dtype in files; None if it has none."""
    return fixed_name(thing) or registered_name(thing)
