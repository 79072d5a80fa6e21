"""Read the tags of sequences whose numbers of tokens are known, in any form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._container import Annotations
from ._form import Form, is_nested, rows_of
from ._lookup import object_array
from ._sequence_container import (
    SequenceAnnotations,
    check_sequence_annotations,
    true_sequences,
)
from ._sparse import is_sparse
from ._tables import plain
from ._value_types import missing_mask

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, IntArray


__all__ = ["read_tags"]

ADVICE = (
    "y must be a matrix (n_sequences, n_annotators) whose cells are tag sequences or "
    "None, a SequenceAnnotations, a flat matrix with a row for each token, or, for "
    "true tags, a list with a tag sequence for each sequence of X."
)


def read_tags(
    y: AnswersLike,
    lengths: IntArray,
    classes: Any = None,
    *,
    column_is_truth: bool = True,
    is_open: bool = False,
) -> tuple[SequenceAnnotations, bool]:
    """Read the tags of sequences in any form.

    Parameters
    ----------
    y : object
        The argument of the user.
    lengths : int64 ndarray of shape (n_sequences,)
        Tokens of every sequence of X.
    classes : array-like of shape (n_classes,), default=None
    column_is_truth : bool, default=True
        Whether one tag for each of as many sequences of one token is the truth, rather
        than a flat column of one annotator.
    is_open : bool, default=False
        Whether true tags may lie outside `classes`, as where predictions are scored.

    Returns
    -------
    annotations : SequenceAnnotations
    is_truth : bool
        Whether ``y`` holds one true tag sequence for each sequence.

    Raises
    ------
    ValueError
        If ``y`` is of no known form, or its sequences do not fit those of X.
    """
    y = plain(y, "y of tags")
    if isinstance(y, SequenceAnnotations):
        _check_count(len(y), lengths, "sequences")
        return check_sequence_annotations(y, lengths, classes), False
    if isinstance(y, Annotations) or is_sparse(y):
        return _read_flat(y, lengths, classes), False
    form = Form(y)
    if form.depth > 2:
        _check_count(len(y), lengths, "rows")
        return check_sequence_annotations(y, lengths, classes), False
    if form.depth < 2:
        content = f" of {len(y)} single values" if is_nested(y) else ""
        raise ValueError(f"y is a {type(y).__name__}{content}; {ADVICE}")
    _check_any_tag(y)
    if form.is_flat(lengths, column_is_truth=column_is_truth):
        return _read_flat(y, lengths, classes), False
    _check_count(len(y), lengths, "tag sequences")
    if is_open:
        return true_sequences(rows_of(y), lengths, known=classes), True
    return true_sequences(rows_of(y), lengths, classes), True


def _check_any_tag(y: AnswersLike) -> None:
    """Raise if all values of `y`, of depth 2, are missing."""
    rows = [row if is_nested(row) else [row] for row in rows_of(y)]
    values = object_array([value for row in rows for value in row])
    if missing_mask(values).all():
        raise ValueError(
            "y holds no tag at all; leave at least one tag sequence of an annotator."
        )


def _read_flat(y: AnswersLike, lengths: IntArray, classes: Any) -> SequenceAnnotations:
    n_rows = y.shape[0] if hasattr(y, "shape") else len(y)
    if n_rows != lengths.sum():
        raise ValueError(
            f"y has {n_rows} rows, but X has {lengths.sum()} tokens in "
            f"{len(lengths)} sequences; {ADVICE}"
        )
    return SequenceAnnotations.from_flat(y, lengths, classes=classes)


def _check_count(n_rows: int, lengths: IntArray, what: str) -> None:
    if n_rows != len(lengths):
        raise ValueError(
            f"y has {n_rows} {what}, but X has {len(lengths)} sequences "
            f"({lengths.sum()} tokens); {ADVICE}"
        )
