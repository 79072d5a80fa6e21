"""Read ``y`` in any form that an estimator takes, without knowing the estimator."""

from numbers import Number

import numpy as np
from scipy import sparse

from skcrowd.annotations import Annotations, SequenceAnnotations, check_annotations
from skcrowd.annotations._tables import plain
from skcrowd.annotations._true_values import read_truth, warn_of_truth
from skcrowd.annotations._value_types import missing_mask, tighten

__all__ = ["read_answers", "read_y"]


def read_y(y, kind="auto", lengths=None, *, quietly=False):
    """Read answers, or the truth itself.

    Parameters
    ----------
    y : object
        What the user gave.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not say; "auto" takes numbers that are not
        whole for numbers, and all else for labels.
    lengths : int64 ndarray of shape (n_sequences,), default=None
        Tokens of every sequence of X, where X is known and holds sequences.
    quietly : bool, default=False
        Whether to say nothing of whole numbers of unknown kind, labels or ratings: the
        estimator will.

    Returns
    -------
    answers : Annotations or SequenceAnnotations
    is_gold : bool
        Whether ``y`` holds one certain label, number or tag sequence a sample, as it
        does if it is a single column without gaps.

    Raises
    ------
    ValueError
        If ``y`` is None, or cannot be read.
    """
    if y is None:
        raise ValueError("y is None; pass the answers, by which the samples are split.")
    y = plain(y, "y")
    if isinstance(y, SequenceAnnotations):
        return y, False
    form = _form(y)
    if form == "matrix" and lengths is not None:
        form = "flat" if _is_flat(y, lengths) else "tags"
    if form == "matrix":
        answers = _read_matrix(y, kind, quietly)
    elif form == "gold":
        answers = _read_gold(y, kind, quietly)
    else:
        answers = _READERS[form](y, lengths)
    is_gold = form in ("gold", "tags") or _is_full_column(y, answers)
    return answers, is_gold


def read_answers(y, kind="auto", *, quietly=False):
    """Read answers; refuse the truth, which nobody gave.

    Returns
    -------
    answers : Annotations or SequenceAnnotations
    """
    answers, is_gold = read_y(y, kind, quietly=quietly)
    if is_gold:
        raise ValueError(
            "y holds one value a sample, the truth itself, and no annotators; pass the "
            "answers, of shape (n_samples, n_annotators)."
        )
    return answers


def _form(y):
    """Tell the forms of ``y`` apart by how deep sequences are nested in it."""
    if isinstance(y, Annotations) or sparse.issparse(y):
        return "matrix"
    if isinstance(y, np.ndarray) and y.dtype != object:
        return {1: "gold", 2: "matrix"}.get(y.ndim, "cells")
    n_dims = getattr(y, "ndim", None)
    rows = _rows(y)
    inner = [row for row in rows if _is_sequence(row)]
    if not inner:
        return "gold"
    if any(_is_sequence(cell) for row in inner for cell in row):
        return "cells"
    is_ragged = len(inner) < len(rows) or len({len(row) for row in inner}) > 1
    return "tags" if is_ragged or n_dims == 1 else "matrix"


def _rows(y):
    return list(y.to_numpy() if hasattr(y, "to_numpy") else y)


def _is_sequence(value):
    return isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) > 0


def _is_flat(y, lengths):
    """Whether a matrix has a row for each token rather than for each sequence."""
    n_rows, n_columns = getattr(y, "shape", None) or (len(y), len(y[0]))
    is_container = isinstance(y, Annotations) or sparse.issparse(y)
    is_tags = n_rows == len(lengths) and (lengths == n_columns).all()
    return is_container or (n_rows == lengths.sum() and not is_tags)


def _is_full_column(y, answers):
    """Whether it is one column without gaps, which estimators take for a 1-D ``y``."""
    if isinstance(y, Annotations) or sparse.issparse(y):
        return False
    return answers.shape[1] == 1 and getattr(answers, "n_answers", 0) == len(y)


def _read_matrix(y, kind, quietly):
    if isinstance(y, Annotations):
        return y if kind == "auto" else check_annotations(y, kind=kind)
    if kind != "auto":
        return check_annotations(y, kind=kind)
    values = _values(y)
    if _has_fraction(values):
        return check_annotations(y, kind="numbers")
    labels = _whole_numbers(values) if quietly else None
    return check_annotations(y, kind="labels", classes=labels)


def _whole_numbers(values):
    """List the numbers that a matrix holds, -1 left out; None if it holds others."""
    if values.dtype == object:
        values = values[~missing_mask(values)]
        if not all(isinstance(v, Number) for v in values.tolist()):
            return None
        values = values.astype(np.float64)
    if values.dtype.kind not in "iuf":
        return None
    numbers = np.unique(values[np.isfinite(values) & (values != -1)])
    return numbers if numbers.size else None


def _values(y):
    """Return the answers of a matrix in any order, missing ones too."""
    if sparse.issparse(y):
        return y.tocoo().data
    if isinstance(y, np.ma.MaskedArray):
        return y.compressed()
    return np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)


def _has_fraction(values):
    """Whether a finite number among the values is not whole."""
    if values.dtype == object:
        floats = [v for v in values.ravel().tolist() if isinstance(v, float)]
        values = np.array(floats)
    if values.dtype.kind != "f":
        return False
    values = values[np.isfinite(values)]
    return bool((values != np.floor(values)).any())


def _read_gold(y, kind, quietly):
    """Read one certain answer a sample as those of one annotator."""
    values = read_truth(y)
    may_be_both = kind == "auto" and not _has_fraction(values)
    if kind == "auto":
        kind = "labels" if may_be_both else "numbers"
    if not (quietly and may_be_both and values.dtype.kind in "iuf"):
        warn_of_truth(values, kind)
    return Annotations.from_dense(
        values[:, None],
        missing_label=None,
        kind=kind,
        classes=None if kind == "numbers" else _seen(values),
    )


def _seen(labels):
    """List the labels, so that nothing is said of them again."""
    return np.unique(tighten(labels).astype(object)).tolist()


def _read_tags(y, lengths):
    return SequenceAnnotations.from_gold(_rows(y), lengths)


def _read_cells(y, lengths):
    lengths = _cell_lengths(_rows(y)) if lengths is None else lengths
    return SequenceAnnotations.from_cells(y, lengths)


def _cell_lengths(rows):
    """Count the tokens of every sequence; one where nobody tagged it."""
    tagged = ([len(c) for c in row if _is_sequence(c) and len(c)] for row in rows)
    return np.array([next(iter(lengths), 1) for lengths in tagged], dtype=np.int64)


def _read_flat(y, lengths):
    return SequenceAnnotations.from_flat(y, lengths)


_READERS = {"tags": _read_tags, "cells": _read_cells, "flat": _read_flat}
