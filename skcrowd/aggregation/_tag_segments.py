"""Tag sequences as segments in which no annotator's tag changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrowd.aggregation._dependence_groups import number_groups
from skcrowd.aggregation._dependence_labels import search_labels
from skcrowd.aggregation._dependence_pairs import N_BLOCKS, Pairs
from skcrowd.aggregation._vote_discount import LEVEL, MIN_EXCESS, MOST_PAIRS
from skcrowd.annotations import Annotations
from skcrowd.annotations._assemble import Parts
from skcrowd.annotations._select import unchecked
from skcrowd.annotations._span_tags import is_span_scheme

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray
    from skcrowd.annotations import SequenceAnnotations

__all__ = ["TagKinds", "find_dependent_taggers", "segments_of", "some_sequences"]

OUTSIDE = "O"
UNTYPED = "span"


class TagKinds(NamedTuple):
    """Tags without the place in the span: "B-PER" and "I-PER" are of the kind "PER".

    Attributes
    ----------
    tokens : Annotations of shape (n_tokens, n_annotators)
        Of kind "labels", the classes are the kinds.
    code : int64 ndarray of shape (n_classes,)
        Kind of every tag.
    sequence : int64 ndarray of shape (n_tokens,)
        The sequence of every token.
    outside : int
        Code of the kind that marks no span, -1 where all tags do.
    """

    tokens: Annotations
    code: IntArray
    sequence: IntArray
    outside: int

    @classmethod
    def of(cls, sequences: SequenceAnnotations) -> TagKinds:
        """Read the kinds of all tags."""
        tokens = sequences.tokens
        kinds, code = _kinds(tokens.classes)
        answer = code[tokens.answer]
        names = tokens.annotator_names
        parts = Parts(
            tokens.item, tokens.annotator, answer, tokens.shape, kinds, names, None
        )
        of_kinds = unchecked(Annotations, *parts)
        sequence = np.repeat(np.arange(sequences.n_sequences), sequences.lengths)
        (outside,) = np.flatnonzero(kinds == OUTSIDE) if OUTSIDE in kinds else (-1,)
        return cls(of_kinds, code, sequence, int(outside))

    def changes(self) -> IntArray:
        """Return the tokens at which the kind of some annotator changes, or begins."""
        a = self.tokens
        order = np.lexsort((a.item, a.annotator))
        item, annotator, kind = a.item[order], a.annotator[order], a.answer[order]
        continues = (annotator[1:] == annotator[:-1]) & (kind[1:] == kind[:-1])
        continues &= item[1:] == item[:-1] + 1
        continues &= self.sequence[item[1:]] == self.sequence[item[:-1]]
        is_first = np.ones(a.n_answers, dtype=bool)
        is_first[1:] = ~continues
        return np.unique(item[is_first])


def segments_of(
    kinds: TagKinds, most_pairs: int | None = None
) -> tuple[Annotations, Pairs]:
    """Return segments in which nobody's tag changes, and the pairs of annotators.

    A segment is one decision: a span on whose limits all agree counts once, however
    long it is, as do the tokens between two spans. Most tokens are outside of all
    spans, where agreement shows little.

    Parameters
    ----------
    kinds : TagKinds
    most_pairs : int, default=None
        Pairs of answers to one segment that are compared, at most about. None compares
        all.

    Returns
    -------
    segments : Annotations of shape (n_segments, n_annotators)
    pairs : Pairs
        Blocks of items are whole sequences, whose segments may depend.
    """
    rows = kinds.changes()
    if most_pairs is not None:
        rows = rows[kinds.sequence[rows] % _step(kinds, rows, most_pairs) == 0]
    segments = kinds.tokens[rows]
    _, number = np.unique(kinds.sequence[rows], return_inverse=True)
    return segments, Pairs.of(segments, number % N_BLOCKS)


def some_sequences(
    sequences: SequenceAnnotations, most_pairs: int
) -> SequenceAnnotations:
    """Return every n-th sequence, those that :func:`segments_of` compares."""
    kinds = TagKinds.of(sequences)
    step = _step(kinds, kinds.changes(), most_pairs)
    return sequences[::step] if step > 1 else sequences


def _step(kinds: TagKinds, rows: IntArray, most_pairs: int) -> int:
    """Return the n of every n-th sequence; the rows are the segments of all."""
    n = kinds.tokens.answers_per_item[rows].astype(np.float64)
    return max(int(np.ceil(np.sum(n * (n - 1) / 2) / most_pairs)), 1)


def find_dependent_taggers(sequences: SequenceAnnotations) -> IntArray:
    """Find annotators who agree in segments more than truth and difficulty explain.

    Parameters
    ----------
    sequences : SequenceAnnotations

    Returns
    -------
    group : int64 ndarray of shape (n_annotators,)
        Number of the group of every annotator, -1 for those in none.
    """
    segments, pairs = segments_of(TagKinds.of(sequences), MOST_PAIRS)
    groups = search_labels(segments, pairs, MIN_EXCESS, LEVEL).groups
    return number_groups(groups, sequences.n_annotators)


def _kinds(tags: Array) -> tuple[Array, IntArray]:
    """Return the kinds of tags, and the kind of each."""
    if not is_span_scheme(tags.tolist()):
        return tags, np.arange(len(tags))
    names = [tag if tag == OUTSIDE else tag[2:] or UNTYPED for tag in tags.tolist()]
    kinds, code = np.unique(names, return_inverse=True)
    return kinds.astype(object), code.ravel()
