"""Arrays and tensors, whose numbers are stored by safetensors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy.sparse import csc_array, csc_matrix, csr_array, csr_matrix
from torch import nn

from skcrowd.persistence._kind import PLAIN, Kind
from skcrowd.persistence._nameable import array_dtype
from skcrowd.training._tensors import as_tensor

if TYPE_CHECKING:
    from ._tree import Reader, Writer


__all__ = ["ARRAYS"]

AS_SIGNED = {"u": "i", "M": "i", "m": "i"}
MAX_EXPANSION = 16  # bytes of an array of strings per byte of strings and codes
SPARSE = {c.__name__: c for c in (csc_array, csc_matrix, csr_array, csr_matrix)}


class Scalar(Kind):
    """A number, boolean or string of numpy."""

    tag = "scalar"

    def takes(self, value: Any) -> bool:
        """Whether it is a numpy scalar with an equal Python value."""
        return isinstance(value, np.generic) and type(value.item()) in (*PLAIN, float)

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write Python's value and the dtype."""
        return {"dtype": value.dtype.str, "value": writer.node(value.item(), path)}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the scalar."""
        return array_dtype(node["dtype"]).type(reader.value(node["value"]))


class NumberArray(Kind):
    """Arrays of numbers, booleans and dates, stored as a tensor."""

    tag = "array"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether safetensors can store it."""
        kind = value.dtype.kind if type(value) is np.ndarray else ""
        return bool(kind) and kind in "biufmM" and value.dtype.itemsize <= 8

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write a tensor; unsigned numbers and dates as signed ones."""
        dtype = value.dtype.newbyteorder("=")
        stored = np.asarray(value, dtype=dtype, order="C")
        kind = AS_SIGNED.get(dtype.kind)
        if kind:
            stored = stored.view(f"{kind}{dtype.itemsize}")
        return {"tensor": writer.keep(as_tensor(stored), path), "dtype": dtype.str}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the tensor and view it with the stored dtype."""
        dtype, stored = array_dtype(node["dtype"]), reader.tensor(node).numpy()
        kind = AS_SIGNED.get(dtype.kind, dtype.kind)
        if (stored.dtype.kind, stored.dtype.itemsize) != (kind, dtype.itemsize):
            raise ValueError(f"it holds {stored.dtype} where {dtype} is expected")
        return stored.view(dtype)


class TextArray(Kind):
    """Arrays of strings, stored as distinct strings and codes, or as characters.

    In a numpy array every string takes as much memory as the longest. Where distinct
    strings and codes would take much less, the characters are stored instead: then no
    file needs much more memory than its size.
    """

    tag = "text"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is an array with a string dtype."""
        return type(value) is np.ndarray and value.dtype.kind == "U"

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write distinct strings and codes, or characters, whichever is smaller."""
        value = np.array(value, dtype=value.dtype.newbyteorder("="), order="C")
        texts, codes = np.unique(value, return_inverse=True)
        codes = np.array(codes.reshape(value.shape), dtype=np.int32, order="C")
        node = {"shape": list(value.shape), "dtype": value.dtype.str}
        n_stored = codes.nbytes + sum(map(len, texts.tolist()))
        if value.nbytes > MAX_EXPANSION * (n_stored + 2**10):
            characters = torch.from_numpy(value.reshape(-1).view(np.int32))
            return {**node, "characters": writer.keep(characters, path)}
        tensor_name = writer.keep(torch.from_numpy(codes), path)
        return {**node, "texts": texts.tolist(), "tensor": tensor_name}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the array from either form."""
        dtype, shape = array_dtype(node["dtype"]), tuple(node["shape"])
        if dtype.kind != "U":
            raise ValueError(f"it holds strings of {dtype}")
        width = dtype.itemsize // 4
        if "characters" in node:
            characters = reader.tensors[node["characters"]].numpy()
            if characters.dtype != np.int32 or (characters < 0).any():
                raise ValueError("it holds codes that are not characters")
            array = characters.view(dtype) if width else np.zeros(shape, dtype)
            array = array.reshape(shape)
            array.tolist()  # raises for invalid characters
            return array
        texts, codes = node["texts"], reader.tensor(node).numpy()
        if any(type(text) is not str or len(text) > width for text in texts):
            raise ValueError("it holds values that are not strings, or too long")
        reader.claim((len(texts) + codes.size) * dtype.itemsize)
        if codes.shape != shape or codes.dtype != np.int32 or (codes < 0).any():
            raise ValueError(f"it holds wrong codes, {codes.dtype} of {codes.shape}")
        return np.array(texts, dtype=dtype)[codes]


class ObjectArray(Kind):
    """Arrays of objects, such as names of which some are numbers."""

    tag = "objects"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether all elements are Python objects that can be stored."""
        return type(value) is np.ndarray and value.dtype == object

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the elements, row by row."""
        items = writer.items(value.ravel().tolist(), path)
        return {"shape": list(value.shape), "items": items}

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the elements."""
        values = [reader.value(item) for item in node["items"]]
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return array.reshape(node["shape"])


class Ragged(Kind):
    """A list of similar arrays, such as one per sequence, stored concatenated."""

    tag = "ragged"

    def takes(self, value: Any) -> bool:
        """Whether the arrays differ in their lengths only."""
        if type(value) is not list or len(value) < 2:
            return False
        return (
            all(type(v) is np.ndarray and v.ndim and v.dtype.kind != "O" for v in value)
            and len({(v.dtype, v.shape[1:]) for v in value}) == 1
            and len({id(v) for v in value}) == len(value)
        )

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write the concatenated array and the lengths."""
        lengths = np.array([len(array) for array in value])
        return {
            "values": writer.node(np.concatenate(value), f"{path}.values"),
            "lengths": writer.node(lengths, f"{path}.lengths"),
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Read and split the array."""
        lengths, values = reader.value(node["lengths"]), reader.value(node["values"])
        if lengths.ndim != 1 or lengths.dtype.kind != "i" or (lengths < 0).any():
            raise ValueError("it holds lengths that are not positive integers")
        ends = np.cumsum(lengths)
        if ends[-1] != len(values) or (ends < 0).any():
            raise ValueError("it holds lengths that do not fit their values")
        return np.split(values, ends[:-1])


class Tensor(Kind):
    """Tensors and parameters."""

    tag = "tensor"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is a dense tensor."""
        return type(value) in (torch.Tensor, nn.Parameter) and not value.is_sparse

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write a copy on the CPU."""
        node: dict[str, Any] = {"tensor": writer.keep(value, path)}
        if isinstance(value, nn.Parameter):
            node["trained"] = value.requires_grad
        return node

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the tensor, on the CPU."""
        tensor = reader.tensor(node)
        if "trained" not in node:
            return tensor
        return nn.Parameter(tensor, requires_grad=node["trained"] is True)


class Sparse(Kind):
    """Sparse matrices of scipy, by rows or by columns."""

    tag = "sparse"
    is_shared = True

    def takes(self, value: Any) -> bool:
        """Whether it is a CSR or CSC matrix."""
        return type(value) in SPARSE.values()

    def write(self, value: Any, writer: Writer, path: Any) -> Any:
        """Write data, indices and indptr."""
        parts = {"data": value.data, "indices": value.indices, "indptr": value.indptr}
        return {
            "class": type(value).__name__,
            "shape": [int(size) for size in value.shape],
            "parts": writer.node(parts, path),
        }

    def read(self, node: Any, reader: Reader) -> Any:
        """Read the matrix, and check its indices."""
        parts = reader.value(node["parts"])
        arrays = parts["data"], parts["indices"], parts["indptr"]
        matrix = SPARSE[node["class"]](arrays, shape=tuple(node["shape"]))
        matrix.check_format(full_check=True)  # bad indices would crash the process
        return matrix


ARRAYS: tuple[Kind, ...] = (
    Ragged(),
    Scalar(),
    NumberArray(),
    TextArray(),
    ObjectArray(),
    Tensor(),
    Sparse(),
)
