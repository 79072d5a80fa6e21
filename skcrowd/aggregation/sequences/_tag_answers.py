"""The tag sequences that an aggregator learns from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd.aggregation.labels._label_inference import Answers
from skcrowd.annotations import SequenceAnnotations

__all__ = ["TagAnswers"]


@dataclass(eq=False)
class TagAnswers(Answers):
    """Answers to the tokens of all sequences, one after another.

    Parameters
    ----------
    lengths : int64 ndarray of shape (n_sequences,)
        Number of tokens of every sequence.
    sequence_names : ndarray of shape (n_sequences,) or None
    """

    lengths: NDArray[np.int64] = field(kw_only=True)
    sequence_names: NDArray[Any] | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        self.sequences = SequenceAnnotations(
            self.annotations, self.lengths, self.sequence_names
        )
