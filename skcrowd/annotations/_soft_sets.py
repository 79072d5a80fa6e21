"""Answers that give each label a probability, in place of a set of labels."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._answer_details import AnswerDetails
from ._multilabel_cells import LabelSets, sets_of_indicators
from ._read_details import as_probabilities

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = ["read_soft_sets"]


def read_soft_sets(probabilities: Any, classes: Any, annotator_names: Any) -> LabelSets:
    """Read probabilities of labels; see `MultilabelAnnotations.from_soft_labels`.

    Returns
    -------
    sets : LabelSets
        A label is ticked where its probability is above 0.5.
    """
    values = as_probabilities(probabilities, "probabilities")
    if values.ndim != 3 or 0 in values.shape:
        raise ValueError(
            f"probabilities has shape {values.shape}, but must have the axes items, "
            "annotators and labels; of a single annotator, of shape (n_items, "
            "n_labels), pass probabilities[:, None]."
        )
    _check_range(values)
    ticked = np.where(np.isnan(values), np.nan, values > 0.5)
    sets = sets_of_indicators(ticked, classes, annotator_names, "probabilities")
    row, label = np.divmod(sets.decisions.item, values.shape[2])
    applies = values[row, sets.decisions.annotator, label]
    both = AnswerDetails(probabilities=np.column_stack([1 - applies, applies]))
    return sets._replace(decisions=replace(sets.decisions, details=both))


def _check_range(values: FloatArray) -> None:
    """Raise if a number is no probability."""
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        place = tuple(int(k) for k in np.argwhere(wrong)[0])
        raise ValueError(
            f"probabilities holds {values[place]:g} at {place} ({int(wrong.sum())} "
            "such values); each is the probability that the label applies, from 0 to "
            "1, and NaN where the annotator was not asked. Divide percentages by 100."
        )
