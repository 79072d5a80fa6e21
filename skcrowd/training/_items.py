"""Items that are not one array: several arrays, texts, or a PyTorch data set.

Estimators treat them as they treat an array: they take rows, hash their content, and
read batches. What a network gets for a batch is what the container's `batch` returns.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import torch
from scipy import sparse
from torch.utils.data import default_collate

from skcrowd.annotations._hashing import content_hashes, hash_uint64
from skcrowd.training._tensors import SparseRows, as_tensor

if TYPE_CHECKING:
    from skcrowd._typing import Array, DTypeLike, IntArray


__all__ = [
    "ArrayItems",
    "DatasetItems",
    "ItemRows",
    "Items",
    "ObjectBatch",
    "PartColumns",
]

PartColumns = tuple[tuple[str, tuple[str, ...]], ...]


class Items(ABC):
    """Items of any form; base class.

    Attributes
    ----------
    shape : tuple of one int
        The number of items.
    dtype : numpy dtype
        float64 if the network is to compute in double precision, else float32.
    item_shape : tuple
        Names and shapes of the parts of an item, which must agree between fit and
        prediction; nested tuples of strings and integers.
    columns : tuple of (str, tuple of str)
        Names of the columns of the parts that are tables with such names.
    has_content : bool
        Whether reading an item twice gives the same content. Where it does not, an
        item is identified by its position.
    """

    dtype: Any = np.dtype(np.float32)
    item_shape: tuple[Any, ...] = ()
    columns: PartColumns = ()
    has_content = True

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def __getitem__(self, rows: Any) -> Self:
        """Return some of the items.

        Parameters
        ----------
        rows : slice, or ndarray of int or bool
        """

    @abstractmethod
    def batch(self, rows: IntArray) -> Any:
        """Return what the network gets for some items: tensors, or an ObjectBatch.

        Parameters
        ----------
        rows : int64 ndarray of shape (n_batch,)
        """

    @abstractmethod
    def content_hashes(self) -> Array:
        """Return a hash of each item, uint64 (n_items,), the same in any precision."""

    @property
    def shape(self) -> tuple[int]:
        """Number of items."""
        return (len(self),)

    def astype(self, dtype: DTypeLike) -> Self:
        """Return the items themselves: a batch takes the precision of its network."""
        return self


class ArrayItems(Items):
    """Arrays with a row for each item, by name or by position, or texts.

    Parameters
    ----------
    parts : dict of str to, or tuple of, ndarray or CSR matrix of shape (n_items, ...)
        An array of objects, of shape (n_items,), holds texts, such as documents or
        paths of images, which the network itself reads. Such an array may be the only
        part, without a name.
    columns : tuple of (str, tuple of str), default=()
        See :class:`Items`.
    """

    def __init__(
        self,
        parts: dict[str, Any] | tuple[Any, ...] | Array,
        columns: PartColumns = (),
    ) -> None:
        self.parts = parts
        self.columns = columns
        named = self._named()
        kinds = [part.dtype for part in named.values() if part.dtype.kind == "f"]
        if kinds and all(kind == np.float64 for kind in kinds):
            self.dtype = np.dtype(np.float64)
        self.item_shape = tuple(
            (str(name), *(("text",) if _is_text(part) else part.shape[1:]))
            for name, part in named.items()
        )

    def _named(self) -> dict[Any, Any]:
        """Return the parts by name, or by position."""
        if isinstance(self.parts, dict):
            return self.parts
        parts = self.parts if isinstance(self.parts, tuple) else (self.parts,)
        return dict(enumerate(parts))

    def _map(self, function: Callable[[Any], Any]) -> Any:
        """Apply a function to each part; return them in the form of the parts."""
        if isinstance(self.parts, dict):
            return {name: function(part) for name, part in self.parts.items()}
        if isinstance(self.parts, tuple):
            return tuple(map(function, self.parts))
        return function(self.parts)

    def __len__(self) -> int:
        return int(next(iter(self._named().values())).shape[0])

    def __getitem__(self, rows: Any) -> Self:
        return type(self)(self._map(lambda part: part[rows]), self.columns)

    def batch(self, rows: IntArray) -> Any:
        """Return tensors, and an ObjectBatch of texts, in the form of the parts."""
        return self._map(lambda part: _batch_of(part, rows))

    def content_hashes(self) -> Array:
        """Return a hash of each item: the sum over its parts and their names."""
        total = np.zeros(len(self), dtype=np.uint64)
        for name, part in self._named().items():
            total += hash_uint64(_part_hashes(part) ^ _text_hash(str(name)))
        return total


class DatasetItems(Items):
    """Items that a map-style data set computes when they are read.

    Each epoch reads each item anew, so a random augmentation differs between epochs.

    Parameters
    ----------
    dataset : object with ``__len__`` and ``__getitem__``
        Returns an item without its label. If it has ``__getitems__``, that is asked for
        a list of items at once, as PyTorch's loader does.
    index : int64 ndarray of shape (n_items,), default=None
        Positions of the items in the data set; all by default.
    collate : callable, default=None
        Makes a batch of a list of items; by default
        :func:`torch.utils.data.default_collate`.
    """

    has_content = False

    def __init__(
        self,
        dataset: Any,
        index: IntArray | None = None,
        collate: Callable[[list[Any]], Any] | None = None,
    ) -> None:
        self.dataset = dataset
        self.index = np.arange(len(dataset)) if index is None else index
        self.collate = collate

    def __len__(self) -> int:
        return len(self.index)

    def __getitem__(self, rows: Any) -> Self:
        return type(self)(self.dataset, self.index[rows], self.collate)

    def batch(self, rows: IntArray) -> Any:
        """Read the items and collate them."""
        collate = self.collate or default_collate
        return _as_batch(collate(self._items(self.index[rows].tolist())))

    def _items(self, positions: list[int]) -> Any:
        """Read some items, at once where the data set can."""
        read_all = getattr(self.dataset, "__getitems__", None)
        if read_all is not None:
            return read_all(positions)
        return [self.dataset[position] for position in positions]

    def content_hashes(self) -> Array:
        """Return a hash of the position of each item in the data set."""
        return hash_uint64(self.index.astype(np.uint64))


class ObjectBatch(Sequence[Any]):
    """A batch of Python objects, which no device holds.

    Parameters
    ----------
    objects : list
    """

    def __init__(self, objects: list[Any]) -> None:
        self.objects = objects

    def __len__(self) -> int:
        return len(self.objects)

    def __getitem__(self, position: Any) -> Any:
        return self.objects[position]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.objects)


class ItemRows:
    """Rows of items, read as batches by ``CrowdDataset``.

    Parameters
    ----------
    items : Items
    """

    def __init__(self, items: Items) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, rows: slice) -> Any:
        """Return the batch of a slice."""
        return self.items.batch(np.arange(*rows.indices(len(self))))

    def index_select(self, dim: int, rows: torch.Tensor) -> Any:
        """Return the batch of the items at some positions; as of a Tensor."""
        assert dim == 0
        return self.items.batch(rows.numpy())


def _is_text(part: Any) -> bool:
    """Whether a part of items holds texts."""
    return bool(part.dtype == object)


def _batch_of(part: Any, rows: IntArray) -> torch.Tensor | ObjectBatch:
    """Return some rows of an array or a CSR matrix for a network."""
    if sparse.issparse(part):
        return SparseRows(part)[rows]
    if _is_text(part):
        return ObjectBatch(part[rows].tolist())
    return as_tensor(part[rows])


def _part_hashes(part: Any) -> Array:
    """Return a hash of each row of a part, equal in both precisions."""
    if _is_text(part):
        return np.array([_text_hash(text) for text in part], dtype=np.uint64)
    if part.dtype.kind != "f":
        return content_hashes(part, np.int64)
    return content_hashes(part, np.float32)


def _text_hash(text: str) -> np.uint64:
    """Return a hash of a text."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return np.uint64(int.from_bytes(digest.digest(), "little"))


def _as_batch(collated: Any) -> Any:
    """Return collated items, texts among them as an ObjectBatch."""
    is_listed = isinstance(collated, list) and collated
    if is_listed and not any(map(torch.is_tensor, collated)):
        return ObjectBatch(collated)
    return collated
