"""What a worker does with a partition of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation._item_blocks import ItemBlocks, Sums
from skcrowd.annotations import Annotations

__all__ = ["Partition", "add_up", "encode", "infer", "vote"]


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
    """

    blocks: ItemBlocks | None
    items: NDArray[Any]
    shape: tuple[int, int]

    def no_sums(self) -> Sums:
        """Return the sums over no item."""
        n_annotators, n_classes = self.shape
        counts = np.zeros((n_annotators, n_classes, n_classes))
        return Sums(counts, np.zeros(n_classes))


def encode(
    table: Any,
    columns: tuple[str, str, str],
    annotators: NDArray[Any],
    classes: NDArray[Any],
    dtype: str,
) -> Partition:
    """Read a partition.

    Parameters
    ----------
    table : pandas.DataFrame
        A row for each answer.
    columns : tuple of str
        Of item, annotator and label.
    annotators, classes : ndarray
        Names of all annotators, and all labels.
    dtype : str

    Returns
    -------
    partition : Partition
    """
    shape = len(annotators), len(classes)
    table = table[list(columns)].dropna()
    if not len(table):
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
    assert answers.item_names is not None
    return Partition(ItemBlocks.of(answers, dtype), answers.item_names, shape)


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
    return posterior, partition.blocks.sums(posterior)


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
    return posterior, partition.blocks.update(posterior, *model)


def add_up(parts: list[Sums]) -> Sums:
    """Add sums of partitions, in their order."""
    total = parts[0]
    for part in parts[1:]:
        total = total.plus(part)
    return total
