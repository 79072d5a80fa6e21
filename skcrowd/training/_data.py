"""Data set of items and answers, and a loader that reads whole batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy import sparse
from torch.utils.data import DataLoader, Dataset, RandomSampler, SequentialSampler

from skcrowd.training._encoded_rows import EncodedRows
from skcrowd.training._items import DatasetItems, ItemRows, Items
from skcrowd.training._seeding import own_draws
from skcrowd.training._tensors import SparseRows, as_tensor, places_of

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Features, IntArray

    from ._part import Part


__all__ = ["BatchLoader", "CrowdDataset", "as_rows"]

# Number of batches whose answers are gathered at once; bounds the memory.
BATCHES_AT_ONCE = 256
_ANSWERS = {
    "annotator",
    "answer",
    "answer_power",
    "indptr",
    "item_weight",
    "answer_weight",
}


class CrowdDataset(Dataset[Any]):
    """Items with the answers they got, read by the batch.

    Parameters
    ----------
    X : ndarray or CSR matrix of shape (n_items, ...), Items, SparseRows, ItemRows or \
            EncodedRows
        Features. A batch of a sparse matrix is a sparse tensor.
    y : dict of Tensor, default=None
        ``annotator`` and ``answer`` (n_answers,), ``indptr`` (n_items + 1,): the
        answers of item n are ``indptr[n]:indptr[n + 1]``. ``item_weight`` and
        ``answer_weight``, of shape (n_items,) or scalars; ``answer_power``, by which
        the weights of single answers are multiplied, (n_answers,), or not at all.
        Anything else, such as
        ``target``, has a row for each item, (n_items, ...). None for prediction.
    rows : Tensor of shape (n_rows,), default=None
        The items of this data set; all by default.

    Attributes
    ----------
    part : Part or None
        The part of each batch that this process reads, while several train together.
    """

    part: Part | None = None

    def __init__(
        self, X: Features, y: AnswersLike = None, rows: torch.Tensor | None = None
    ) -> None:
        self.X = as_rows(X)
        self.y = y
        self.rows = rows

    def __len__(self) -> int:
        return len(self.X if self.rows is None else self.rows)

    def subset(self, rows: Any) -> CrowdDataset:
        """Return a view on some items, given by their index in the whole."""
        return CrowdDataset(self.X, self.y, torch.as_tensor(rows))

    def with_collate(self, collate: Callable[[list[Any]], Any]) -> CrowdDataset:
        """Return this data set, with items collated by a function of the user.

        Raises
        ------
        ValueError
            If X is not a PyTorch data set: its batches are rows of arrays.
        """
        items = getattr(self.X, "items", None)
        if not isinstance(items, DatasetItems):
            raise ValueError(
                "collate_fn makes a batch of a list of items of a "
                "torch.utils.data.Dataset, but X is no such data set; leave it out."
            )
        collated = DatasetItems(items.dataset, items.index, collate)
        return CrowdDataset(collated, self.y, self.rows)

    def __getitem__(self, batch: tuple[Any, ...]) -> tuple[Any, Any]:
        """Return features and answers of a batch.

        Parameters
        ----------
        batch : tuple
            The rows of X, a slice or a tensor, and the answers that
            :meth:`batches` gathered for them.

        Returns
        -------
        X : Tensor of shape (n_batch, ...), or what `Items` return
        y : dict of Tensor
            ``item`` (position within the batch), ``annotator``, ``answer`` and
            ``answer_weight`` of the batch's answers; ``item_weight`` of its items, and
            the other values of its items. An empty tensor where it has no
            answers. With a `part`, X holds the items of this part alone, and y also
            ``part_sizes``, the number of items of each part.
        """
        rows, answers = batch
        if self.y is None:
            return self._features(rows), torch.empty(0)
        y = answers | self.item_values(rows)
        if self.part is None:
            return self._features(rows), y
        sizes = self.part.sizes(len(rows))
        with own_draws(self.part.rank):  # such as those of an augmentation
            X = self._features(rows[self.part.own(sizes)])
        return X, y | {"part_sizes": torch.tensor(sizes)}

    def _features(self, rows: slice | torch.Tensor) -> Any:
        """Return the features of some rows, in memory of their own.

        A network may work in place, but not on the user's array, or a read-only file.
        """
        if not isinstance(rows, slice):
            return self.X.index_select(0, rows)
        selected = self.X[rows]
        return selected.clone() if isinstance(selected, torch.Tensor) else selected

    def item_values(self, items: torch.Tensor) -> dict[str, Any]:
        """Return the other values of the items, such as their targets."""
        return {
            name: values.index_select(0, items)
            for name, values in self.y.items()
            if name not in _ANSWERS
        }

    def batches(
        self, order: torch.Tensor | None, batch_size: int
    ) -> Iterator[tuple[Any, ...]]:
        """Cut items into batches and gather the answers of each.

        Parameters
        ----------
        order : Tensor of shape (n,) or None
            Positions of the items; None takes all as they stand.
        batch_size : int

        Yields
        ------
        batch : tuple
            Argument of ``__getitem__``.
        """
        if order is None and self.rows is None and self.y is None:
            ends = itertools.accumulate(batch_sizes(len(self), batch_size), initial=0)
            yield from ((slice(*both), None) for both in itertools.pairwise(ends))
            return
        order = torch.arange(len(self)) if order is None else order
        rows = order if self.rows is None else self.rows[order]
        sizes = batch_sizes(len(rows), batch_size)
        blocks = [
            sizes[i : i + BATCHES_AT_ONCE]
            for i in range(0, len(sizes), BATCHES_AT_ONCE)
        ]
        for block, block_sizes in zip(
            rows.split([*map(sum, blocks)]), blocks, strict=True
        ):
            answers = self._answers_of(block, block_sizes)
            yield from zip(block.split(block_sizes), answers, strict=True)

    def _answers_of(
        self, rows: torch.Tensor, sizes: list[int]
    ) -> list[dict[str, torch.Tensor] | None]:
        """Gather the answers of the rows, one dict per batch."""
        if self.y is None:
            return [None] * len(sizes)
        ends, row = self.y["indptr"].numpy(), rows.numpy()
        count = ends[row + 1] - ends[row]
        place = places_of(self.y["indptr"], rows)
        position = np.concatenate([np.arange(size) for size in sizes])
        gathered = {
            "item": torch.from_numpy(np.repeat(position, count)),
            "annotator": self.y["annotator"].index_select(0, place),
            "answer": self.y["answer"].index_select(0, place),
        }
        begins = np.cumsum([0, *sizes[:-1]])
        n_answers = np.add.reduceat(count, begins).tolist()
        weight = self._weights_of(rows, count, sizes, n_answers)
        if "answer_power" in self.y:
            powers = self.y["answer_power"][place].split(n_answers)
            weight = [
                w | {"answer_weight": w["answer_weight"] * p, "answer_power": p}
                for w, p in zip(weight, powers, strict=True)
            ]
        parts = zip(*(v.split(n_answers) for v in gathered.values()), strict=True)
        return [
            dict(zip(gathered, part, strict=True)) | w
            for part, w in zip(parts, weight, strict=True)
        ]

    def _weights_of(
        self,
        rows: torch.Tensor,
        count: IntArray,
        sizes: list[int],
        n_answers: list[int],
    ) -> list[dict[str, torch.Tensor]]:
        item, answer = self.y["item_weight"], self.y["answer_weight"]
        items = item[rows].split(sizes) if item.ndim else [item] * len(sizes)
        if answer.ndim:
            of_answers = torch.repeat_interleave(answer[rows], torch.from_numpy(count))
            answers = of_answers.split(n_answers)
        else:
            answers = [answer] * len(sizes)
        return [
            {"item_weight": i, "answer_weight": a}
            for i, a in zip(items, answers, strict=True)
        ]


def batch_sizes(n_items: int, batch_size: int) -> list[int]:
    """Return the sizes of the batches; a single last item joins the batch before it.

    Batch normalisation cannot train on one item.
    """
    n_full, n_left = divmod(n_items, batch_size)
    sizes = [batch_size] * n_full + [n_left] * bool(n_left)
    if n_left == 1 and n_full and batch_size > 1:
        sizes[-2:] = [batch_size + 1]
    return sizes


class BatchLoader(DataLoader[Any]):
    """A DataLoader that asks the data set for whole batches.

    Parameters
    ----------
    dataset : CrowdDataset
    batch_size : int, default=256
    shuffle : bool, default=False
    drop_last : bool, default=False
        Leave out the last batch if it is smaller than the others.
    sampler : torch.utils.data.Sampler, default=None
        Yields the order of the items; excludes `shuffle`.
    generator : torch.Generator, default=None
    collate_fn : callable, default=None
        Makes a batch of a list of items of a PyTorch data set.
    **kwargs
        Further arguments of :class:`torch.utils.data.DataLoader`.
    """

    def __init__(
        self,
        dataset: CrowdDataset,
        batch_size: int = 256,
        *,
        shuffle: bool = False,
        drop_last: bool = False,
        sampler: Any = None,
        generator: torch.Generator | None = None,
        collate_fn: Any = None,
        **kwargs: Any,
    ) -> None:
        if collate_fn is not None:
            dataset = dataset.with_collate(collate_fn)
        if sampler is not None and shuffle:
            raise ValueError("sampler and shuffle=True exclude each other; drop one.")
        if shuffle:
            sampler = RandomSampler(dataset, generator=generator)
        self.has_own_generator = generator is None and not shuffle
        if self.has_own_generator:  # else an iteration would advance the caller's
            generator = torch.Generator()
        super().__init__(
            dataset,
            batch_size=None,
            sampler=_Batches(dataset, sampler, batch_size, drop_last),
            collate_fn=_identity,
            generator=generator,
            **kwargs,
        )

    def __iter__(self) -> Any:
        """Read the batches; in this process without a DataLoader's bookkeeping."""
        if self.num_workers or self.pin_memory:
            return super().__iter__()
        # A DataLoader draws a seed for its workers, also where it has none.
        if not self.has_own_generator:
            torch.empty((), dtype=torch.int64).random_(generator=self.generator)
        return map(self.dataset.__getitem__, self.sampler)


class _Batches:
    """Cut the order that a sampler gives into batches."""

    def __init__(
        self, dataset: CrowdDataset, sampler: Any, batch_size: int, drop_last: bool
    ) -> None:
        self.dataset = dataset
        self.sampler = SequentialSampler(dataset) if sampler is None else sampler
        self.batch_size = batch_size
        self.drop_last = drop_last
        if not len(self):
            raise ValueError(
                f"drop_last=True leaves no batch of {batch_size} out of "
                f"{len(self.sampler)} items; lower batch_size or set drop_last=False."
            )

    def __len__(self) -> int:
        n_items = len(self.sampler)
        if self.drop_last:
            return n_items // self.batch_size
        return len(batch_sizes(n_items, self.batch_size))

    def __iter__(self) -> Iterator[tuple[Any, ...] | None]:
        order = self._order()
        if self.drop_last:
            kept = len(self) * self.batch_size
            order = torch.arange(kept) if order is None else order[:kept]
        yield from self.dataset.batches(order, self.batch_size)

    def _order(self) -> torch.Tensor | None:
        if isinstance(self.sampler, SequentialSampler):
            return None
        if type(self.sampler) is RandomSampler and self.sampler.generator is None:
            return torch.randperm(len(self.sampler))
        return torch.as_tensor(list(self.sampler))


def as_rows(X: Features) -> Any:
    """Return features as a data set reads them: rows by ``index_select``."""
    if isinstance(X, (SparseRows, ItemRows, EncodedRows)):
        return X
    if isinstance(X, Items):
        return ItemRows(X)
    return SparseRows(X) if sparse.issparse(X) else as_tensor(X)


def _identity(
    batch: Any,
) -> Any:
    return batch
