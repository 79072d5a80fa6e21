"""Read one complete tag sequence for each sample: true tags, or predicted ones."""

from collections.abc import Iterable, Mapping, Set
from itertools import chain
from typing import NamedTuple

import numpy as np

from ._lookup import object_array
from ._sequence_container import SequenceAnnotations
from ._tables import is_frame
from ._value_types import missing_mask, tighten

__all__ = ["TagSequences", "read_tag_sequences", "tag_in_words"]


class TagSequences(NamedTuple):
    """The tags of all tokens, concatenated in the order of the sequences.

    Attributes
    ----------
    tags : ndarray of shape (n_tokens,)
    lengths : int64 ndarray of shape (n_sequences,)
    """

    tags: np.ndarray
    lengths: np.ndarray


def read_tag_sequences(y, name):
    """Read one complete tag sequence for each sample, true or predicted.

    Parameters
    ----------
    y : SequenceAnnotations of one annotator, or iterable of tag sequences
        Single tags are sequences of one token.
    name : str
        The argument, for error messages.

    Returns
    -------
    sequences : TagSequences
    """
    if isinstance(y, SequenceAnnotations):
        _check_gold(y, name)
        return TagSequences(tighten(y.tokens.labels, name), y.lengths)
    rows = _rows(y, name)
    lengths = np.fromiter(map(len, rows), np.int64, len(rows))
    tags = object_array(list(chain.from_iterable(rows)))
    _check_tags(tags, lengths, name)
    return TagSequences(tighten(tags, name), lengths)


def _rows(y, name):
    """Return each sequence as a list."""
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
    """Return a list of an array, Series or tuple; a Python scalar of numpy's."""
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
    """Raise for missing tags, and for lists in lists."""
    is_other = [not isinstance(tag, (str, int, float, np.generic)) for tag in tags]
    wrong = missing_mask(tags) | is_other
    if wrong.any():
        raise ValueError(
            f"{name} holds {tag_in_words(tags, lengths, np.argmax(wrong))}, where "
            "a tag was expected; give a string or an integer for each token."
        )


def tag_in_words(tags, lengths, k):
    """Return tag k and its position, in words."""
    ends = np.cumsum(lengths)
    row = np.searchsorted(ends, k, side="right")
    token = k - (ends[row] - lengths[row])
    return f"{tags[k : k + 1].tolist()[0]!r} at token {token} of sequence {row}"
