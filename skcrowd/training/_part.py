"""Which rows of a batch each of several processes computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["Part", "own_part"]

SMALLEST = 2  # rows of a part: batch normalisation cannot train on one


@dataclass(frozen=True)
class Part:
    """The part of one process in the work of all.

    Attributes
    ----------
    rank : int
        Number of the process, from 0.
    world_size : int
        Number of processes.
    """

    rank: int
    world_size: int

    def sizes(self, n_rows: int) -> list[int]:
        """Divide rows among the processes, (world_size,).

        The first processes have one row more than the others. Where there are few
        rows, the last processes have none.

        Parameters
        ----------
        n_rows : int
        """
        n_parts = max(1, min(self.world_size, n_rows // SMALLEST))
        size, n_larger = divmod(n_rows, n_parts)
        sizes = [size + (k < n_larger) for k in range(n_parts)]
        return sizes + [0] * (self.world_size - n_parts)

    def own(self, sizes: list[int]) -> slice:
        """Return the rows that this process computes.

        A process that has none computes those of the first one, too, so that all pass
        through the network equally often; its result is left out.

        Parameters
        ----------
        sizes : list of int
            See :meth:`sizes`.
        """
        if not sizes[self.rank]:
            return slice(0, sizes[0])
        start = sum(sizes[: self.rank])
        return slice(start, start + sizes[self.rank])


def own_part(X: Any, y: dict[str, Any], part: Part) -> tuple[Any, dict[str, Any]]:
    """Reduce the features of a whole batch to those of one process.

    Parameters
    ----------
    X : Tensor of shape (n_items, ...), or object
        Sequences, rows of several labels, and all that is not one tensor stay whole:
        every process computes them, and the result of the first one counts.
    y : dict of Tensor
        With ``target``, (n_items, ...).
    part : Part

    Returns
    -------
    X, y
        With ``part_sizes``, the number of items of each part.
    """
    n_items = len(y["target"])
    if not torch.is_tensor(X) or "n_rows" in y:
        sizes = [n_items, *[0] * (part.world_size - 1)]
    else:
        sizes = part.sizes(n_items)
        own = torch.arange(n_items, device=X.device)[part.own(sizes)]
        X = X.index_select(0, own)
    return X, y | {"part_sizes": torch.tensor(sizes)}
