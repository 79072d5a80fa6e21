"""Read scipy sparse matrices and arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._assemble import assemble, no_answer
from ._encoding import check_classes, check_kind
from ._missing import (
    SPARSE,
    SPARSE_RATINGS,
    find_missing,
    first_minus_one,
    is_automatic,
)
from ._plausible import warn_of_odd_table
from ._warn import warn

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, SparseMatrix

    from ._assemble import Parts


# Formats that fill up with zeros, so that a zero may be an answer or padding.
_PADDED_FORMATS = {"bsr", "dia"}
# Formats in which a cell that is set to 0 is an empty one.
_ZEROLESS_FORMATS = {"lil", "dok"}
FEWEST_ANSWERS = 5  # fewer may be all equal by chance
_BUILD = (
    "build it from the answers as scipy.sparse.coo_array((answers, (items, "
    "annotators)), shape=(n_items, n_annotators)), where every stored entry, 0 too, is "
    "an answer"
)


def is_sparse(y: AnswersLike) -> bool:
    """Return whether `y` is a scipy sparse matrix or array."""
    return hasattr(y, "tocoo") and hasattr(y, "format")


def read_sparse(
    y: AnswersLike,
    missing_label: Any,
    kind: Any,
    classes: Any,
    annotator_names: Any,
) -> Parts:
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
    if kind == "labels" and is_automatic(missing_label):
        _check_not_minus_one(triples, classes)
    missing = find_missing(
        triples.data,
        SPARSE if kind == "labels" else SPARSE_RATINGS,
        missing_label=missing_label,
        classes=classes,
    )
    _check_lost_zeros(y, triples.data[~missing], kind, classes)
    parts = assemble(
        triples.row[~missing].astype(np.int64),
        triples.col[~missing].astype(np.int64),
        triples.data[~missing],
        (int(y.shape[0]), int(y.shape[1])),
        kind=kind,
        classes=classes,
        names=annotator_names,
    )
    if classes is None:
        warn_of_odd_table(parts)
    return parts


def _triples(y: AnswersLike) -> Any:
    try:
        return y.tocoo()
    except ValueError as error:
        raise ValueError(
            f"y is a sparse {type(y).__name__} whose indices do not fit its shape "
            f"{y.shape}: {error}; build it again with valid ones."
        ) from error


def _check_shape(y: AnswersLike) -> None:
    if y.ndim != 2 or 0 in y.shape:
        raise ValueError(
            "a sparse y must have shape (n_items, n_annotators) with at least one row "
            f"and one column, got shape {y.shape}."
        )


def _check_zeros(y: AnswersLike, triples: SparseMatrix) -> None:
    if y.format not in _PADDED_FORMATS:
        return
    if triples.nnz != y.nnz or (triples.data == 0).any():
        raise ValueError(
            f"y is sparse in {y.format.upper()} format and stores zeros, which could "
            f"be answers or padding; {_BUILD}."
        )


def _check_lost_zeros(y: AnswersLike, answers: Array, kind: Any, classes: Any) -> None:
    """Refuse or warn where answers 0 were probably lost on the way to `y`."""
    n_empty = int(np.prod(y.shape)) - answers.size
    if not n_empty or not answers.size or (answers == 0).any():
        return
    if y.format in _ZEROLESS_FORMATS:
        _check_format(y.format.upper(), answers, kind, classes)
    many = answers.size >= FEWEST_ANSWERS and 2 * n_empty >= answers.size
    if classes is None and many and (answers == answers[0]).all():
        warn(
            f"y is sparse, and all its {answers.size} stored answers are "
            f"{answers[:1].tolist()[0]!r}, while {n_empty} cells are empty: answers 0 "
            "have probably been dropped, as by the conversion of a dense matrix. Pass "
            f"the dense matrix itself, or {_BUILD}. {_no_zeros(kind)}",
            ("y", "sparse zeros"),
        )


def _check_format(name: str, answers: Array, kind: Any, classes: Any) -> None:
    """Refuse a format that may have lost zeros; warn if they are unlikely."""
    loses = f"y is sparse in {name} format, which does not keep answers 0"
    known = None if classes is None else check_classes(classes).tolist()
    if known is not None and 0 not in known:
        return
    if known or kind == "numbers" or answers.dtype.kind == "b" or answers.min() == 1:
        raise ValueError(
            f"{loses}: if there were any, they are lost; {_BUILD}. If there were none, "
            "pass y.tocoo()."
        )
    warn(
        f"{loses}; its labels, from {answers.min()} to {answers.max()}, were taken for "
        f"all. If there is a label 0, {_BUILD}. {_no_zeros(kind)}",
        ("y", "sparse format"),
    )


def _no_zeros(kind: Any) -> str:
    if kind == "numbers":
        return "If there are none, nothing need be done."
    return "If there are none, pass classes without 0."


def _check_not_minus_one(triples: SparseMatrix, classes: Any) -> None:
    k = first_minus_one(triples.data, classes)
    if k is None:
        return
    raise ValueError(
        f"y is sparse and stores -1 (row {triples.row[k]}, column {triples.col[k]}). "
        "If a dense matrix with -1 for missing was converted to sparse, its answers 0 "
        "are lost: pass the dense matrix itself. If -1 is a label, pass classes that "
        "hold it, or Annotations.from_sparse(y, missing_label=None)."
    )
