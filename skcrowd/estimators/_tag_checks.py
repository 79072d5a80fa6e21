"""Warnings of a fit about crowds whose tags mislead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from skcrowd.aggregation._dependence_labels import search_labels
from skcrowd.aggregation._dependence_pairs import Pairs, some_items
from skcrowd.aggregation._tag_segments import TagKinds, segments_of
from skcrowd.estimators._crowd_checks import (
    GROUP_EXCESS,
    LEVEL,
    MOST_PAIRS,
    Kind,
    majorities,
    majority,
    warn_of_contradiction,
    warn_of_dependence,
    warn_of_uninformative,
)

if TYPE_CHECKING:
    from skcrowd._typing import IntArray
    from skcrowd.annotations import SequenceAnnotations

__all__ = ["warn_of_tag_crowd"]

TAGS = Kind(
    "tags",
    "they agree with those of the others no more often than by chance",
    "tag the same sequences, and agree no more often than by chance",
    "use the same tags",
    "annotator_report() of the fitted estimator lists who errs together (group).",
    0.05,
)


def warn_of_tag_crowd(sequences: SequenceAnnotations, gold: IntArray | None) -> None:
    """Warn if the tags are probably worth less than they look.

    Whether annotators agree by chance shows in tokens that are so far from each other
    that few are of one span; whether they err together in segments in which nobody's
    tag changes, so that the many tokens outside of spans count little.

    Parameters
    ----------
    sequences : SequenceAnnotations
    gold : int64 ndarray of shape (n_tokens,), or None
        Codes of the known tags; -1 for the others.

    Warns
    -----
    CrowdWarning
        As :func:`warn_of_crowd`; gold is compared by spans.
    """
    kinds = TagKinds.of(sequences)
    if gold is not None:
        _warn_of_gold(kinds, gold)
    spaced = some_items(kinds.tokens[:: _distance(kinds)], MOST_PAIRS)
    if warn_of_uninformative(spaced, Pairs.of(spaced), TAGS):
        return
    segments, pairs = segments_of(kinds, MOST_PAIRS)
    found = search_labels(segments, pairs, GROUP_EXCESS, LEVEL, majorities)
    warn_of_dependence(segments, pairs, TAGS, found)


def _distance(kinds: TagKinds) -> int:
    """Return twice the mean length of a span."""
    a = kinds.tokens
    inside = np.flatnonzero(a.answer != kinds.outside)
    order = np.lexsort((a.item[inside], a.annotator[inside]))
    item, annotator = a.item[inside][order], a.annotator[inside][order]
    continues = (item[1:] == item[:-1] + 1) & (annotator[1:] == annotator[:-1])
    n_spans = len(inside) - np.count_nonzero(continues)
    is_single = kinds.outside < 0 or not n_spans
    return 1 if is_single else int(np.ceil(2 * len(inside) / n_spans))


def _warn_of_gold(kinds: TagKinds, gold: IntArray) -> None:
    """Warn if the majority gives spans of a kind another one.

    A span of gold is right if the majority gives its kind to any of its tokens: on
    limits of spans people disagree.
    """
    true = np.where(gold >= 0, kinds.code[gold], -1)
    voted, n_kinds = majority(kinds.tokens), len(kinds.tokens.classes)
    begins = np.ones(len(true), dtype=bool)
    begins[1:] = (true[1:] != true[:-1]) | (kinds.sequence[1:] != kinds.sequence[:-1])
    span = np.cumsum(begins) - 1
    used = np.flatnonzero((true >= 0) & (true != kinds.outside) & (voted >= 0))
    votes = np.zeros((span[-1] + 1, n_kinds)) if len(span) else np.zeros((0, n_kinds))
    np.add.at(votes, (span[used], voted[used]), 1)
    of_span = true[begins]
    is_right = votes[np.arange(len(votes)), of_span] > 0
    most = np.where(is_right, of_span, votes.argmax(axis=1))
    most[votes.sum(axis=1) == 0] = -1
    noun = "items" if kinds.outside < 0 else "spans"
    warn_of_contradiction(of_span, most, kinds.tokens.classes, noun)
