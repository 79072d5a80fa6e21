"""The answers that an aggregator learns from, and sums over them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.annotations import Annotations
from skcrowd.annotations._answer_keys import AnswerKeys, answer_keys, uniform_of_keys

__all__ = ["ObservedAnswers", "draw_seed"]


def draw_seed(random: Any) -> int:
    """Return a seed of what is drawn by hashes.

    Parameters
    ----------
    random : RandomState
    """
    return int(random.randint(2**31 - 1))


@dataclass(eq=False)
class ObservedAnswers:
    """Answers, by item and annotator.

    Parameters
    ----------
    annotations : Annotations
    """

    annotations: Annotations

    @property
    def item(self) -> NDArray[np.int64]:
        """Row of every answer, (n_answers,)."""
        return self.annotations.item

    @property
    def annotator(self) -> NDArray[np.int64]:
        """Annotator of every answer, (n_answers,)."""
        return self.annotations.annotator

    @property
    def answer(self) -> NDArray[Any]:
        """Code of the class, or number, of every answer, (n_answers,)."""
        return self.annotations.answer

    @property
    def n_items(self) -> int:
        """Number of items."""
        return self.annotations.n_items

    @property
    def n_annotators(self) -> int:
        """Number of annotators."""
        return self.annotations.n_annotators

    @cached_property
    def per_annotator(self) -> NDArray[np.float64]:
        """Number of answers of every annotator, (n_annotators,)."""
        return self.sum_by_annotator(np.ones(len(self.item)))

    @cached_property
    def keys(self) -> AnswerKeys:
        """Hashes of items and annotators, which do not depend on their order."""
        of_items, of_annotators = self._known()
        return answer_keys(self.annotations, of_items, of_annotators)

    def _known(self) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        """Return what is known of items, and of annotators, beside the answers."""
        return (), ()

    def draw_by_item(self, random: Any, n_columns: int) -> NDArray[np.float64]:
        """Draw numbers between 0 and 1 for items, whatever their order.

        Parameters
        ----------
        random : RandomState
        n_columns : int

        Returns
        -------
        uniform : ndarray of shape (n_items, n_columns)
        """
        return uniform_of_keys(self.keys.items, draw_seed(random), n_columns)

    def draw_shares(self, random: Any, *shape: int) -> NDArray[np.float64]:
        """Draw shares of items from an even Dirichlet distribution.

        Parameters
        ----------
        random : RandomState
        *shape : int

        Returns
        -------
        shares : ndarray of shape (n_items, *shape)
            The last axis sums to 1.
        """
        drawn = -np.log(self.draw_by_item(random, math.prod(shape)))
        drawn = drawn.reshape(self.n_items, *shape)
        return np.asarray(drawn / drawn.sum(axis=-1, keepdims=True))

    def sum_by_annotator(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values of answers by annotator, (n_annotators,)."""
        total = np.bincount(self.annotator, values, self.n_annotators)
        return np.asarray(total, dtype=np.float64)

    def sum_by_item(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values of answers by item, (n_items,)."""
        total = np.bincount(self.item, values, self.n_items)
        return np.asarray(total, dtype=np.float64)
