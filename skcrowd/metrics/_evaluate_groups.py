"""Annotators of one family, whose answers count as those of one annotator."""

from collections.abc import Mapping

import numpy as np

from skcrowd.annotations import Annotations

__all__ = ["merge_groups"]


def merge_groups(annotations, groups):
    """Replace the answers of each group by their plurality.

    Parameters
    ----------
    annotations : Annotations
        Answers of kind "labels".
    groups : mapping of annotator name to group, or array-like of shape (n_annotators,)
        The family of every annotator. Those that are missing in a mapping, or None,
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
    family = _family_codes(annotations, groups)
    n_families = int(family.max()) + 1
    n_classes = len(annotations.classes)
    workload = annotations.answers_per_annotator[annotations.annotator]
    owner = annotations.item * n_families + family[annotations.annotator]
    cell, place = np.unique(owner * n_classes + annotations.answer, return_inverse=True)
    votes = np.bincount(place)
    tie_break = np.zeros(cell.size)
    np.maximum.at(tie_break, place, workload)
    order = np.lexsort((tie_break, votes, cell // n_classes))
    owner_of_cell = cell[order] // n_classes
    is_last = np.append(owner_of_cell[1:] != owner_of_cell[:-1], True)
    chosen = cell[order][is_last]
    item, merged = np.divmod(chosen // n_classes, n_families)
    shape = annotations.n_items, n_families
    return Annotations(
        item, merged, chosen % n_classes, shape, classes=annotations.classes
    )


def _family_codes(annotations, groups):
    names = annotations.annotator_names.tolist()
    if isinstance(groups, Mapping):
        unknown = [name for name in groups if name not in names]
        if unknown:
            raise ValueError(
                f"annotator_groups names {unknown[0]!r}, which is no annotator; the "
                f"annotators are {names[:5]}{' and others' if names[5:] else ''}."
            )
        groups = [groups.get(name) for name in names]
    groups = list(groups)
    if len(groups) != len(names):
        raise ValueError(
            f"annotator_groups has {len(groups)} entries for {len(names)} annotators; "
            "give one for each, in their order, or a dict from name to group."
        )
    code: dict = {}
    keys = [
        ("alone", k) if group is None else ("group", group)
        for k, group in enumerate(groups)
    ]
    return np.array([code.setdefault(key, len(code)) for key in keys])
