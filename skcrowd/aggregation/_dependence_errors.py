"""Whether others show that the answers of a group hold errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import comb

from skcrowd.aggregation._common_answers import common_answers

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["ErrorEvidence"]

FEWEST_ITEMS = 10  # on which two others agree against a group, to say anything
AGREEING = range(2, 9)  # how many others agree, to show common errors


@dataclass(frozen=True)
class ErrorEvidence:
    """Evidence, in the answers of others, that a group errs and is not just right.

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
        The annotator whose answers stand for those of each: the first of copies.
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
        a = self.annotations
        is_chosen, is_other = self._split(members, unit)
        given = self._given_by(is_chosen)
        is_other = is_other & (given[a.item] >= 0)
        is_for = a.answer == given[a.item]
        n_for = np.bincount(a.item[is_other & is_for], minlength=a.n_items)
        against = is_other & ~is_for
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

    def common_errors(self, members: IntArray, unit: IntArray) -> float:
        """Return the evidence that a group errs together, in standard errors.

        Take items where some of the others agree on a class. If it is right, the
        product of two shares of a wrong class is at most that of either and the share
        of the right one: of independent members both give the same other class at most
        half as often as one gives this class and one another. If it is wrong and the
        group right, one more of the others agrees with the group at least as often as
        with them. Both hold whatever abilities and difficulties are; the more others
        agree, the fewer of the items are those where they err and not the group.

        Parameters
        ----------
        members, unit : as in :meth:`evidence`

        Returns
        -------
        evidence : float
            The greatest of those where 2 to 8 others agree, 0 where none is positive.
            More than 0.71 takes two items at least.
        """
        a, n_classes = self.annotations, len(self.annotations.classes)
        is_chosen, is_other = self._split(members, unit)
        code = a.item * n_classes + a.answer
        cell, n = np.unique(code[is_other], return_counts=True)
        known, votes = np.unique(code[is_chosen], return_counts=True)
        item, given = cell // n_classes, self._given_by(is_chosen)
        of_group = np.where(given >= 0, np.arange(a.n_items) * n_classes + given, -1)
        of_group = of_group[item]
        n_same, n_with = count_of(of_group, known, votes), count_of(cell, known, votes)
        n_members = np.bincount(a.item[is_chosen], minlength=a.n_items)[item]
        same = np.where(of_group != cell, n_same * (n_same - 1) / 2, 0.0)
        split = n_with * (n_members - n_with) / 2
        n_for = count_of(of_group, cell, n)
        shown = 0.0
        for size in AGREEING:
            more = same * (n - size - n_for) - split * (n - size)
            shown = max(shown, self._standardise(item, comb(n, size) * more))
        return shown

    def _standardise(self, item: IntArray, more: FloatArray) -> float:
        """Return a sum in standard errors; the item with most counts twice in these."""
        of_item = np.bincount(item, more, self.annotations.n_items)
        spread = np.sqrt(of_item @ of_item + of_item.max(initial=0.0) ** 2)
        return float(of_item.sum() / spread) if spread else 0.0

    def _split(self, members: IntArray, unit: IntArray) -> tuple[BoolArray, BoolArray]:
        """Return which answers are those of a group, and which those of others."""
        everybody, annotator = np.arange(len(unit)), self.annotations.annotator
        is_member = np.isin(everybody, members)
        is_other = ~is_member & (self.unit == everybody) & (unit == everybody)
        return is_member[annotator], is_other[annotator]

    def _given_by(self, chosen: BoolArray) -> IntArray:
        """Return the class that more than half of a group gave to each item, or -1."""
        a, given = self.annotations, np.full(self.annotations.n_items, -1)
        item, answer = common_answers(a.item[chosen], a.answer[chosen], len(a.classes))
        given[item] = answer
        return given


def count_of(wanted: IntArray, code: IntArray, n: IntArray) -> IntArray:
    """Return the counts of some codes, 0 where there are none; codes ascend."""
    if not code.size:
        return np.zeros_like(wanted)
    place = np.minimum(np.searchsorted(code, wanted), code.size - 1)
    return np.where(code[place] == wanted, n[place], 0)
