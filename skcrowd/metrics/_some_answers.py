"""Part of the answers of a large crowd, in which dependence is searched."""

from __future__ import annotations

from skcrowd.aggregation._dependence_pairs import some_items
from skcrowd.aggregation._tag_segments import some_sequences
from skcrowd.aggregation._vote_discount import MOST_PAIRS
from skcrowd.annotations import Annotations, SequenceAnnotations

__all__ = ["MOST_PAIRS", "some_answers"]


def some_answers(
    answers: Annotations | SequenceAnnotations, most_pairs: int
) -> Annotations | SequenceAnnotations:
    """Return every n-th item or sequence, so that the work of a search has a limit.

    Parameters
    ----------
    answers : Annotations or SequenceAnnotations
    most_pairs : int
        Pairs of answers to the same item (tags: segment) that are left, at most about.

    Returns
    -------
    some : Annotations or SequenceAnnotations
        `answers` where they hold no more pairs.
    """
    if isinstance(answers, SequenceAnnotations):
        return some_sequences(answers, most_pairs)
    return some_items(answers, most_pairs)
