"""What a worker does with a partition of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation._item_blocks import ItemBlocks, Sums
from skcrowd.annotations import Annotations

__all__ = [
    "Partition",
    "add_up",
    "agree",
    "dtype_of",
    "encode",
    "encode_dense",
    "hashes_of",
    "infer",
    "items_with",
    "labels_of",
    "labels_of_dense",
    "n_known",
    "proba_of",
    "table_of_labels",
    "vote",
    "vote_weighted",
]

MISSING = -1  # in a dense array of integers


@dataclass(eq=False)
class Partition:
    """The answers to some items, all of each.

    Parameters
    ----------
    blocks : ItemBlocks or None
        None where there is no answer.
    items : ndarray of shape (n_items,)
        Names.
    shape : tuple (n_annotators, n_classes)
    gold : int64 ndarray of shape (n_items,), default=None
        Codes of the true classes, -1 where the truth is not known.
    """

    blocks: ItemBlocks | None
    items: NDArray[Any]
    shape: tuple[int, int]
    gold: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, answers: Annotations, gold: Any, dtype: str) -> Partition:
        """Read the answers to some items, each of which has one.

        Parameters
        ----------
        answers : Annotations
        gold : Gold or None
        dtype : str
        """
        items = answers.item_names
        assert items is not None
        shape = answers.n_annotators, len(answers.classes)
        known = None if gold is None else gold.of(items)
        return cls(ItemBlocks.of(answers, dtype), items, shape, known)

    def no_sums(self) -> Sums:
        """Return the sums over no item."""
        n_annotators, n_classes = self.shape
        counts = np.zeros((n_annotators, n_classes, n_classes))
        return Sums(counts, np.zeros(n_classes))

    def clamp(self, posterior: Any) -> Any:
        """Put all mass on the known truth, in place."""
        if self.gold is not None:
            known = np.flatnonzero(self.gold >= 0)
            posterior[known] = 0
            posterior[known, self.gold[known]] = 1
        return posterior


def encode(table: Any, columns: tuple[str, str, str], known: Any) -> Partition:
    """Read a partition of a table.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each answer.
    columns : tuple of str
        Of item, annotator and label.
    known : tuple (annotators, classes, gold, dtype)
        Names of all annotators, and all labels; Gold or None.

    Returns
    -------
    partition : Partition
    """
    annotators, classes, gold, dtype = known
    table = table[list(columns)].dropna()
    if not len(table):
        shape = len(annotators), len(classes)
        return Partition(None, np.array([], dtype=object), shape)
    item, annotator, label = columns
    answers = Annotations.from_long(
        item,
        annotator,
        label,
        data=table,
        annotator_ids=annotators,
        classes=classes,
        missing_label=None,
    )
    return Partition.of(answers, gold, dtype)


def encode_dense(block: NDArray[Any], start: int, known: Any) -> Partition:
    """Read some rows of an array of items and annotators.

    Parameters
    ----------
    block : ndarray of shape (n_items, n_annotators)
    start : int
        Number of the first item.
    known : tuple (annotators, classes, gold, dtype)

    Returns
    -------
    partition : Partition
        Of the items that have an answer.
    """
    annotators, classes, gold, dtype = known
    item, annotator = np.nonzero(_is_answer(block))
    if not len(item):
        shape = len(annotators), len(classes)
        return Partition(None, np.array([], dtype=np.int64), shape)
    answers = Annotations.from_long(
        item + start,
        annotator,
        block[item, annotator],
        annotator_ids=annotators,
        classes=classes,
        missing_label=None,
    )
    return Partition.of(answers, gold, dtype)


def labels_of_dense(block: NDArray[Any]) -> Any:
    """Return the distinct labels of an array, as a table."""
    return table_of_labels(np.unique(block[_is_answer(block)]))


def table_of_labels(labels: NDArray[Any]) -> Any:
    """Return labels as a table of one column."""
    import pandas as pd

    return pd.DataFrame({"label": labels})


def _is_answer(block: NDArray[Any]) -> Any:
    if block.dtype.kind == "f":
        return ~np.isnan(block)
    return block != MISSING if block.dtype.kind in "iO" else np.ones(block.shape, bool)


def vote(partition: Partition) -> tuple[Any, Sums]:
    """Return the shares of the votes, and the sums over them.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
    sums : Sums
    """
    if partition.blocks is None:
        return np.empty((0, partition.shape[1])), partition.no_sums()
    posterior = partition.blocks.votes()
    posterior /= posterior.sum(axis=1, keepdims=True)
    partition.clamp(posterior)
    return posterior, partition.blocks.sums(posterior)


def vote_weighted(
    partition: Partition, posterior: Any, weight: NDArray[np.float64]
) -> tuple[Any, Sums]:
    """Return the shares of weighted votes, and how often annotators agree with them.

    Parameters
    ----------
    partition : Partition
    posterior : ndarray of shape (n_items, n_classes)
        Not read.
    weight : ndarray of shape (n_annotators,)

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
        Plain shares where all weights are 0.
    sums : Sums
        Over the posterior; the counts are those of :func:`agree`.
    """
    if partition.blocks is None:
        return posterior, partition.no_sums()
    share = partition.blocks.votes(weight)
    total = share.sum(axis=1)
    none = np.flatnonzero(total <= 0)
    if len(none):
        plain = partition.blocks.votes()[none]
        share[none], total[none] = plain, plain.sum(axis=1)
    share /= total[:, None]
    classes = partition.clamp(share).sum(axis=0, dtype=np.float64)
    _, agreeing = agree(partition, share, None)
    return share, agreeing._replace(classes=classes)


def agree(partition: Partition, posterior: Any, model: Any) -> tuple[Any, Sums]:
    """Count the answers by the most probable class; equally probable ones share.

    Parameters
    ----------
    partition : Partition
    posterior : ndarray of shape (n_items, n_classes)
    model : object
        Not read.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
        The same.
    sums : Sums
    """
    if partition.blocks is None:
        return posterior, partition.no_sums()
    highest = posterior.max(axis=1, keepdims=True)
    best = np.isclose(posterior, highest, atol=1e-9).astype(posterior.dtype)
    best /= best.sum(axis=1, keepdims=True)
    return posterior, partition.blocks.sums(best)


def infer(
    partition: Partition,
    posterior: Any,
    model: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> tuple[Any, Sums]:
    """Run both steps of EM on a partition.

    Parameters
    ----------
    partition : Partition
    posterior : ndarray of shape (n_items, n_classes)
        Of the last iteration; it is not changed.
    model : tuple of ndarray
        Confusions and class shares.

    Returns
    -------
    posterior : ndarray of shape (n_items, n_classes)
    sums : Sums
    """
    if partition.blocks is None:
        return posterior, partition.no_sums()
    posterior = posterior.copy()
    gold = partition.gold
    return posterior, partition.blocks.update(posterior, *model, gold=gold)


def add_up(parts: list[Sums]) -> Sums:
    """Add sums of partitions, in their order."""
    total = parts[0]
    for part in parts[1:]:
        total = total.plus(part)
    return total


def dtype_of(partition: Partition) -> Any:
    """Return the type of the names of items; None where there is no item."""
    return None if partition.blocks is None else partition.items.dtype


def hashes_of(partition: Partition) -> NDArray[np.uint64]:
    """Return a hash of the name of every item, sorted."""
    import pandas as pd

    return np.sort(pd.util.hash_array(np.asarray(partition.items)))


def items_with(partition: Partition, hashes: NDArray[np.uint64]) -> list[Any]:
    """Return the names of the items that have one of some hashes."""
    import pandas as pd

    items = np.asarray(partition.items)
    found: list[Any] = items[np.isin(pd.util.hash_array(items), hashes)].tolist()
    return found


def n_known(partition: Partition) -> int:
    """Return the number of items whose truth is known."""
    return 0 if partition.gold is None else int((partition.gold >= 0).sum())


def labels_of(
    partition: Partition,
    posterior: Any,
    classes: NDArray[Any],
    names: list[Any],
    seed: int | None,
) -> Any:
    """Return a table of the most probable labels.

    Parameters
    ----------
    partition : Partition
    posterior : ndarray of shape (n_items, n_classes)
    classes : ndarray of shape (n_classes,)
    names : list
        Columns of items and labels.
    seed : int or None
        Chooses among equally probable labels, for each item by its name; None takes
        the first.
    """
    import pandas as pd

    place = posterior.argmax(axis=1)
    if seed is not None and len(place):
        highest = posterior.max(axis=1, keepdims=True)
        is_best = np.isclose(posterior, highest, atol=1e-9)
        drawn = pd.util.hash_array(np.asarray(partition.items))
        drawn = pd.util.hash_array(drawn + np.uint64(seed % 2**64))
        wanted = drawn % is_best.sum(axis=1).astype(np.uint64)
        rank = is_best.cumsum(axis=1) - 1
        place = (is_best & (rank == wanted[:, None].astype(np.int64))).argmax(axis=1)
    return pd.DataFrame({names[0]: partition.items, names[1]: classes[place]})


def proba_of(
    partition: Partition,
    posterior: Any,
    classes: NDArray[Any],
    names: list[Any],
    seed: int | None,
) -> Any:
    """Return a table of the probabilities of all labels; see :func:`labels_of`."""
    import pandas as pd

    columns = dict(zip(names[1:], posterior.T, strict=True))
    return pd.DataFrame({names[0]: partition.items, **columns})
