"""Read ``y`` of sequences: true tags, or those of annotators."""

import numpy as np
from scipy import sparse

from skcrowd.annotations import (
    Annotations,
    SequenceAnnotations,
    check_sequence_annotations,
)
from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._sequence_container import true_sequences
from skcrowd.annotations._tables import plain
from skcrowd.annotations._values import missing_mask
from skcrowd.estimators._sequence_features import is_sequence

__all__ = ["read_tags", "select_sequences", "single_tags"]

ADVICE = (
    "y must be a matrix (n_sequences, n_annotators) whose cells are tag sequences or "
    "None, a SequenceAnnotations, a flat matrix with a row for each token, or, for "
    "true tags, a list with a tag sequence for each sequence of X."
)


def read_tags(y, lengths, classes=None, *, column_is_gold=True, is_open=False):
    """Read the tags of sequences in any form.

    Parameters
    ----------
    y : object
        What the user gave.
    lengths : int64 ndarray of shape (n_sequences,)
        Tokens of every sequence of X.
    classes : array-like of shape (n_classes,), default=None
    column_is_gold : bool, default=True
        Whether one tag for each of as many sequences of one token is the truth, rather
        than a flat column of one annotator.
    is_open : bool, default=False
        Whether true tags may be none of `classes`, as where predictions are judged.

    Returns
    -------
    annotations : SequenceAnnotations
    is_gold : bool
        Whether ``y`` holds one certain tag sequence for each sequence.

    Raises
    ------
    ValueError
        If ``y`` is of no known form, or its sequences do not fit those of X.
    """
    y = plain(y, "y of tags")
    if isinstance(y, SequenceAnnotations):
        _check_count(len(y), lengths, "sequences")
        return check_sequence_annotations(y, lengths, classes), False
    if isinstance(y, Annotations) or sparse.issparse(y):
        return _read_flat(y, lengths, classes), False
    depth = _depth(y)
    if depth > 2:
        _check_count(len(y), lengths, "rows")
        return check_sequence_annotations(y, lengths, classes), False
    if depth < 2:
        seen = f" of {len(y)} single values" if is_sequence(y) else ""
        raise ValueError(f"y is a {type(y).__name__}{seen}; {ADVICE}")
    _check_any_tag(y)
    if _is_flat(y, lengths, column_is_gold):
        return _read_flat(y, lengths, classes), False
    _check_count(len(y), lengths, "tag sequences")
    if is_open:
        return true_sequences(_rows(y), lengths, known=classes), True
    return true_sequences(_rows(y), lengths, classes), True


def single_tags(y, n_sequences, classes=None):
    """Return the tags of sequences of one token as answers to items.

    Parameters
    ----------
    y : object
        What the user gave beside a 2-D ``X``.
    n_sequences : int
    classes : array-like of shape (n_classes,), default=None

    Returns
    -------
    y : object
        A SequenceAnnotations, or cells with lists of one tag, as Annotations; all
        else as it is.
    """
    y = plain(y, "y of tags")
    if sparse.issparse(y):
        return y
    if isinstance(y, SequenceAnnotations) or _depth(y) > 2:
        return read_tags(y, np.ones(n_sequences, dtype=np.int64), classes)[0].tokens
    return y


def select_sequences(annotations, rows, keep_classes):
    """Select sequences, and the classes that occur in them unless all are kept.

    Raises
    ------
    ValueError
        If they hold no tag.
    """
    if not rows.all():
        annotations = annotations[rows]
    if not annotations.tokens.n_answers:
        raise ValueError(
            "y holds no tag at all for the sequences to learn from; leave at least one "
            "tag to a sequence of positive weight."
        )
    if keep_classes:
        return annotations
    seen = np.unique(annotations.tokens.answer)
    return annotations.with_classes(annotations.classes[seen])


def _check_any_tag(y):
    """Raise if all that two dimensions hold is missing, tag sequences or tags."""
    rows = [row if is_sequence(row) else [row] for row in _rows(y)]
    values = object_array([value for row in rows for value in row])
    if missing_mask(values).all():
        raise ValueError(
            "y holds no tag at all; leave at least one tag sequence of an annotator."
        )


def _rows(y):
    return list(y.to_numpy() if hasattr(y, "to_numpy") else y)


def _depth(y):
    """How deep sequences are nested in each other, missing cells left aside."""
    if not is_sequence(y):
        return 0
    if isinstance(y, np.ndarray) and y.dtype != object:
        return y.ndim
    rows = y.to_numpy() if hasattr(y, "to_numpy") else y
    return 1 + max(map(_depth, rows), default=0)


def _is_flat(y, lengths, column_is_gold):
    """Whether y has a row for each token rather than for each sequence."""
    if len(y) != lengths.sum():
        return False
    widths = {len(row) for row in _rows(y)}
    is_gold_too = column_is_gold and len(y) == len(lengths) and widths == {1}
    return len(widths) == 1 and not is_gold_too


def _read_flat(y, lengths, classes):
    n_rows = y.shape[0] if hasattr(y, "shape") else len(y)
    if n_rows != lengths.sum():
        raise ValueError(
            f"y has {n_rows} rows, but X has {lengths.sum()} tokens in "
            f"{len(lengths)} sequences; {ADVICE}"
        )
    return SequenceAnnotations.from_flat(y, lengths, classes=classes)


def _check_count(n_rows, lengths, what):
    if n_rows != len(lengths):
        raise ValueError(
            f"y has {n_rows} {what}, but X has {len(lengths)} sequences "
            f"({lengths.sum()} tokens); {ADVICE}"
        )
