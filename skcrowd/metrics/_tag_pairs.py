"""Read true and predicted tag sequences of the same tokens."""

import numpy as np

from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._missing import SCORED_TAGS, find_missing
from skcrowd.annotations._tag_sequences import read_tag_sequences
from skcrowd.annotations._weights import read_weight

__all__ = ["read_pair"]


def read_pair(y_true, y_pred, sample_weight):
    """Read true and predicted tags of the same tokens.

    Parameters
    ----------
    y_true, y_pred : SequenceAnnotations, or iterable of n_sequences tag sequences
    sample_weight : array-like of shape (n_sequences,) or None

    Returns
    -------
    true, pred : TagSequences
    weight : ndarray of shape (n_sequences,)
    """
    check_aligned(y_true=y_true, y_pred=y_pred, sample_weight=sample_weight)
    true, pred = (
        read_tag_sequences(y_true, "y_true"),
        read_tag_sequences(y_pred, "y_pred"),
    )
    _check_same_lengths(true.lengths, pred.lengths)
    if not isinstance(y_true, SequenceAnnotations):
        find_missing(true.tags, SCORED_TAGS._replace(known=pred.tags))  # for warnings
    weight = read_weight(sample_weight, len(true.lengths))
    return true, pred, weight


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
