"""Read ``gold``: the truth of some items, beside the answers of annotators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.annotations._assemble import Where
from skcrowd.annotations._encoding import check_squares, encode
from skcrowd.annotations._known import known_values
from skcrowd.annotations._missing import GOLD_TAGS
from skcrowd.annotations._sequence_cells import known_cells
from skcrowd.annotations._sequence_tags import read_tokens

if TYPE_CHECKING:
    from skcrowd._typing import Array, Gold


__all__ = ["in_type_of", "joined_classes", "read_gold", "read_gold_tags"]

TYPES = {"U": "strings", "b": "booleans"}


def read_gold(
    gold: Gold, n_items: int, kind: Any, known: Array | None = None
) -> Annotations | None:
    """Read one known truth an item, missing ones left out.

    Parameters
    ----------
    gold, known
        See :func:`skcrowd.annotations._known.known_values`.
    n_items : int
        Rows of X.
    kind : {"labels", "numbers"}

    Returns
    -------
    gold : Annotations of shape (n_items, 1) or None
        None where no truth is known.
    """
    rows, values = known_values(gold, n_items, known, kind=kind)
    if not rows.size:
        return None
    where = Where(rows, None, None, None)
    answer, classes = encode(values, kind, None, where, "gold")
    if kind == "numbers":
        check_squares(answer, where, "gold")
    nobody = np.zeros(rows.size, dtype=np.int64)
    return Annotations(rows, nobody, answer, (n_items, 1), classes)


def read_gold_tags(
    gold: Gold, lengths: Any, known: Array | None = None
) -> SequenceAnnotations | None:
    """Read a known tag sequence for some sequences, None for the others.

    Parameters
    ----------
    gold : sequence of n_sequences tag sequences or None
        Single tags may be missing, too.
    lengths : ndarray of shape (n_sequences,)
    known : ndarray of shape (n_classes,), default=None
        Tags of annotators.

    Returns
    -------
    gold : SequenceAnnotations of shape (n_sequences, 1) or None
        None where no tag is known.
    """
    rows, sequences = known_values(gold, len(lengths), known)
    if not rows.size:
        return None
    source = GOLD_TAGS._replace(known=known)
    cells = known_cells(rows, sequences.astype(object), len(lengths))
    return SequenceAnnotations(*read_tokens(cells, lengths, "auto", None, source))


def joined_classes(classes: Any, known: Array) -> Array:
    """Return the classes of the answers and, sorted in, further ones of the gold.

    Parameters
    ----------
    classes, known : ndarray
        Of one type.

    Returns
    -------
    classes : ndarray
        `classes` itself where they hold all.

    Raises
    ------
    ValueError
        If they are of two types.
    """
    _check_same_type(classes, known, "gold")
    return classes if np.isin(known, classes).all() else np.union1d(classes, known)


def in_type_of(classes: Any, labels: Array, name: str) -> Array:
    """Return labels in the type of the classes of y: booleans as 0 and 1.

    Parameters
    ----------
    classes, labels : ndarray
        Read by `encode`: integers, strings or booleans.
    name : str
        The argument that holds the labels.

    Raises
    ------
    ValueError
        If they are of two types, and not booleans for the classes 0 and 1.
    """
    is_numbered = classes.dtype.kind == "i" and np.isin(classes, (0, 1)).all()
    if labels.dtype.kind == "b" and is_numbered:
        return labels.astype(classes.dtype)
    _check_same_type(classes, labels, name)
    return labels


def _check_same_type(classes: Any, labels: Array, name: str) -> None:
    """Raise if labels are of another type than the classes of y."""
    one, other = (TYPES.get(c.dtype.kind, "integers") for c in (classes, labels))
    why = "which never are equal"
    if "strings" not in (one, other):
        why = "of which True may be the label 1 or another one"
    if one != other:
        raise ValueError(
            f"{name} holds {other} such as {labels.tolist()[0]!r}, but y {one} such as "
            f"{classes.tolist()[0]!r}, {why}; convert one to the type of the other."
        )
