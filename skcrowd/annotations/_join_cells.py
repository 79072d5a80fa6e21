"""Join tables whose cells hold several answers: tag sequences, and sets of labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ._container import Annotations
from ._join import check_one_type, join_annotations, joined_names, joined_rows
from ._multilabel_container import MultilabelAnnotations
from ._part_names import decision_names
from ._sequence_container import SequenceAnnotations

__all__ = ["join_sequences", "join_sets"]


def join_sequences(
    first: SequenceAnnotations, second: SequenceAnnotations
) -> tuple[SequenceAnnotations, NDArray[np.int64]]:
    """Join the tag sequences of two tables.

    Parameters
    ----------
    first, second : SequenceAnnotations
        Sequences with the same name are the same where both tables name them;
        otherwise those of `second` follow those of `first`.

    Returns
    -------
    joined : SequenceAnnotations
        Annotators and sequences of `first`, then the new ones of `second`.
    tokens : int64 ndarray of shape (n_tokens of second,)
        Where the tokens of `second` are.

    Raises
    ------
    ValueError
        If a sequence has another length in the two, an annotator tags a token in both,
        or both name their sequences, but several alike.
    """
    names, rows = joined_rows(
        first.sequence_names, second.sequence_names, len(first), len(second)
    )
    is_old = rows < len(first)
    differs = np.flatnonzero(is_old)
    differs = differs[first.lengths[rows[differs]] != second.lengths[differs]]
    if differs.size:
        row = differs[0]
        assert names is not None
        raise ValueError(
            f"sequence {names.tolist()[rows[row]]!r} has {second.lengths[row]} tokens, "
            f"and had {first.lengths[rows[row]]} before; tags of one sequence must be "
            "of the same tokens."
        )
    lengths = np.concatenate([first.lengths, second.lengths[~is_old]])
    begin = np.cumsum(lengths) - lengths
    own_begin = np.cumsum(second.lengths) - second.lengths
    shift = np.repeat(begin[rows] - own_begin, second.lengths)
    tokens = np.arange(second.tokens.n_items) + shift

    def described(token: int) -> str:
        row = int(np.searchsorted(begin, token, side="right")) - 1
        return f"sequence {row if names is None else names.tolist()[row]!r}"

    places = np.arange(first.tokens.n_items), tokens
    n_tokens = int(lengths.sum())
    joined = _join_at(first.tokens, second.tokens, places, n_tokens, described)
    return SequenceAnnotations(joined, lengths, names), tokens


def join_sets(
    first: MultilabelAnnotations, second: MultilabelAnnotations
) -> tuple[MultilabelAnnotations, NDArray[np.int64], NDArray[np.int64]]:
    """Join the sets of labels of two tables.

    Parameters
    ----------
    first, second : MultilabelAnnotations
        Items with the same name are the same where both tables name them; otherwise
        those of `second` follow those of `first`. About labels that a table does not
        have its annotators have said nothing.

    Returns
    -------
    joined : MultilabelAnnotations
        Annotators, items and labels of `first`, then the new ones of `second`.
    first_decisions, second_decisions : int64 ndarray
        Where the decisions of the two, pairs of item and label, are.

    Raises
    ------
    ValueError
        If an annotator decides on a label of an item in both, the labels are of two
        types, or both name their items, but several alike.
    """
    names, rows = joined_rows(
        first.item_names, second.item_names, len(first), len(second)
    )
    check_one_type(first.classes, second.classes)
    classes, columns = joined_names(first.classes, second.classes)
    n_items, n_labels = max(len(first), int(rows.max(initial=-1)) + 1), len(classes)
    own = np.add.outer(np.arange(len(first)) * n_labels, np.arange(first.n_labels))
    further = np.add.outer(rows * n_labels, columns)
    places = own.ravel(), further.ravel()
    n_decisions, described = n_items * n_labels, decision_names(classes, names)
    joined = _join_at(first.decisions, second.decisions, places, n_decisions, described)
    return MultilabelAnnotations(joined, classes, names), *places


def _join_at(
    first: Annotations,
    second: Annotations,
    places: tuple[NDArray[np.int64], NDArray[np.int64]],
    n_rows: int,
    described: Callable[[int], str],
) -> Annotations:
    """Join two tables whose rows get other numbers.

    Parameters
    ----------
    first, second : Annotations
    places : tuple of two int64 ndarray
        The new number of every row of the two.
    n_rows : int
    described : callable
        Names a row, for the error message.
    """
    one = _moved(first, places[0], n_rows)
    other = _moved(second, places[1], n_rows)
    joined, _ = join_annotations(one, other, described)
    return replace(joined, item_names=None)


def _moved(table: Annotations, place: NDArray[np.int64], n_rows: int) -> Annotations:
    """Give the rows of a table other numbers, which become their names."""
    item = place[table.item]
    order = np.lexsort((table.annotator, item))
    return replace(
        table,
        item=item[order],
        annotator=table.annotator[order],
        answer=table.answer[order],
        shape=(n_rows, table.n_annotators),
        item_names=np.arange(n_rows),
        details=None if table.details is None else table.details.take(order),
    )
