"""Answers of which all say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ._training_context import TrainingContext


__all__ = ["has_one_class"]


def has_one_class(context: TrainingContext) -> bool:
    """Whether all that is known is a single class, of several.

    Nothing says then what would be answered to items of the others. A network that has
    learned little gives these a share, and confusions estimated from it say that
    answers tell nothing, which no later answer corrects; the vote is right.

    Parameters
    ----------
    context : TrainingContext

    Returns
    -------
    has_one_class : bool
        False also where other answers, or an earlier fit, are known.
    """
    known, annotations = context.side_information, context.annotations
    if not known.is_cold_start or known.annotator_counts is not None:
        return False
    if len(annotations.classes) == 1 or annotations.probabilities is not None:
        return False
    answers = np.unique(annotations.answer)
    if known.gold is not None:
        answers = np.union1d(answers, known.gold[known.gold >= 0])
    return len(answers) == 1
