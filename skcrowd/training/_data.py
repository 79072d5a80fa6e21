"""Items and their answers, handed to skorch a whole batch at a time."""

import torch
from torch.utils.data import DataLoader, Dataset, RandomSampler, SequentialSampler

from skcrowd.training._tensors import as_tensor

__all__ = ["BatchLoader", "CrowdDataset"]


class CrowdDataset(Dataset):
    """Items with the answers they got; an index tensor returns a whole batch.

    The answers lie sorted by item, so those of a batch are a few slices, and a step
    costs what its own answers cost.

    Parameters
    ----------
    X : ndarray of shape (n_items, ...)
        Features.
    y : dict of Tensor, default=None
        ``annotator`` and ``answer`` (n_answers,), ``indptr`` (n_items + 1,),
        ``item_weight`` and ``answer_weight`` (n_items,) and optionally ``target``
        (n_items, n_classes). None for prediction.
    rows : Tensor of shape (n_rows,), default=None
        The items this data set shows; all by default.
    """

    def __init__(self, X, y=None, rows=None):
        self.X = as_tensor(X)
        self.y = y
        self.rows = rows

    def __len__(self):
        return len(self.X if self.rows is None else self.rows)

    def subset(self, rows):
        """Return a view on some items, given by their index in the whole."""
        return CrowdDataset(self.X, self.y, torch.as_tensor(rows))

    def __getitem__(self, index):
        """Return features and answers of a batch.

        Parameters
        ----------
        index : slice or Tensor of shape (n_batch,)

        Returns
        -------
        X : Tensor of shape (n_batch, ...)
        y : dict of Tensor
            ``item`` (position within the batch), ``annotator`` and ``answer`` of the
            batch's answers; ``item_weight``, ``answer_weight`` and ``target`` of its
            items. An empty tensor where the data set has no answers.
        """
        rows = index if self.rows is None else self.rows[index]
        features = self.X[rows]
        if self.y is None:
            return features, torch.empty(0)
        if isinstance(rows, slice):
            rows = torch.arange(len(self.X))[rows]
        return features, self._answers_of(rows)

    def _answers_of(self, rows):
        start = self.y["indptr"][rows]
        count = self.y["indptr"][rows + 1] - start
        item = torch.repeat_interleave(count)
        shift = start - count.cumsum(0) + count
        place = torch.arange(len(item)) + shift[item]
        batch = {
            "item": item,
            "annotator": self.y["annotator"][place],
            "answer": self.y["answer"][place],
            "item_weight": self.y["item_weight"][rows],
            "answer_weight": self.y["answer_weight"][rows],
        }
        if "target" in self.y:
            batch["target"] = self.y["target"][rows]
        return batch


class BatchLoader(DataLoader):
    """A DataLoader that asks the data set for whole batches.

    Parameters
    ----------
    dataset : CrowdDataset
    batch_size : int, default=256
    shuffle : bool, default=False
    drop_last : bool, default=False
    sampler : torch.utils.data.Sampler, default=None
        Yields the order of the items; excludes `shuffle`.
    generator : torch.Generator, default=None
    **kwargs
        Further arguments of :class:`torch.utils.data.DataLoader`.
    """

    def __init__(
        self,
        dataset,
        batch_size=256,
        *,
        shuffle=False,
        drop_last=False,
        sampler=None,
        generator=None,
        **kwargs,
    ):
        if sampler is None:
            sampler = (
                RandomSampler(dataset, generator=generator)
                if shuffle
                else SequentialSampler(dataset)
            )
        elif shuffle:
            raise ValueError("sampler and shuffle=True exclude each other; drop one.")
        batches = _Batches(sampler, batch_size, drop_last)
        super().__init__(
            dataset,
            batch_size=None,
            sampler=batches,
            collate_fn=_identity,
            generator=generator,
            **kwargs,
        )


class _Batches:
    """Cut the order that a sampler gives into batches."""

    def __init__(self, sampler, batch_size, drop_last):
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __len__(self):
        n_items = len(self.sampler)
        if self.drop_last:
            return n_items // self.batch_size
        return -(-n_items // self.batch_size)

    def __iter__(self):
        size = self.batch_size
        if isinstance(self.sampler, SequentialSampler):
            yield from (slice(i * size, (i + 1) * size) for i in range(len(self)))
            return
        order = self._order()
        yield from order.split(size)[: len(self)]

    def _order(self):
        if type(self.sampler) is RandomSampler and self.sampler.generator is None:
            return torch.randperm(len(self.sampler))
        return torch.as_tensor(list(self.sampler))


def _identity(batch):
    return batch
