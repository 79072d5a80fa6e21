"""Read tag sequences: true ones, and predicted ones beside them."""

from collections.abc import Iterable, Mapping, Set
from itertools import chain
from typing import NamedTuple

import numpy as np

from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._missing import SCORED_TAGS, find_missing
from skcrowd.annotations._tables import is_frame
from skcrowd.annotations._value_types import missing_mask, tighten
from skcrowd.annotations._weights import read_weight


class TagSequences(NamedTuple):
    """Tags of all tokens, one sequence after another, and how many each has."""

    tags: np.ndarray
    lengths: np.ndarray


def read_pair(y_true, y_pred, sample_weight):
    """Both as :class:`TagSequences`, and a weight for each sequence."""
    check_aligned(y_true=y_true, y_pred=y_pred, sample_weight=sample_weight)
    true, pred = _read(y_true, "y_true"), _read(y_pred, "y_pred")
    _check_same_lengths(true.lengths, pred.lengths)
    if not isinstance(y_true, SequenceAnnotations):
        find_missing(true.tags, SCORED_TAGS._replace(known=pred.tags))  # for warnings
    weight = read_weight(sample_weight, len(true.lengths))
    return true, pred, weight


def _read(y, name):
    if isinstance(y, SequenceAnnotations):
        _check_gold(y, name)
        return TagSequences(tighten(y.tokens.labels, name), y.lengths)
    rows = _rows(y, name)
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    tags = object_array(list(chain.from_iterable(rows)))
    _check_tags(tags, lengths, name)
    return TagSequences(tighten(tags, name), lengths)


def _rows(y, name):
    """Each sequence as a list."""
    no_rows = isinstance(y, (str, bytes, Mapping, Set)) or is_frame(y)
    if no_rows or not isinstance(y, Iterable):
        raise ValueError(
            f"{name} must be a list with the tags of each sequence, got "
            f"{type(y).__name__}."
        )
    rows = [_plain(row) for row in y]
    if not rows:
        raise ValueError(f"{name} has no sequences; give at least one.")
    if all(isinstance(row, (str, int, float)) for row in rows):
        return [[row] for row in rows]
    for i, row in enumerate(rows):
        if not isinstance(row, list) or not row:
            raise ValueError(
                f"{name} holds {row!r} as sequence {i}; give a list, a tuple or a 1-D "
                "array with a tag for each of its tokens, at least one."
            )
    return rows


def _plain(row):
    """Arrays, Series and tuples as lists, numpy's scalars as Python's."""
    if hasattr(row, "tolist"):
        return row.tolist()
    return list(row) if isinstance(row, tuple) else row


def _check_gold(y, name):
    if y.n_annotators != 1 or y.tokens.n_answers != y.n_tokens:
        raise ValueError(
            f"{name} holds {y.tokens.n_answers} tags of {y.n_annotators} annotators "
            f"for {y.n_tokens} tokens; give one tag for each token, as "
            "SequenceAnnotations.from_gold makes it."
        )


def _check_tags(tags, lengths, name):
    """Refuse what is missing, and lists in lists."""
    strange = [not isinstance(tag, (str, int, float, np.generic)) for tag in tags]
    wrong = missing_mask(tags) | strange
    if wrong.any():
        raise ValueError(
            f"{name} holds {found(tags, lengths, np.argmax(wrong))}, where a tag was "
            "expected; give a string or an integer for each token."
        )


def found(tags, lengths, k):
    """Tag k and where it stands, in words."""
    ends = np.cumsum(lengths)
    row = np.searchsorted(ends, k, side="right")
    token = k - (ends[row] - lengths[row])
    return f"{tags[k : k + 1].tolist()[0]!r} at token {token} of sequence {row}"


def _check_same_lengths(true, pred):
    if true.size != pred.size:
        raise ValueError(
            f"y_true has {true.size} sequences and y_pred {pred.size}; give the same "
            "sequences in the same order."
        )
    wrong = np.flatnonzero(true != pred)
    if wrong.size:
        i = wrong[0]
        raise ValueError(
            f"sequence {i} has {true[i]} tags in y_true and {pred[i]} in y_pred "
            f"({wrong.size} such sequences); give a tag for each token, the sequences "
            "in the same order."
        )
