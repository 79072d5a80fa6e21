"""Simulated tags: true spans with errors, and invented spans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.datasets._simulated_answers import draw_classes

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray

    from ._sequence_truth import Sentences
    from ._tag_annotators import Taggers


INVENTED_LENGTHS = {1: 0.6, 2: 0.3, 3: 0.1}  # tokens: probability


class Spans(NamedTuple):
    """Spans of the answers in order, one element per span.

    Tokens are counted on from one pair of sentence and annotator to the next.
    """

    pair: IntArray
    start: IntArray
    stop: IntArray
    type: Array


def draw_tags(
    taggers: Taggers,
    truth: Sentences,
    item: IntArray,
    annotator: IntArray,
    rng: np.random.RandomState,
) -> IntArray:
    """Draw the tags of every pair of a sentence and an annotator.

    Parameters
    ----------
    taggers : Taggers
    truth : Sentences
    item, annotator : ndarrays of shape (n_pairs,)
    rng : RandomState

    Returns
    -------
    ndarray of shape (n_tags,)
        The tags of one pair after the other, by the scheme of `Sentences`. Time and
        memory grow with the tags.
    """
    bounds = np.concatenate([[0], np.cumsum(truth.lengths[item])])
    spans = _find(_true_spans(truth, item, bounds), taggers.miss[annotator], rng)
    annotators = annotator[spans.pair]
    row = np.arange(len(annotators))
    spans = spans._replace(
        type=draw_classes(taggers.type_confusion, spans.type, row, annotators, rng)
    )
    spans = _move(spans, bounds, taggers.wrong_boundary[annotators], rng)
    tags = _write(spans, bounds[-1])
    _invent(tags, bounds, taggers.false_alarm[annotator], len(truth.types), rng)
    return tags


def tag_sequences(
    item: IntArray,
    annotator: IntArray,
    tags: IntArray,
    shape: tuple[int, int],
    truth: Sentences,
    classes: Any,
) -> SequenceAnnotations:
    """Return the tags of all pairs as annotations.

    Parameters
    ----------
    item, annotator : ndarrays of shape (n_pairs,)
    tags : ndarray of shape (n_tags,)
        As `draw_tags` gives them.
    shape : tuple (n_sentences, n_annotators)
    truth : Sentences
    classes : ndarray of shape (n_classes,)

    Returns
    -------
    SequenceAnnotations
    """
    token = tokens_of(truth, item)
    annotator = np.repeat(annotator, truth.lengths[item])
    order = np.lexsort((annotator, token))
    tokens = Annotations(
        token[order],
        annotator[order],
        truth.class_of[tags[order]],
        (len(truth.tags), shape[1]),
        classes,
    )
    return SequenceAnnotations(tokens, truth.lengths)


def tokens_of(truth: Sentences, item: IntArray) -> IntArray:
    """Return the tokens of the sentences of all pairs, concatenated, (n_tags,)."""
    return ranges(truth.offsets[item], truth.lengths[item])


def ranges(first: IntArray, count: IntArray) -> IntArray:
    """Concatenate ``first[k], ..., first[k] + count[k] - 1`` for every k."""
    ends = np.cumsum(count)
    return np.repeat(first - (ends - count), count) + np.arange(count.sum())


def _true_spans(truth: Sentences, item: IntArray, bounds: IntArray) -> Spans:
    """Copy the true spans of a sentence for each of its annotators."""
    start, stop = truth.spans
    first = np.searchsorted(start, truth.offsets)
    count = np.diff(np.append(first, len(start)))
    which = ranges(first[item], count[item])
    pair = np.repeat(np.arange(len(item)), count[item])
    shift = bounds[pair] - truth.offsets[item[pair]]
    type_ = truth.tags[start[which]] // 2
    return Spans(pair, start[which] + shift, stop[which] + shift, type_)


def _find(spans: Spans, miss: FloatArray, rng: np.random.RandomState) -> Spans:
    """Remove missed spans; `miss` has a rate for each pair."""
    found = rng.random_sample(len(spans.pair)) >= miss[spans.pair]
    return Spans(*(column[found] for column in spans))


def _move(
    spans: Spans, bounds: IntArray, rate: FloatArray, rng: np.random.RandomState
) -> Spans:
    """Move a boundary of some spans, where there is room.

    They are one token more before or behind, one less there, and the first alone. A
    single token between two spans is left to the first, so that none can overlap.
    """
    pair, start, stop, type_ = spans
    before, behind = _room(spans, bounds)
    length = stop - start
    starts = np.stack([start - 1, start, start + 1, start, start])
    stops = np.stack([stop, stop + 1, stop, stop - 1, start + 1])
    possible = np.stack([before > 0, behind > 0, length > 1, length > 1, length > 2])
    rank = possible.cumsum(axis=0)
    moved = rng.random_sample(len(pair)) < rate
    chosen = (rng.random_sample(len(pair)) * rank[-1]).astype(np.intp) + 1
    way = np.argmax(rank == chosen, axis=0), np.arange(len(pair))
    moved &= rank[-1] > 0
    start, stop = np.where(moved, (starts[way], stops[way]), (start, stop))
    return Spans(pair, start, stop, type_)


def _room(spans: Spans, bounds: IntArray) -> tuple[IntArray, IntArray]:
    """Return the free tokens before and after each span, shape (n_spans,) each."""
    pair, start, stop, _ = spans
    before, behind = start - bounds[pair], bounds[pair + 1] - stop
    together = pair[1:] == pair[:-1]
    gap = (start[1:] - stop[:-1])[together]
    before[1:][together] = gap - 1
    behind[:-1][together] = gap
    return before, behind


def _write(spans: Spans, n_tags: int) -> IntArray:
    """Write spans as tags, by scheme."""
    tags = np.zeros(n_tags, dtype=np.int64)
    length = spans.stop - spans.start
    tags[ranges(spans.start, length)] = np.repeat(2 + 2 * spans.type, length)
    tags[spans.start] -= 1
    return tags


def _invent(
    tags: IntArray,
    bounds: IntArray,
    rate: FloatArray,
    n_types: int,
    rng: np.random.RandomState,
) -> None:
    """Start spans at tokens with tag O, in place; `rate` is for each pair.

    They end after a random number of tokens, or before the next span.
    """
    begins = rng.random_sample(len(tags)) < np.repeat(rate, np.diff(bounds))
    begins &= tags == 0
    start = np.flatnonzero(begins)
    type_ = rng.randint(n_types, size=len(start))
    lengths, shares = zip(*INVENTED_LENGTHS.items(), strict=True)
    length = rng.choice(lengths, size=len(start), p=shares)
    tags[start] = 1 + 2 * type_
    free = np.append(tags == 0, False)
    free[bounds] = False  # spans do not cross sentences
    for step in range(1, max(lengths)):
        resumes = length > step
        resumes[resumes] = free[start[resumes] + step]
        start, type_, length = (a[resumes] for a in (start, type_, length))
        tags[start + step] = 2 + 2 * type_
