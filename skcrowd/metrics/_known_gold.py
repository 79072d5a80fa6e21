"""Read the true labels that a scorer needs."""

from skcrowd.annotations._known import is_sequence, known_values
from skcrowd.annotations._value_types import tighten

__all__ = ["known_gold"]


def known_gold(gold, n_samples, classes=None, *, may_be_empty=False):
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
        If `gold` is None or of another shape, or no truth is known.
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
    if rows.size and is_sequence(values[0]):
        return rows, values
    return rows, tighten(values, "gold") if rows.size else values
