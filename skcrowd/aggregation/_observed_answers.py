"""The answers that an aggregator learns from, and sums over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.annotations import Annotations

__all__ = ["ObservedAnswers"]


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

    def sum_by_annotator(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values of answers by annotator, (n_annotators,)."""
        total = np.bincount(self.annotator, values, self.n_annotators)
        return np.asarray(total, dtype=np.float64)

    def sum_by_item(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Sum values of answers by item, (n_items,)."""
        total = np.bincount(self.item, values, self.n_items)
        return np.asarray(total, dtype=np.float64)
