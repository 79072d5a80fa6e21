"""The form of a `y`: how deep sequences are nested in it, and how long its rows are."""

from functools import cached_property

import numpy as np

from ._container import Annotations
from ._sequence_container import SequenceAnnotations
from ._sparse import is_sparse

__all__ = ["Form", "is_nested", "rows_of"]


class Form:
    """The form of a `y` that `plain` has read.

    Parameters
    ----------
    y : object
        A container of this package, or what `plain` returns.
    """

    def __init__(self, y):
        self.y = y

    @property
    def is_container(self):
        """Whether `y` is annotations or a sparse matrix, which hold answers."""
        return isinstance(self.y, (Annotations, SequenceAnnotations)) or is_sparse(
            self.y
        )

    @cached_property
    def depth(self):
        """Depth of nesting; missing cells do not count.

        1: single values. 2: a matrix, or a list of tag sequences. 3: a matrix whose
        cells are tag sequences.
        """
        return _depth(self.y)

    @cached_property
    def width(self):
        """Number of entries of every row, or None where rows differ or are values."""
        if hasattr(self.y, "shape") and len(self.y.shape) > 1:
            return self.y.shape[1]
        rows = rows_of(self.y)
        if not rows or not all(map(is_nested, rows)):
            return None
        widths = set(map(len, rows))
        return widths.pop() if len(widths) == 1 else None

    @property
    def is_matrix(self):
        """Whether `y` has two dimensions, and no cell is a sequence."""
        if self.is_container:
            return not isinstance(self.y, SequenceAnnotations)
        is_list_of_rows = getattr(self.y, "ndim", None) == 1
        return self.depth == 2 and self.width is not None and not is_list_of_rows

    def is_flat(self, lengths, *, column_is_truth=True):
        """Whether `y` of depth 2 has a row for each token, not for each sequence.

        Parameters
        ----------
        lengths : int64 ndarray of shape (n_sequences,)
            Tokens of every sequence of X.
        column_is_truth : bool, default=True
            Where each sequence has one token, a column fits both readings: whether it
            is the true tags.
        """
        if self.width is None or len(self.y) != lengths.sum():
            return False
        fits_both = len(self.y) == len(lengths) and self.width == 1
        return not (fits_both and column_is_truth)


def rows_of(y):
    """Return the rows of a plain `y` as a list."""
    return list(y.to_numpy() if hasattr(y, "to_numpy") else y)


def is_nested(value):
    """Whether a value is a list, tuple or array of at least one dimension."""
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def _depth(y):
    if not is_nested(y):
        return 0
    if isinstance(y, np.ndarray) and y.dtype != object:
        return y.ndim
    rows = y.to_numpy() if hasattr(y, "to_numpy") else y
    return 1 + max(map(_depth, rows), default=0)
