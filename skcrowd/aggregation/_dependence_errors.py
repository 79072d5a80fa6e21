"""Whether others show that the answers of a group hold errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation._common_answers import common_answers

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["Witnesses"]

FEWEST_ITEMS = 10  # on which two others agree against a group, to say anything


@dataclass(frozen=True)
class Witnesses:
    """Annotators whose answers show whether a group errs, or is just right.

    Annotators who are always right agree, too, and where the others find some items
    harder than others, one loading for each does not explain how much. Groups who err
    together are told from them by the items on which two others agree against the
    group. If the group is right, such an item is hard; a third annotator, who gives
    the right class at least as often as any other, agrees with the group at least as
    often as with the two. This holds whatever abilities and difficulties are. If the
    group errs, the third rather agrees with the two.

    Parameters
    ----------
    annotations : Annotations
        Of kind "labels".
    unit : int64 ndarray of shape (n_annotators,)
        The annotator who is heard in place of each.
    """

    annotations: Annotations
    unit: IntArray

    def evidence(self, members: IntArray, unit: IntArray) -> float | None:
        """Return the evidence of errors of a group, in standard errors.

        Parameters
        ----------
        members : int64 ndarray of shape (n_members,)
        unit : int64 ndarray of shape (n_annotators,)
            The first member of the group of each, as far as groups are known.

        Returns
        -------
        evidence : float or None
            Of the sum over all two others and a third; positive where it agrees with
            the two more often. None where there are such on fewer than ten items.
        """
        a, everybody = self.annotations, np.arange(len(unit))
        is_member = np.isin(everybody, members)
        is_heard = ~is_member & (self.unit == everybody) & (unit == everybody)
        given = self._given_by(is_member[a.annotator])
        heard = is_heard[a.annotator] & (given[a.item] >= 0)
        is_for = a.answer == given[a.item]
        n_for = np.bincount(a.item[heard & is_for], minlength=a.n_items)
        against = heard & ~is_for
        n_classes = len(a.classes)
        cell = a.item[against] * n_classes + a.answer[against]
        cell, n = np.unique(cell, return_counts=True)
        item, n_two = cell // n_classes, n * (n - 1) / 2
        with_two = np.bincount(item, n_two * (n - 2), a.n_items)
        with_group = np.bincount(item, n_two * n_for[item], a.n_items)
        if np.count_nonzero(with_two + with_group) < FEWEST_ITEMS:
            return None
        more = with_two - with_group
        return float(more.sum() / max(np.sqrt(more @ more), 1.0))

    def _given_by(self, chosen: BoolArray) -> IntArray:
        """Return the class that more than half of a group gave to each item, or -1."""
        a, given = self.annotations, np.full(self.annotations.n_items, -1)
        item, answer = common_answers(a.item[chosen], a.answer[chosen], len(a.classes))
        given[item] = answer
        return given
