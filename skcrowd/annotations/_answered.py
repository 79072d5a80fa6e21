"""How many items have answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._container import Annotations
from ._multilabel_container import MultilabelAnnotations
from ._sequence_container import SequenceAnnotations

__all__ = ["n_answered"]


def n_answered(y: Any) -> int | None:
    """Return how many items, or sequences, have answers.

    Parameters
    ----------
    y : object

    Returns
    -------
    n_answered : int or None
        None where `y` is no container of annotations of items.
    """
    if isinstance(y, SequenceAnnotations):
        return int(np.unique(y.pairs[0]).size)
    if isinstance(y, (Annotations, MultilabelAnnotations)):
        return int(np.count_nonzero(y.answers_per_item))
    return None
