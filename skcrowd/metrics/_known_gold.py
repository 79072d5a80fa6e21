"""Read the true labels that a scorer needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from skcrowd.annotations._encoding import encode
from skcrowd.annotations._gold import in_type_of
from skcrowd.annotations._known import is_sequence, known_values

if TYPE_CHECKING:
    from skcrowd._typing import Array, IntArray


__all__ = ["known_gold"]


def known_gold(
    gold: Any, n_samples: int, classes: Any = None, *, may_be_empty: bool = False
) -> tuple[IntArray, Array]:
    """Find the samples whose truth is known.

    Parameters
    ----------
    gold : array-like of shape (n_samples,)
        See :func:`skcrowd.annotations._known.known_values`.
    n_samples : int
    classes : ndarray of shape (n_classes,), default=None
        None for numbers.
    may_be_empty : bool, default=False
        Whether no truth need be known.

    Returns
    -------
    rows : int64 ndarray of shape (n_known,)
    values : ndarray of shape (n_known,)
        Of objects where they are tag sequences.

    Raises
    ------
    ValueError
        If `gold` is None or of another shape, no truth is known, labels are not of the
        type of the classes, or numbers are strings or infinite.
    """
    if gold is None:
        raise ValueError(
            "there are no true labels to score by; pass gold=, with one true label for "
            "each row of X and None or NaN where it is not known. In a search or "
            "cross-validation it arrives by metadata routing: "
            "sklearn.set_config(enable_metadata_routing=True)."
        )
    kind = "numbers" if classes is None else "labels"
    rows, values = known_values(gold, n_samples, classes, kind=kind)
    if not rows.size and not may_be_empty:
        raise ValueError(
            f"gold holds no true label at all among {n_samples} samples; leave at "
            "least one in every part that is scored."
        )
    if not rows.size or is_sequence(values[0]):
        return rows, values
    return rows, _encoded(values, rows, classes)


def _encoded(values: Array, rows: IntArray, classes: Any) -> Array:
    """Return labels of the type of the classes, or float64 numbers.

    Booleans are read as the classes 0 and 1.
    """

    def where(k: int) -> str:
        return f"row {rows[k]}"

    if classes is None:
        numbers, _ = encode(values, "numbers", None, where, "gold")
        return numbers
    codes, distinct = encode(values, "labels", None, where, "gold")
    assert distinct is not None
    return in_type_of(classes, distinct, "gold")[codes]
