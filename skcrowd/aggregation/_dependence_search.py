"""Search for annotators who err together, in answers of any kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation._dependence_labels import search_labels
from skcrowd.aggregation._dependence_pairs import Pairs
from skcrowd.aggregation._dependence_ratings import search_ratings
from skcrowd.aggregation._rating_pairs import RatingPairs
from skcrowd.aggregation._tag_segments import TagKinds, segments_of
from skcrowd.annotations import Annotations, SequenceAnnotations

if TYPE_CHECKING:
    from skcrowd._typing import IntArray
    from skcrowd.aggregation._dependence_groups import Search

__all__ = ["Dependence", "search_dependence"]


class Dependence(NamedTuple):
    """Pairs of annotators, and the groups among them.

    Attributes
    ----------
    pairs : Pairs or RatingPairs
    found : Search
    """

    pairs: Any
    found: Search

    @property
    def group(self) -> IntArray:
        """Number of the group of every annotator, -1 for those in none."""
        group = np.full(self.pairs.n_annotators, -1)
        for number, members in enumerate(self.found.groups):
            group[members] = number
        return group


def search_dependence(
    answers: Annotations | SequenceAnnotations, min_excess: float, level: float
) -> Dependence:
    """Compare all annotators, and find those who err together.

    Parameters
    ----------
    answers : Annotations or SequenceAnnotations
        Labels, ratings, or tags, which are compared in segments.
    min_excess : float
        Excess agreement that a group has to exceed.
    level : float
        Familywise probability of a false alarm.

    Returns
    -------
    dependence : Dependence
    """
    if isinstance(answers, SequenceAnnotations):
        segments, pairs = segments_of(TagKinds.of(answers))
        return Dependence(pairs, search_labels(segments, pairs, min_excess, level))
    if answers.kind == "numbers":
        of_ratings = RatingPairs.of(answers)
        found = search_ratings(answers, of_ratings, min_excess, level)
        return Dependence(of_ratings, found)
    pairs = Pairs.of(answers)
    return Dependence(pairs, search_labels(answers, pairs, min_excess, level))
