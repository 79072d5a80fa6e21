"""Tags of sequences of one token, and of selected sequences."""

import numpy as np

from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._check import read_target
from skcrowd.annotations._form import Form
from skcrowd.annotations._sparse import is_sparse
from skcrowd.annotations._tables import plain

__all__ = ["select_sequences", "single_tags"]


def single_tags(y, n_sequences, classes=None):
    """Return the tags of sequences of one token as answers to items.

    Parameters
    ----------
    y : object
        The `y` that comes with a 2-D ``X``.
    n_sequences : int
    classes : array-like of shape (n_classes,), default=None

    Returns
    -------
    y : object
        A SequenceAnnotations, or cells with lists of one tag, as Annotations; all
        else as it is.
    """
    y = plain(y, "y of tags")
    if is_sparse(y):
        return y
    if isinstance(y, SequenceAnnotations) or Form(y).depth > 2:
        lengths = np.ones(n_sequences, dtype=np.int64)
        return read_target(y, lengths=lengths, classes=classes).annotations.tokens
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
