"""Annotators of one group, whose answers count as those of one annotator."""

from __future__ import annotations

from typing import Any

import numpy as np

from skcrowd.aggregation._annotator_groups import group_codes
from skcrowd.annotations import Annotations

__all__ = ["merge_groups"]


def merge_groups(annotations: Annotations, groups: Any) -> Annotations:
    """Replace the answers of each group by their plurality.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels".
    groups : mapping of annotator name to group, or array-like of shape (n_annotators,)
        The group of every annotator. Those that are missing in a mapping, or None,
        are on their own.

    Returns
    -------
    annotations : Annotations
        An annotator for each group. Where answers of a group are equally frequent, the
        one of its annotator with most answers counts.

    Raises
    ------
    ValueError
        If `groups` names an unknown annotator or is of another length.
    """
    group = group_codes(annotations, groups)
    n_groups = int(group.max()) + 1
    n_classes = len(annotations.classes)
    workload = annotations.answers_per_annotator[annotations.annotator]
    owner = annotations.item * n_groups + group[annotations.annotator]
    cell, place = np.unique(owner * n_classes + annotations.answer, return_inverse=True)
    votes = np.bincount(place)
    tie_break = np.zeros(cell.size)
    np.maximum.at(tie_break, place, workload)
    order = np.lexsort((tie_break, votes, cell // n_classes))
    owner_of_cell = cell[order] // n_classes
    is_last = np.append(owner_of_cell[1:] != owner_of_cell[:-1], True)
    chosen = cell[order][is_last]
    item, merged = np.divmod(chosen // n_classes, n_groups)
    shape = annotations.n_items, n_groups
    return Annotations(
        item, merged, chosen % n_classes, shape, classes=annotations.classes
    )
