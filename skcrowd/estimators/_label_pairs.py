"""Sets of labels as decisions, whose annotators are pairs of annotator and label."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from skcrowd.annotations import SequenceAnnotations

if TYPE_CHECKING:
    from skcrowd._typing import IntArray
    from skcrowd.annotations import Annotations, MultilabelAnnotations


__all__ = ["as_sequences", "label_pairs"]


def label_pairs(decisions: Annotations, n_labels: int) -> Annotations:
    """Count each annotator once for each label.

    Parameters
    ----------
    decisions : Annotations of shape (n_items * n_labels, n_annotators)
    n_labels : int

    Returns
    -------
    pairs : Annotations of shape (n_items * n_labels, n_annotators * n_labels)
        Annotator r on label l is number ``r * n_labels + l``.
    """
    label: IntArray = decisions.item % n_labels
    n_pairs = decisions.n_annotators * n_labels
    return replace(
        decisions,
        annotator=decisions.annotator * n_labels + label,
        shape=(decisions.n_items, n_pairs),
        annotator_names=np.arange(n_pairs),
    )


def as_sequences(answers: MultilabelAnnotations) -> SequenceAnnotations:
    """Return the decisions on the labels of an item as a sequence.

    Parameters
    ----------
    answers : MultilabelAnnotations

    Returns
    -------
    sequences : SequenceAnnotations
        Annotators are those of :func:`label_pairs`.
    """
    lengths = np.full(answers.n_items, answers.n_labels, dtype=np.int64)
    return SequenceAnnotations(
        label_pairs(answers.decisions, answers.n_labels), lengths
    )
