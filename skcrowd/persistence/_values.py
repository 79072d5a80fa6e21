"""Containers, named objects and other values that JSON lacks."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from skorch.history import History

from skcrowd.persistence._arrays import ARRAYS
from skcrowd.persistence._kind import Kind
from skcrowd.persistence._tree import name_of

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["VALUES"]


class Float(Kind):
    """A float that is not finite."""

    tag = "float"

    def takes(self, value: Any) -> bool:
        """Whether it is a float; finite ones are written as they are."""
        return type(value) is float

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write its name: nan, inf, -inf."""
        return {"value": repr(value)}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the name."""
        if node["value"] not in ("nan", "inf", "-inf"):
            raise ValueError(f"it holds {node['value']!r} for a number")
        return float(node["value"])


class Sequence(Kind):
    """Tuples, sets and histories, built from a list."""

    def __init__(self, tag: str, kind: type[Any]) -> None:
        self.tag = tag
        self.kind = kind
        self.is_shared = kind is History

    def takes(self, value: Any) -> bool:
        """Whether it is exactly of this class."""
        return type(value) is self.kind

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the elements, those of a set sorted."""
        is_set = isinstance(value, (set, frozenset))
        return {
            "items": writer.items(sorted(value, key=repr) if is_set else value, path)
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the elements."""
        return self.kind(reader.value(item) for item in node["items"])


class Mapping(Kind):
    """Dicts, also with keys other than strings."""

    def __init__(self, tag: str, kind: type[Any]) -> None:
        self.tag = tag
        self.kind = kind

    def takes(self, value: Any) -> bool:
        """Whether it is exactly of this class."""
        return type(value) is self.kind

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write pairs of key and value."""
        return {
            "items": [
                [writer.node(key, f"{path}.key"), writer.node(item, f"{path}.{key}")]
                for key, item in value.items()
            ]
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Read pairs of key and value."""
        return self.kind(
            (reader.value(key), reader.value(item)) for key, item in node["items"]
        )


class Named(Kind):
    """Classes, functions and dtypes, stored by name."""

    tag = "name"

    def takes(self, value: Any) -> bool:
        """Whether it has a name."""
        may_have_name = isinstance(value, (type, torch.dtype)) or callable(value)
        return may_have_name and name_of(value) is not None

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the name."""
        return {"name": name_of(value)}

    def read(self, node: Any, reader: Reader) -> Any:
        """Look up the name."""
        return reader.thing(node["name"])


class Device(Kind):
    """A torch.device."""

    tag = "device"

    def takes(self, value: Any) -> bool:
        """Whether it is of this class."""
        return isinstance(value, torch.device)

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write its name."""
        return {"device": str(value)}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read its name."""
        return torch.device(node["device"])


class FilePath(Kind):
    """The path of a file or folder."""

    tag = "path"

    def takes(self, value: Any) -> bool:
        """Whether it is of this class."""
        return isinstance(value, PurePath)

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write it as a string."""
        return {"path": str(value)}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read it, as a path of this system."""
        return Path(str(node["path"]))


class Random(Kind):
    """A RandomState with its state."""

    tag = "random state"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is of this class."""
        return type(value) is np.random.RandomState

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write its state."""
        return {"state": writer.node(value.get_state(), f"{path}.state")}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read its state."""
        random_state = np.random.RandomState(0)  # its state is replaced below
        random_state.set_state(reader.value(node["state"]))
        return random_state


VALUES: tuple[Kind, ...] = (
    *ARRAYS,
    Float(),
    Sequence("tuple", tuple),
    Sequence("set", set),
    Sequence("frozenset", frozenset),
    Sequence("history", History),
    Mapping("dict", dict),
    Mapping("ordered dict", OrderedDict),
    Named(),
    Device(),
    FilePath(),
    Random(),
)
