"""Fingerprints of inputs of a fit by their content."""

from __future__ import annotations

import functools
import hashlib
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch
from scipy import sparse
from sklearn.base import BaseEstimator
from torch import nn

__all__ = ["fingerprint", "summary"]

PLAIN = (type(None), bool, int, float, complex, str, bytes)
FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType, np.ufunc)
NO_EFFECT = {"n_jobs", "verbose"}  # parameters without effect on results
LARGEST_COPY = 2**26  # bytes
LONGEST = 60  # characters of a value that is shown in full


def fingerprint(value: Any) -> str:
    """Return a digest of a value's content, the same in every process.

    Arrays, tensors, containers, networks, dataclasses, estimators and other objects
    are traversed. A class counts by its name, a function by its name and code.

    Parameters
    ----------
    value : object

    Returns
    -------
    digest : str
        32 hexadecimal digits.
    """
    return _Reader().digest(value)


def summary(value: Any) -> str:
    """Return a short value as it is written in code, else "#" and its fingerprint.

    Parameters
    ----------
    value : object

    Returns
    -------
    text : str
    """
    text = repr(value) if isinstance(value, PLAIN) else _name(value)
    if text is not None and len(text) <= LONGEST and not text.startswith("#"):
        return text
    return f"#{fingerprint(value)}"


def _name(value: Any) -> str | None:
    """Name of a class; None for everything else."""
    if not isinstance(value, type):
        return None
    return f"{value.__module__}.{value.__qualname__}"


class _Reader:
    """Update a hash by a value, recursively, with a reader for each type."""

    def __init__(self) -> None:
        self.hash = hashlib.blake2b(digest_size=16)
        self.open: list[Any] = []  # objects being read, to detect cycles

    def digest(self, value: Any) -> str:
        """Read a value; return the digest of everything read."""
        self.read(value)
        return self.hash.hexdigest()

    def read(self, value: Any) -> None:
        """Read any value."""
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, PLAIN):
            self.text(type(value).__name__, repr(value))
        elif any(value is other for other in self.open):
            self.text("cycle")
        else:
            self.open.append(value)
            self.parts(value)
            self.open.pop()

    def text(self, *words: Any) -> None:
        """Read words, each preceded by its length."""
        for word in words:
            content = word.encode("utf-8", "surrogatepass")
            self.hash.update(len(content).to_bytes(8, "little") + content)

    def parts(self, value: Any) -> None:
        """Read a value that has parts."""
        for kinds, read in self.readers():
            if isinstance(value, kinds):
                read(value)
                return
        if is_dataclass(value):
            self.object(value, {f.name: getattr(value, f.name) for f in fields(value)})
        else:
            self.reduced(value)

    def readers(self) -> Any:
        """Return pairs of types and readers; the first match is used."""
        return (
            (np.ndarray, self.array),
            (torch.Tensor, self.tensor),
            (nn.Module, self.network),
            (Mapping, self.mapping),
            ((list, tuple), self.sequence),
            ((set, frozenset), self.set),
            (type, self.name),
            (functools.partial, self.partial),
            (types.MethodType, self.method),
            (types.CodeType, self.code),
            (FUNCTIONS, self.function),
            (torch.Generator, self.generator),
            (BaseEstimator, self.estimator),
            (sparse.sparray | sparse.spmatrix, self.sparse),
        )

    def array(self, value: Any) -> None:
        """Read shape and content; of arrays of objects the objects."""
        self.text("array", value.dtype.str, repr(value.shape))
        if value.dtype.hasobject:
            self.sequence(value.ravel().tolist())
            return
        blocks = max(1, value.nbytes // LARGEST_COPY)
        for block in np.array_split(np.atleast_1d(value), blocks):
            self.hash.update(np.ascontiguousarray(block).tobytes())

    def tensor(self, value: Any) -> None:
        """Read type, shape and content."""
        value = value.detach().cpu()
        self.text("tensor", str(value.dtype), repr(tuple(value.shape)))
        if value.layout is not torch.strided:
            value = value.to_sparse_coo().coalesce()
            self.tensor(value.indices())
            value = value.values()
        if value.numel():
            self.hash.update(value.contiguous().flatten().view(torch.uint8).numpy())

    def sparse(self, value: Any) -> None:
        """Read the stored entries."""
        value = value.tocsr(copy=True)
        value.sum_duplicates()
        self.text("sparse", repr(value.shape))
        for part in (value.indptr, value.indices, value.data):
            self.array(part)

    def network(self, value: Any) -> None:
        """Read parameters, buffers, the classes of all parts, and their numbers."""
        for name, part in value.named_modules():
            numbers = {k: v for k, v in vars(part).items() if isinstance(v, PLAIN)}
            numbers.pop("training")
            self.object(part, {"": name, **numbers})
        self.mapping(value.state_dict())

    def mapping(self, value: Any) -> None:
        """Read keys and values, independent of their order."""
        self.text("mapping", str(len(value)))
        for key in sorted(value, key=repr):
            self.read(key)
            self.read(value[key])

    def sequence(self, value: Any) -> None:
        """Read the elements."""
        self.text("sequence", str(len(value)))
        for item in value:
            self.read(item)

    def set(self, value: Any) -> None:
        """Read the elements, independent of their order."""
        self.text("set")
        self.sequence(sorted(value, key=repr))

    def name(self, value: Any) -> None:
        """Read the name of a class."""
        self.text("name", value.__module__, value.__qualname__)

    def partial(self, value: Any) -> None:
        """Read the function and what is filled in."""
        self.text("partial")
        self.sequence((value.func, value.args, value.keywords))

    def method(self, value: Any) -> None:
        """Read the function, and the object it belongs to."""
        self.text("method")
        self.sequence((value.__func__, value.__self__))

    def function(self, value: Any) -> None:
        """Read the name; of a function in Python the code, too."""
        module = getattr(value, "__module__", "numpy")  # numpy 2.0: no ufunc has one
        name = getattr(value, "__qualname__", value.__name__)
        self.text("function", str(module), name)
        if isinstance(value, types.FunctionType):
            cells = [cell.cell_contents for cell in value.__closure__ or ()]
            self.sequence((value.__code__, value.__defaults__, cells))
            self.read(value.__kwdefaults__)

    def code(self, value: Any) -> None:
        """Read byte code, names and constants."""
        self.sequence((value.co_code, value.co_names, value.co_consts))

    def generator(self, value: Any) -> None:
        """Read the seed; the position in the sequence is state of a training."""
        self.text("generator", str(value.initial_seed()))

    def estimator(self, value: Any) -> None:
        """Read the parameters that change results."""
        params = value.get_params(deep=False)
        self.object(value, {k: v for k, v in params.items() if k not in NO_EFFECT})

    def object(self, value: Any, attributes: dict[str, Any]) -> None:
        """Read the class and the attributes of an object."""
        self.name(type(value))
        self.mapping(attributes)

    def reduced(self, value: Any) -> None:
        """Read the reduction for pickle; only the class if there is none."""
        self.name(type(value))
        try:
            reduced = value.__reduce_ex__(2)
        except (TypeError, AttributeError):
            return
        if isinstance(reduced, str):
            self.text(reduced)
        else:
            self.sequence(reduced[:3])
            for items in reduced[3:]:
                self.sequence(list(items or ()))
