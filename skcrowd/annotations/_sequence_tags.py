"""From tag sequences to annotated tokens, and back."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, count, pairwise
from numbers import Number
from typing import TYPE_CHECKING, Any

import numpy as np

from ._assemble import Where, no_answer, readonly
from ._container import Annotations
from ._encoding import check_classes, check_known, encode
from ._export import natural_missing
from ._look_alikes import found_names, warn_of_look_alikes
from ._lookup import factorize, object_array, positions, preview
from ._missing import CELLS, find_missing
from ._plausible import warn_of_many_classes
from ._tables import plain

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray

    from ._missing import Source
    from ._sequence_cells import Cells


def read_tokens(
    cells: Cells,
    lengths: Any,
    missing_label: Any,
    classes: Any,
    source: Source = CELLS,
) -> tuple[Annotations, IntArray]:
    """Annotate the tokens of all sequences, concatenated in order.

    Parameters
    ----------
    cells : Cells
    lengths : array-like of shape (n_sequences,) or None
    missing_label : scalar, None or "auto"
    classes : array-like of shape (n_classes,) or None
    source : Source, default=CELLS
        Defines what -1 means where `missing_label` is "auto".

    Returns
    -------
    tokens : Annotations of shape (n_tokens, n_annotators)
    lengths : int64 ndarray of shape (n_sequences,)
    """
    if not cells.tags:
        raise no_answer(cells.shape, "labels", cells.argument)
    n_tags = np.fromiter(map(len, cells.tags), np.int64, len(cells.tags))
    lengths = _true_lengths(cells, n_tags, lengths)
    offsets = offsets_of(lengths)
    position, place = _layout(cells.sequence, n_tags)
    token = np.repeat(offsets[cells.sequence], n_tags) + position
    annotator = np.repeat(cells.annotator, n_tags)
    where = TagWhere(token, annotator, offsets, cells.names, cells.sequence_names)
    answer, classes = _encode_tags(cells, missing_label, classes, where, source)
    token, annotator, answer = (_sorted(a, place) for a in (token, annotator, answer))
    answered = answer >= 0
    if not answered.all():
        token, annotator, answer = (a[answered] for a in (token, annotator, answer))
    tokens = Annotations(
        readonly(token),
        readonly(annotator),
        readonly(answer),
        (int(offsets[-1]), cells.shape[1]),
        classes,
        cells.names,
    )
    return tokens, lengths


def offsets_of(lengths: IntArray) -> IntArray:
    """Return where sequences begin and the last one ends, shape (n + 1,)."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def check_lengths(lengths: Any, n_sequences: int | None = None) -> IntArray:
    """Read the numbers of tokens of all sequences.

    Parameters
    ----------
    lengths : array-like of shape (n_sequences,)
    n_sequences : int, default=None
        How many there must be; None for any number.

    Returns
    -------
    lengths : int64 ndarray of shape (n_sequences,)
        A copy.
    """
    array = np.asarray(plain(lengths, "lengths"))
    if array.ndim != 1 or (array.size and array.dtype.kind not in "iu"):
        raise ValueError(
            "lengths must be a 1-D array with the number of tokens of every sequence, "
            f"got {array.dtype} of shape {array.shape}; pass "
            "lengths=[len(tokens) for tokens in X]."
        )
    if n_sequences is not None and array.size != n_sequences:
        raise ValueError(
            f"lengths holds {array.size} lengths, but y has {n_sequences} sequences "
            "(rows); give one length for each."
        )
    if (array < 1).any():
        k = int(np.argmax(array < 1))
        raise ValueError(
            f"lengths holds {array[k]} at row {k}, but a sequence has at least one "
            "token; drop empty sequences from X and y."
        )
    return array.astype(np.int64)


def _true_lengths(cells: Cells, n_tags: IntArray, lengths: IntArray) -> IntArray:
    known = lengths is not None
    if known:
        lengths = check_lengths(lengths, cells.shape[0])
    else:
        lengths = _lengths_seen(cells, n_tags)
    wrong = np.flatnonzero(n_tags != lengths[cells.sequence])
    if not wrong.size:
        return lengths
    k, where = int(wrong[0]), _cell_where(cells)
    row = cells.sequence[k]
    other = "lengths gives"
    if not known:
        first = int(np.searchsorted(cells.sequence, row))
        other = f"annotator {where.name(first)!r} gave this sequence"
    raise ValueError(
        f"{cells.argument} holds a sequence of {n_tags[k]} tags at {where(k)}, but "
        f"{other} {lengths[row]} ({wrong.size} such cells); give a tag for each token, "
        "None for single tags that are missing, and no padding."
    )


def _lengths_seen(cells: Cells, n_tags: IntArray) -> IntArray:
    """Take the length of a sequence from the first annotator who tagged it."""
    lengths = np.zeros(cells.shape[0], dtype=np.int64)
    lengths[cells.sequence[::-1]] = n_tags[::-1]
    unknown = np.flatnonzero(lengths == 0)
    if unknown.size:
        row = int(unknown[0])
        names = cells.sequence_names
        which = f"row {row}" if names is None else f"sequence {preview(names[[row]])}"
        raise ValueError(
            f"nobody tagged {which} of y ({unknown.size} such sequences), so its "
            "length is unknown; pass lengths=[len(tokens) for tokens in X], or drop it."
        )
    return lengths


class _CellWhere(Where):
    def name(self, k: int) -> str:
        return self.names[self.annotator[k : k + 1]].tolist()[0]


def _cell_where(cells: Cells) -> _CellWhere:
    return _CellWhere(
        cells.sequence, cells.annotator, cells.names, cells.sequence_names
    )


class TagWhere:
    """Describe the position of tag k, given the token and annotator of every tag."""

    def __init__(
        self,
        token: IntArray,
        annotator: IntArray,
        offsets: IntArray,
        names: Array,
        sequence_names: Any,
    ) -> None:
        self.token, self.annotator, self.offsets = token, annotator, offsets
        self.names, self.sequence_names = names, sequence_names

    def __call__(self, k: int) -> str:
        token = self.token[k]
        row = np.searchsorted(self.offsets, token, side="right") - 1
        cell = Where([row], self.annotator[[k]], self.names, self.sequence_names)
        return f"token {token - self.offsets[row]} of {cell(0)}"


def _layout(sequence: IntArray, n_tags: IntArray) -> tuple[IntArray, IntArray]:
    """Compute positions of tags that are given cell by cell.

    Returns
    -------
    position : int64 ndarray of shape (n_all_tags,)
        The place of a tag in its sequence.
    place : int64 ndarray of shape (n_all_tags,)
        The place of a tag when all are sorted by token, then annotator.
    """
    begin = np.cumsum(n_tags) - n_tags
    position = np.arange(n_tags.sum()) - np.repeat(begin, n_tags)
    _, first_cell, cell, n_cells = np.unique(
        sequence, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.arange(sequence.size) - first_cell[cell]
    corner = begin[first_cell[cell]] + rank
    step = n_cells[cell]
    return position, np.repeat(corner, n_tags) + position * np.repeat(step, n_tags)


def _sorted(column: IntArray, place: IntArray) -> IntArray:
    ordered = np.empty_like(column)
    ordered[place] = column
    return ordered


def _encode_tags(
    cells: Cells, missing_label: Any, classes: Any, where: Any, source: Source
) -> tuple[IntArray, Any]:
    """Encode all tags, cell by cell, each distinct value once.

    Returns
    -------
    answer : int64 ndarray of shape (n_all_tags,)
        Codes into `classes`; -1 where missing.
    classes : ndarray of shape (n_classes,)
    """
    code, distinct = _distinct(cells.tags)
    missing = find_missing(
        distinct,
        source._replace(name=cells.argument),
        missing_label=missing_label,
        classes=classes,
        counts=np.bincount(code),
    )
    known = np.flatnonzero(~missing)
    if not known.size:
        raise no_answer(cells.shape, "labels", cells.argument)
    rank, seen = encode(
        distinct[known],
        "labels",
        None,
        lambda k: where(int(np.argmax(code == known[k]))),
        cells.argument,
    )
    rank_or_missing = np.full(distinct.size, -1, dtype=np.int64)
    rank_or_missing[known] = rank
    answer = rank_or_missing[code]
    if classes is None:
        warn_of_many_classes(seen, int((answer >= 0).sum()))
        warn_of_look_alikes(labels=found_names(seen))
        return answer, seen
    classes = check_classes(classes)
    tag = np.flatnonzero(answer >= 0)
    answer[tag] = recode(answer[tag], seen, classes, lambda k: where(tag[k]))
    return answer, classes


def recode(answer: IntArray, seen: Any, classes: Any, where: Any) -> IntArray:
    """Turn codes into `seen` to codes into `classes`; raise where there is none."""
    place = positions(seen, classes)
    if (place < 0).any():
        check_known(place[answer], seen[answer], classes, where)
    return place[answer]


def _distinct(
    tags: Any,
) -> tuple[IntArray, Any]:
    """Give every tag the number of its value (and type, among numbers).

    Returns
    -------
    code : int64 ndarray of shape (n_all_tags,)
    distinct : ndarray of shape (n_distinct,)
        Integers if all tags are, else any type.
    """
    if set(map(type, tags)) == {np.ndarray}:
        kinds = {cell.dtype.kind for cell in tags}
        if len(kinds) == 1 and kinds <= set("ibf"):
            joined = np.concatenate(tags)
            return factorize(joined.astype(np.int64) if kinds == {"i"} else joined)
    listed = (t.tolist() if isinstance(t, np.ndarray) else t for t in tags)
    values = list(chain.from_iterable(listed))
    types = set(map(type, values))
    if any(type_.__hash__ is None for type_ in types):
        return np.arange(len(values)), object_array(values)
    if sum(issubclass(type_, (Number, np.bool_)) for type_ in types) > 1:
        code, pairs = _numbered(zip(map(type, values), values, strict=True))
        return code, _typed([value for _, value in pairs], types)
    code, distinct = _numbered(values)
    return code, _typed(distinct, types)


def _numbered(values: Any) -> tuple[IntArray, list[Any]]:
    rank: defaultdict[Any, int] = defaultdict(count().__next__)
    return np.fromiter(map(rank.__getitem__, values), np.int64), list(rank)


def _typed(values: Any, types: set[type[Any]]) -> Array:
    integers = all(issubclass(t, (int, np.integer)) and t is not bool for t in types)
    return np.array(values) if integers else object_array(values)


def write_cells(
    tokens: Annotations, offsets: IntArray, missing: Any
) -> tuple[IntArray, IntArray, list[Array]]:
    """Write the tags of every (sequence, annotator) pair.

    Parameters
    ----------
    tokens : Annotations of shape (n_tokens, n_annotators)
    offsets : int64 ndarray of shape (n_sequences + 1,)
    missing : scalar
        What stands for a single missing tag; "auto" as in `Annotations.to_dense`.

    Returns
    -------
    sequence, annotator : int64 ndarray of shape (n_pairs,)
    tags : list of n_pairs ndarrays
    """
    if isinstance(missing, str) and missing == "auto":
        missing, dtype = natural_missing(tokens)
    else:
        dtype = tokens[:0].to_dense(missing).dtype
    pair, sequence, annotator = find_pairs(tokens, offsets)
    place, bounds = cell_places(tokens.item, pair, sequence, offsets)
    flat = np.full(bounds[-1], missing, dtype=dtype)
    flat[place] = tokens.labels
    return sequence, annotator, [flat[a:b] for a, b in pairwise(bounds.tolist())]


def cell_places(
    token: IntArray, pair: IntArray, sequence: IntArray, offsets: IntArray
) -> tuple[IntArray, IntArray]:
    """Lay the tags of all (sequence, annotator) pairs one after the other.

    Parameters
    ----------
    token, pair : int64 ndarray of shape (n_answers,)
        Of each tag; `pair` as `find_pairs` returns it.
    sequence : int64 ndarray of shape (n_pairs,)
    offsets : int64 ndarray of shape (n_sequences + 1,)

    Returns
    -------
    place : int64 ndarray of shape (n_answers,)
        Where each tag comes; missing tags leave gaps.
    bounds : int64 ndarray of shape (n_pairs + 1,)
        Where the tags of each pair begin, and the last ones end.
    """
    bounds = offsets_of(np.diff(offsets)[sequence])
    return token + (bounds[:-1] - offsets[sequence])[pair], bounds


def find_pairs(
    tokens: Annotations, offsets: IntArray
) -> tuple[IntArray, IntArray, IntArray]:
    """Find who tagged at least one token of which sequence.

    Returns
    -------
    pair : int64 ndarray of shape (n_answers,)
        The pair to which an answer belongs.
    sequence, annotator : int64 ndarray of shape (n_pairs,)
        Sorted by sequence, then annotator.
    """
    lengths = np.diff(offsets)
    row = np.repeat(np.arange(lengths.size), lengths)[tokens.item]
    pair, key = factorize(row * np.int64(tokens.n_annotators) + tokens.annotator)
    sequence, annotator = np.divmod(key, max(tokens.n_annotators, 1))
    return pair, sequence, annotator
