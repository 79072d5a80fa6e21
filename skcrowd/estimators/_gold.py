"""Read ``gold``: the truth of some items, beside the answers of annotators."""

import numpy as np
from sklearn.utils.validation import _num_samples

from skcrowd.annotations import Annotations, SequenceAnnotations
from skcrowd.annotations._lookup import object_array
from skcrowd.annotations._values import equal_mask, missing_mask

__all__ = ["joined_classes", "read_gold", "read_gold_tags"]


def read_gold(gold, n_items, kind, classes=None):
    """Read one known truth an item, missing ones left out.

    Parameters
    ----------
    gold : array-like of shape (n_items,)
        Missing are NaN, None, NA, the empty string, masked entries and, among labels,
        -1 unless that is a class of the answers.
    n_items : int
        Rows of X.
    kind : {"labels", "numbers"}
    classes : ndarray of shape (n_classes,), default=None
        Classes of the answers: whether -1 is among them.

    Returns
    -------
    known : Annotations of shape (n_items, 1) or None
        None where no truth is known.

    Raises
    ------
    ValueError
        If `gold` does not hold one value for each item.
    """
    if hasattr(gold, "to_numpy"):
        gold = gold.to_numpy()
    elif isinstance(gold, (list, tuple)):
        gold = object_array(gold)  # numpy would make strings of all beside a string
    values = np.ma.asanyarray(gold)
    if values.ndim != 1 or len(values) != n_items:
        raise ValueError(
            f"gold has shape {values.shape}, but X has {n_items} samples; give one "
            "label a sample, and None or NaN where the truth is not known."
        )
    values, masked = np.ma.getdata(values), np.ma.getmaskarray(values)
    missing = masked | missing_mask(values)
    if kind == "labels" and not _is_class(-1, classes):
        missing = missing | equal_mask(values, -1)
    known = np.flatnonzero(~missing)
    if not known.size:
        return None
    nobody = np.zeros(known.size, dtype=np.int64)
    return Annotations.from_long(
        known, nobody, values[known], n_items=n_items, kind=kind
    )


def _is_class(label, classes):
    return classes is not None and classes.dtype.kind == "i" and label in classes


def read_gold_tags(gold, lengths):
    """Read a known tag sequence for some sequences, None for the others.

    Parameters
    ----------
    gold : sequence of n_sequences tag sequences or None
        Single tags may be missing, too.
    lengths : ndarray of shape (n_sequences,)

    Returns
    -------
    known : SequenceAnnotations of shape (n_sequences, 1) or None
        None where no tag is known.
    """
    n_sequences = len(lengths)
    if _num_samples(gold) != n_sequences:
        raise ValueError(
            f"gold has {_num_samples(gold)} entries, but X has {n_sequences} sequences;"
            " give a tag sequence or None for each."
        )
    if all(_is_blank(tags) for tags in gold):
        return None
    cells = np.empty((n_sequences, 1), dtype=object)
    for k, tags in enumerate(gold):
        cells[k, 0] = None if _is_blank(tags) else tags
    return SequenceAnnotations.from_cells(cells, lengths)


def _is_blank(tags):
    """Whether nothing is known of a sequence."""
    if tags is None or isinstance(tags, (float, str)):
        return tags is None or tags != tags or tags == ""
    values = np.asarray(tags)
    return not values.size or bool(missing_mask(values).all())


def joined_classes(classes, known):
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
    kinds = {"U": "strings", "b": "booleans"}
    one, other = (kinds.get(c.dtype.kind, "integers") for c in (classes, known))
    if one != other:
        raise ValueError(
            f"gold holds {other} such as {known.tolist()[0]!r}, but y {one} such as "
            f"{classes.tolist()[0]!r}; convert one to the type of the other."
        )
    return classes if np.isin(known, classes).all() else np.union1d(classes, known)
