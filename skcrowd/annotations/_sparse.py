"""Read scipy sparse matrices and arrays."""

import numpy as np

from ._assemble import assemble, no_answer
from ._encoding import check_kind

# Formats that fill up with zeros, so that a zero may be an answer or padding.
_PADDED_FORMATS = {"bsr", "dia"}


def is_sparse(y):
    """Say whether `y` is a scipy sparse matrix or array."""
    return hasattr(y, "tocoo") and hasattr(y, "format")


def read_sparse(y, kind, classes, annotator_names):
    """Read a sparse matrix; see `Annotations.from_sparse`.

    Returns
    -------
    parts : Parts
    """
    check_kind(kind)
    if not is_sparse(y):
        raise TypeError(
            f"y must be a scipy sparse matrix or array, got {type(y).__name__}; use "
            "Annotations.from_dense or Annotations.from_long."
        )
    _check_shape(y)
    triples = _triples(y)
    _check_zeros(y, triples)
    if not triples.data.size:
        raise no_answer(y.shape, kind)
    if kind == "labels":
        _check_not_minus_one(triples)
    return assemble(
        triples.row.astype(np.int64),
        triples.col.astype(np.int64),
        triples.data,
        tuple(int(n) for n in y.shape),
        kind=kind,
        classes=classes,
        names=annotator_names,
    )


def _triples(y):
    try:
        return y.tocoo()
    except ValueError as error:
        raise ValueError(
            f"y is a sparse {type(y).__name__} whose indices do not fit its shape "
            f"{y.shape}: {error}; build it again with valid ones."
        ) from error


def _check_shape(y):
    if y.ndim != 2 or 0 in y.shape:
        raise ValueError(
            "a sparse y must have shape (n_items, n_annotators) with at least one row "
            f"and one column, got shape {y.shape}."
        )


def _check_zeros(y, triples):
    if y.format not in _PADDED_FORMATS:
        return
    if triples.nnz != y.nnz or (triples.data == 0).any():
        raise ValueError(
            f"y is sparse in {y.format.upper()} format and stores zeros, which could "
            "be answers or padding; build it as COO or CSR instead, where every stored "
            "entry is an answer."
        )


def _check_not_minus_one(triples):
    if not (triples.data == -1).any():
        return
    k = int(np.argmax(triples.data == -1))
    raise ValueError(
        f"y is sparse and stores -1 (row {triples.row[k]}, column {triples.col[k]}). "
        "If a dense matrix with -1 for missing was converted to sparse, its answers 0 "
        "are lost: pass the dense matrix itself. If -1 is a label, use "
        "Annotations.from_long(items, annotators, labels)."
    )
