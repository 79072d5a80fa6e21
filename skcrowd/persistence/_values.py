"""Values of all kinds as JSON, their numbers as tensors, and back."""

from collections import OrderedDict

import numpy as np
import torch
from skorch.history import History
from torch import nn

from skcrowd.persistence._names import array_dtype, name_of, thing_named

__all__ = ["PLAIN", "VALUES", "Kind"]

PLAIN = (type(None), bool, int, str)
AS_SIGNED = {"u": "i", "M": "i", "m": "i"}


class Kind:
    """How one kind of value is written, and read.

    Attributes
    ----------
    tag : str
        Its name in the file.
    is_shared : bool
        Whether a second mention refers to the first.
    """

    tag: str
    is_shared = False

    def takes(self, value):
        """Whether this is the kind of a value."""
        raise NotImplementedError

    def write(self, value, writer, path):
        """Return what JSON holds, a dict; tensors go to the writer."""
        raise NotImplementedError

    def read(self, node, reader):
        """Return the value."""
        raise NotImplementedError


class Float(Kind):
    """A float that is not finite."""

    tag = "float"

    def takes(self, value):
        """Whether it is a float; finite ones never come here."""
        return type(value) is float

    def write(self, value, writer, path):
        """Write its name: nan, inf, -inf."""
        return {"value": repr(value)}

    def read(self, node, reader):
        """Read the name."""
        return float(node["value"])


class Sequence(Kind):
    """Tuples, sets and histories: what is built from a list."""

    def __init__(self, tag, kind):
        self.tag = tag
        self.kind = kind
        self.is_shared = kind is History

    def takes(self, value):
        """Whether it is exactly of this class."""
        return type(value) is self.kind

    def write(self, value, writer, path):
        """Write the elements; a set has no order of its own."""
        is_set = isinstance(value, (set, frozenset))
        return {
            "items": writer.items(sorted(value, key=repr) if is_set else value, path)
        }

    def read(self, node, reader):
        """Read the elements."""
        return self.kind(reader.value(item) for item in node["items"])


class Mapping(Kind):
    """Dicts, also those whose keys are no strings."""

    def __init__(self, tag, kind):
        self.tag = tag
        self.kind = kind

    def takes(self, value):
        """Whether it is exactly of this class."""
        return type(value) is self.kind

    def write(self, value, writer, path):
        """Write pairs."""
        return {
            "items": [
                [writer.node(key, f"{path}.key"), writer.node(held, f"{path}.{key}")]
                for key, held in value.items()
            ]
        }

    def read(self, node, reader):
        """Read pairs."""
        return self.kind(
            (reader.value(key), reader.value(held)) for key, held in node["items"]
        )


class Scalar(Kind):
    """A number, boolean or string of numpy."""

    tag = "scalar"

    def takes(self, value):
        """Whether it is one that Python holds exactly."""
        return isinstance(value, np.generic) and type(value.item()) in (*PLAIN, float)

    def write(self, value, writer, path):
        """Write Python's value, and the dtype."""
        return {"dtype": value.dtype.str, "value": writer.node(value.item(), path)}

    def read(self, node, reader):
        """Read it."""
        return array_dtype(node["dtype"]).type(reader.value(node["value"]))


class NumberArray(Kind):
    """Arrays of numbers, booleans and dates: a tensor."""

    tag = "array"
    is_shared = True

    def takes(self, value):
        """Whether safetensors can hold it."""
        kind = value.dtype.kind if type(value) is np.ndarray else ""
        return bool(kind) and kind in "biufmM" and value.dtype.itemsize <= 8

    def write(self, value, writer, path):
        """Write unsigned numbers and dates as the signed ones of the same bits."""
        dtype = value.dtype.newbyteorder("=")
        stored = np.array(value, dtype=dtype, order="C")
        kind = AS_SIGNED.get(dtype.kind)
        if kind:
            stored = stored.view(f"{kind}{dtype.itemsize}")
        tensor = torch.from_numpy(stored)
        return {"tensor": writer.keep(tensor, path), "dtype": dtype.str}

    def read(self, node, reader):
        """Read the bits."""
        return reader.tensor(node).numpy().view(array_dtype(node["dtype"]))


class TextArray(Kind):
    """Arrays of strings: the different ones, and which stands where."""

    tag = "text"
    is_shared = True

    def takes(self, value):
        """Whether all are strings of numpy."""
        return type(value) is np.ndarray and value.dtype.kind == "U"

    def write(self, value, writer, path):
        """Write different strings, and codes."""
        texts, codes = np.unique(value, return_inverse=True)
        codes = np.array(codes.reshape(value.shape), dtype=np.int32, order="C")
        return {
            "texts": texts.tolist(),
            "tensor": writer.keep(torch.from_numpy(codes), path),
            "dtype": value.dtype.newbyteorder("=").str,
        }

    def read(self, node, reader):
        """Look the codes up."""
        texts = np.array(node["texts"], dtype=array_dtype(node["dtype"]))
        return texts[reader.tensor(node).numpy()]


class ObjectArray(Kind):
    """Arrays of objects, such as names of which some are numbers."""

    tag = "objects"
    is_shared = True

    def takes(self, value):
        """Whether the elements are Python's."""
        return type(value) is np.ndarray and value.dtype == object

    def write(self, value, writer, path):
        """Write the elements, row by row."""
        items = writer.items(value.ravel().tolist(), path)
        return {"shape": list(value.shape), "items": items}

    def read(self, node, reader):
        """Read the elements."""
        values = [reader.value(item) for item in node["items"]]
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array.reshape(node["shape"])


class Ragged(Kind):
    """A list of arrays alike, such as one a sequence: one array, and its lengths."""

    tag = "ragged"

    def takes(self, value):
        """Whether they differ in their length alone."""
        if type(value) is not list or len(value) < 2:
            return False
        return (
            all(type(v) is np.ndarray and v.ndim and v.dtype.kind != "O" for v in value)
            and len({(v.dtype, v.shape[1:]) for v in value}) == 1
            and len({id(v) for v in value}) == len(value)
        )

    def write(self, value, writer, path):
        """Write them one after another."""
        lengths = np.array([len(array) for array in value])
        return {
            "values": writer.node(np.concatenate(value), f"{path}.values"),
            "lengths": writer.node(lengths, f"{path}.lengths"),
        }

    def read(self, node, reader):
        """Cut them apart."""
        ends = np.cumsum(reader.value(node["lengths"]))[:-1]
        return np.split(reader.value(node["values"]), ends)


class Tensor(Kind):
    """Tensors and parameters."""

    tag = "tensor"
    is_shared = True

    def takes(self, value):
        """Whether it is a dense one."""
        return type(value) in (torch.Tensor, nn.Parameter) and not value.is_sparse

    def write(self, value, writer, path):
        """Write a copy on the CPU."""
        node = {"tensor": writer.keep(value, path)}
        if isinstance(value, nn.Parameter):
            node["trained"] = value.requires_grad
        return node

    def read(self, node, reader):
        """Read it, on the CPU."""
        tensor = reader.tensor(node)
        return nn.Parameter(tensor, node["trained"]) if "trained" in node else tensor


class Named(Kind):
    """Classes, functions and dtypes: a name of the list."""

    tag = "name"

    def takes(self, value):
        """Whether the list has it."""
        is_one = isinstance(value, (type, torch.dtype)) or callable(value)
        return is_one and name_of(value) is not None

    def write(self, value, writer, path):
        """Write the name."""
        return {"name": name_of(value)}

    def read(self, node, reader):
        """Look the name up."""
        return thing_named(node["name"])


class Device(Kind):
    """A torch.device."""

    tag = "device"

    def takes(self, value):
        """Whether it is one."""
        return isinstance(value, torch.device)

    def write(self, value, writer, path):
        """Write its name."""
        return {"device": str(value)}

    def read(self, node, reader):
        """Read its name."""
        return torch.device(node["device"])


class Random(Kind):
    """A RandomState, with what it will draw next."""

    tag = "random state"
    is_shared = True

    def takes(self, value):
        """Whether it is one."""
        return type(value) is np.random.RandomState

    def write(self, value, writer, path):
        """Write its state."""
        return {"state": writer.node(value.get_state(), f"{path}.state")}

    def read(self, node, reader):
        """Read its state."""
        random_state = np.random.RandomState(0)
        random_state.set_state(reader.value(node["state"]))
        return random_state


VALUES: tuple[Kind, ...] = (
    Float(),
    Ragged(),
    Sequence("tuple", tuple),
    Sequence("set", set),
    Sequence("frozenset", frozenset),
    Sequence("history", History),
    Mapping("dict", dict),
    Mapping("ordered dict", OrderedDict),
    Scalar(),
    NumberArray(),
    TextArray(),
    ObjectArray(),
    Tensor(),
    Named(),
    Device(),
    Random(),
)
