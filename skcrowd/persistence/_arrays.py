"""Arrays and tensors: their numbers go to safetensors."""

import numpy as np
import torch
from scipy.sparse import csc_array, csc_matrix, csr_array, csr_matrix
from torch import nn

from skcrowd.persistence._kind import PLAIN, Kind
from skcrowd.persistence._names import array_dtype
from skcrowd.training._tensors import as_tensor

__all__ = ["ARRAYS"]

AS_SIGNED = {"u": "i", "M": "i", "m": "i"}
SPARSE = {c.__name__: c for c in (csc_array, csc_matrix, csr_array, csr_matrix)}


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
        stored = np.asarray(value, dtype=dtype, order="C")
        kind = AS_SIGNED.get(dtype.kind)
        if kind:
            stored = stored.view(f"{kind}{dtype.itemsize}")
        return {"tensor": writer.keep(as_tensor(stored), path), "dtype": dtype.str}

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


class Sparse(Kind):
    """Sparse matrices of scipy, by rows or by columns."""

    tag = "sparse"
    is_shared = True

    def takes(self, value):
        """Whether it is one of those."""
        return type(value) in SPARSE.values()

    def write(self, value, writer, path):
        """Write its three arrays."""
        parts = {"data": value.data, "indices": value.indices, "indptr": value.indptr}
        return {
            "class": type(value).__name__,
            "shape": [int(size) for size in value.shape],
            "parts": writer.node(parts, path),
        }

    def read(self, node, reader):
        """Put them together."""
        parts = reader.value(node["parts"])
        arrays = parts["data"], parts["indices"], parts["indptr"]
        return SPARSE[node["class"]](arrays, shape=tuple(node["shape"]))


ARRAYS: tuple[Kind, ...] = (
    Ragged(),
    Scalar(),
    NumberArray(),
    TextArray(),
    ObjectArray(),
    Tensor(),
    Sparse(),
)
