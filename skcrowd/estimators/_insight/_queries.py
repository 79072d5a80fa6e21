"""Greedy choice of the pairs of item and annotator with the largest gain."""

from __future__ import annotations

from collections import Counter
from heapq import heappop, heappush
from itertools import repeat
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from skcrowd._typing import Array, ArrayLike, BoolArray, FloatArray, IntArray

    from ._beliefs import LabelBeliefs, LabelSetBeliefs, NumberBeliefs

__all__ = ["QueryLimits", "best_queries", "check_limits"]


class QueryLimits:
    """How many questions there are to be, in all, for an item and for an annotator.

    Parameters
    ----------
    n, max_per_item : int
    max_per_annotator : int, None or "auto"
    available : bool ndarray of shape (n_annotators,)
        Who can be asked.

    Raises
    ------
    ValueError
        If a number is no positive integer.
    """

    def __init__(
        self,
        n: int,
        max_per_item: int,
        max_per_annotator: int | str | None,
        available: BoolArray,
    ) -> None:
        given: dict[str, Any] = {"n": n, "max_per_item": max_per_item}
        if max_per_annotator not in (None, "auto"):
            given["max_per_annotator"] = max_per_annotator
        for name, value in given.items():
            if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name} is {value!r}; give a positive integer.")
        self.n, self.per_item = int(n), int(max_per_item)
        self.available = np.flatnonzero(available)
        self.per_annotator: Any = max_per_annotator
        if max_per_annotator is None:
            self.per_annotator = self.n
        elif max_per_annotator == "auto":
            self.per_annotator = -(-2 * self.n // len(self.available))


def check_limits(
    n: int,
    max_per_item: int,
    max_per_annotator: int | str | None,
    annotators: ArrayLike | None,
    names: Array,
) -> QueryLimits:
    """Check the limits that ``next_queries`` was given.

    Parameters
    ----------
    n, max_per_item : int
    max_per_annotator : int, None or "auto"
    annotators : array-like or None
        Names of those who can be asked.
    names : ndarray of shape (n_annotators,)
        All annotators.

    Returns
    -------
    limits : QueryLimits
    """
    available = np.ones(len(names), dtype=bool)
    if annotators is not None:
        wanted = set(np.asarray(annotators).ravel().tolist())
        available = np.array([name in wanted for name in names.tolist()])
        unknown = wanted.difference(names.tolist())
        if unknown or not available.any():
            shown = ", ".join(sorted(map(repr, unknown))[:5])
            raise ValueError(
                f"annotators names {shown or 'nobody'}; give at least one, and only "
                "such as the estimator was fitted with (annotators_)."
            )
    return QueryLimits(n, max_per_item, max_per_annotator, available)


def best_queries(
    beliefs: LabelBeliefs | LabelSetBeliefs | NumberBeliefs,
    answered: Any,
    limits: QueryLimits,
) -> tuple[IntArray, IntArray, FloatArray]:
    """Take one pair after another, that of the largest gain given those before.

    Gains of an item only shrink with the answers asked for, and items are independent:
    a gain that has changed is computed when the pair is the next of the queue.

    Parameters
    ----------
    beliefs : LabelBeliefs, LabelSetBeliefs or NumberBeliefs
    answered : sparse array of shape (n_items, n_annotators)
        Pairs that are not to be asked.
    limits : QueryLimits

    Returns
    -------
    item, annotator : int64 ndarray of shape (n_queries,)
    gain : ndarray of shape (n_queries,)
        Descending.
    """
    queue = _GainQueue(*_candidates(beliefs, answered, limits))
    chosen = _ChosenQueries(beliefs, limits)
    for gain, item, annotator, n_known in queue:
        if len(chosen.pairs) == limits.n:
            break
        if chosen.is_closed(item, annotator):
            continue
        n_asked = chosen.count(item)
        if n_asked > n_known:
            gain = min(gain, chosen.gain(item, annotator))
            queue.put_back(gain, item, annotator, n_asked)
        else:
            chosen.add(item, annotator, gain)
    items, annotators, gains = np.array(chosen.pairs, float).reshape(-1, 3).T
    return items.astype(np.int64), annotators.astype(np.int64), gains


class _GainQueue:
    """Pairs in the order of their gains, also of those that are put back.

    An entry is the gain, the item, the annotator, and how many questions about the item
    the gain knows of.
    """

    def __init__(
        self, gain: Iterable[float], item: Iterable[int], annotator: Iterable[int]
    ) -> None:
        self._sorted = zip(gain, item, annotator, repeat(0), strict=False)
        self._put_back: list[tuple[float, int, int, int]] = []

    def put_back(self, gain: float, item: int, annotator: int, n_known: int) -> None:
        heappush(self._put_back, (-gain, item, annotator, n_known))

    def __iter__(self) -> Iterator[tuple[float, int, int, int]]:
        for entry in self._sorted:
            yield from self._above(entry[0])
            yield entry
        yield from self._above(-np.inf)

    def _above(self, gain: float) -> Iterator[tuple[float, int, int, int]]:
        while self._put_back and -self._put_back[0][0] >= gain:
            negative, item, annotator, n_known = heappop(self._put_back)
            yield -negative, item, annotator, n_known


class _ChosenQueries:
    """Queries chosen so far, and the posterior of their items after the answers."""

    def __init__(
        self,
        beliefs: LabelBeliefs | LabelSetBeliefs | NumberBeliefs,
        limits: QueryLimits,
    ) -> None:
        self.pairs: list[tuple[int, int, float]] = []
        self._beliefs: Any = beliefs
        self._limits = limits
        self._of_item: Counter[int] = Counter()
        self._of_annotator: Counter[int] = Counter()
        self._states: dict[int, Any] = {}

    def is_closed(self, item: int, annotator: int) -> bool:
        """Whether item or annotator can take no further question."""
        limits = self._limits
        full = self._of_item[item] >= limits.per_item
        return full or self._of_annotator[annotator] >= limits.per_annotator

    def count(self, item: int) -> int:
        """Return the number of questions about an item."""
        return self._of_item[item]

    def gain(self, item: int, annotator: int) -> float:
        """Return what the answer is worth after those asked for."""
        return float(self._beliefs.gain(self._states[item])[annotator])

    def add(self, item: int, annotator: int, gain: float) -> None:
        """Add a query, and update the posterior of its item by the expected answer."""
        self.pairs.append((item, annotator, gain))
        self._of_item[item] += 1
        self._of_annotator[annotator] += 1
        if self._of_item[item] < self._limits.per_item:
            state = self._states.get(item)
            state = self._beliefs.start(item) if state is None else state
            self._states[item] = self._beliefs.after(state, annotator)


def _candidates(
    beliefs: LabelBeliefs | LabelSetBeliefs | NumberBeliefs,
    answered: Any,
    limits: QueryLimits,
) -> tuple[list[float], list[int], list[int]]:
    """Every annotator's best open pairs, as lists of gain, item and annotator.

    No annotator needs more than `n` of them: each question closes at most one item.
    """
    annotators = limits.available
    kept: Any = (
        np.empty((0, len(annotators))),
        np.empty((0, len(annotators)), dtype=np.int64),
    )
    for start in range(0, beliefs.n_items, beliefs.items_at_once):
        stop = min(start + beliefs.items_at_once, beliefs.n_items)
        gain = beliefs.gains(start, stop)
        gain[answered[start:stop].nonzero()] = -1
        item = np.broadcast_to(
            np.arange(start, stop)[:, None], gain[:, annotators].shape
        )
        kept = _largest(
            np.concatenate([kept[0], gain[:, annotators]]),
            np.concatenate([kept[1], item]),
            limits.n,
        )
    gain, item = (values.ravel() for values in kept)
    annotator = np.broadcast_to(annotators, kept[0].shape).ravel()
    order = np.lexsort((annotator, item, -gain))
    order = order[gain[order] >= 0]
    return gain[order].tolist(), item[order].tolist(), annotator[order].tolist()


def _largest(gain: FloatArray, item: IntArray, n: int) -> tuple[FloatArray, IntArray]:
    """Return the `n` largest gains of each annotator and their items, unsorted."""
    if len(gain) <= n:
        return gain, item
    best = np.argpartition(-gain, n - 1, axis=0)[:n]
    return np.take_along_axis(gain, best, axis=0), np.take_along_axis(
        item, best, axis=0
    )
