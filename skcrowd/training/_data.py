"""Items and their answers, handed to skorch a whole batch at a time."""

import itertools

import torch
from torch.utils.data import DataLoader, Dataset, RandomSampler, SequentialSampler

from skcrowd.training._tensors import as_tensor

__all__ = ["BatchLoader", "CrowdDataset"]

# The answers of so many batches are gathered at once, so that the memory it takes
# does not grow with the data.
BATCHES_AT_ONCE = 256


class CrowdDataset(Dataset):
    """Items with the answers they got, read by the batch.

    Parameters
    ----------
    X : ndarray of shape (n_items, ...)
        Features.
    y : dict of Tensor, default=None
        ``annotator`` and ``answer`` (n_answers,), ``indptr`` (n_items + 1,): the
        answers of item n are ``indptr[n]:indptr[n + 1]``. ``item_weight`` and
        ``answer_weight``, of shape (n_items,) or scalars. Optionally ``target``
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

    def __getitem__(self, batch):
        """Return features and answers of a batch.

        Parameters
        ----------
        batch : tuple
            The rows of X, a slice or a tensor, and the answers that
            :meth:`batches` gathered for them.

        Returns
        -------
        X : Tensor of shape (n_batch, ...)
        y : dict of Tensor
            ``item`` (position within the batch), ``annotator``, ``answer`` and
            ``answer_weight`` of the batch's answers; ``item_weight`` and ``target`` of
            its items. An empty tensor where the data set has no answers.
        """
        rows, answers = batch
        if self.y is None:
            return self.X[rows], torch.empty(0)
        if "target" in self.y:
            answers["target"] = self.y["target"][rows]
        return self.X[rows], answers

    def batches(self, order, batch_size):
        """Cut items into batches and gather the answers of each.

        Parameters
        ----------
        order : Tensor of shape (n,) or None
            Positions of the items; None takes all as they stand.
        batch_size : int

        Yields
        ------
        batch : tuple
            What ``__getitem__`` takes.
        """
        if order is None and self.rows is None and self.y is None:
            for start in range(0, len(self), batch_size):
                yield slice(start, start + batch_size), None
            return
        order = torch.arange(len(self)) if order is None else order
        rows = order if self.rows is None else self.rows[order]
        for block in rows.split(batch_size * BATCHES_AT_ONCE):
            answers = self._answers_of(block, batch_size)
            yield from zip(block.split(batch_size), answers, strict=True)

    def _answers_of(self, rows, batch_size):
        """Gather the answers of the rows, a dict a batch."""
        n_batches = -(-len(rows) // batch_size)
        if self.y is None:
            return [None] * n_batches
        start = self.y["indptr"][rows]
        count = self.y["indptr"][rows + 1] - start
        place = torch.repeat_interleave(start - count.cumsum(0) + count, count)
        place += torch.arange(len(place))
        gathered = {
            "item": torch.repeat_interleave(
                torch.arange(len(rows)) % batch_size, count
            ),
            "annotator": self.y["annotator"][place],
            "answer": self.y["answer"][place],
        }
        sizes = [int(part.sum()) for part in count.split(batch_size)]
        weight = self._weights_of(rows, count, batch_size, sizes)
        parts = zip(*(v.split(sizes) for v in gathered.values()), strict=True)
        return [
            dict(zip(gathered, part, strict=True)) | w
            for part, w in zip(parts, weight, strict=True)
        ]

    def _weights_of(self, rows, count, batch_size, sizes):
        item, answer = self.y["item_weight"], self.y["answer_weight"]
        if not item.ndim:
            return [{"item_weight": item, "answer_weight": answer}] * len(sizes)
        answer = torch.repeat_interleave(answer[rows], count).split(sizes)
        parts = zip(item[rows].split(batch_size), answer, strict=True)
        return [{"item_weight": i, "answer_weight": a} for i, a in parts]


class BatchLoader(DataLoader):
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
        if sampler is not None and shuffle:
            raise ValueError("sampler and shuffle=True exclude each other; drop one.")
        if shuffle:
            sampler = RandomSampler(dataset, generator=generator)
        elif generator is None:  # else an iteration would advance the caller's
            generator = torch.Generator()
        super().__init__(
            dataset,
            batch_size=None,
            sampler=_Batches(dataset, sampler, batch_size, drop_last),
            collate_fn=_identity,
            generator=generator,
            **kwargs,
        )


class _Batches:
    """Cut the order that a sampler gives into batches."""

    def __init__(self, dataset, sampler, batch_size, drop_last):
        self.dataset = dataset
        self.sampler = SequentialSampler(dataset) if sampler is None else sampler
        self.batch_size = batch_size
        self.drop_last = drop_last
        if not len(self):
            raise ValueError(
                f"drop_last=True leaves no batch of {batch_size} out of "
                f"{len(self.sampler)} items; lower batch_size or set drop_last=False."
            )

    def __len__(self):
        whole, rest = divmod(len(self.sampler), self.batch_size)
        return whole + bool(rest and not self.drop_last)

    def __iter__(self):
        batches = self.dataset.batches(self._order(), self.batch_size)
        yield from itertools.islice(batches, len(self))

    def _order(self):
        if isinstance(self.sampler, SequentialSampler):
            return None
        if type(self.sampler) is RandomSampler and self.sampler.generator is None:
            return torch.randperm(len(self.sampler))
        return torch.as_tensor(list(self.sampler))


def _identity(batch):
    return batch
