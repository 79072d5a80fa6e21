"""Read any `y`; its form (true values, answers, tags) is decided here alone."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.exceptions import DataConversionWarning

from ._container import Annotations, check_container
from ._dense import as_matrix
from ._encoding import check_kind
from ._form import Form, is_nested, rows_of
from ._missing import is_complete, unmarked_numbers
from ._multilabel_container import MultilabelAnnotations
from ._sequence_container import SequenceAnnotations
from ._sparse import is_sparse
from ._tables import plain
from ._tag_target import read_tags
from ._true_values import read_truth, warn_of_truth
from ._value_types import tighten

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, ArrayLike, IntArray, KindOrAuto


__all__ = [
    "Target",
    "check_annotations",
    "read_target",
    "split_off_truth",
    "true_annotations",
]


def check_annotations(
    y: AnswersLike, *, kind: Any = "labels", classes: ArrayLike | None = None
) -> Annotations:
    """Read any form of annotations.

    Parameters
    ----------
    y : Annotations, array-like, DataFrame or sparse matrix of shape \
            (n_items, n_annotators)
        The answers, a row for each item and a column for each annotator.
        `Annotations.from_dense` and `Annotations.from_sparse` define missing answers.
    kind : {"labels", "numbers"}, default="labels"
        What an answer is: one of a few classes, or a number.
    classes : array-like of shape (n_classes,), default=None
        The possible labels in order; None for the observed ones, sorted.

    Returns
    -------
    annotations : Annotations
        `y` itself if it is one already and needs no other `classes`.

    Raises
    ------
    ValueError
        If `y` is not a matrix, holds no answer, is of another kind or holds a label
        outside `classes`.

    Examples
    --------
    >>> from skcrowd.annotations import check_annotations
    >>> check_annotations([["cat", None], ["dog", "cat"]])
    Annotations of 2 items by 2 annotators (labels)
      3 answers (25.0% of the cells missing), per item: mean 1.5, from 1 to 2
      2 classes: ['cat', 'dog']
    """
    check_kind(kind)
    if isinstance(y, Annotations):
        return check_container(y, kind, classes)
    if isinstance(y, MultilabelAnnotations):
        raise TypeError(
            "y is a MultilabelAnnotations, whose answers are sets of labels; "
            "CrowdMultilabelClassifier learns from them, its decisions hold one answer "
            "for each item and label."
        )
    if is_sparse(y):
        return Annotations.from_sparse(y, kind=kind, classes=classes)
    return Annotations.from_dense(y, kind=kind, classes=classes)


class Target(NamedTuple):
    """What a `y` holds.

    Attributes
    ----------
    kind : {"labels", "numbers", "tags", "label sets"}
        What an answer is.
    is_truth : bool
        Whether `y` holds one true value or tag sequence for each sample.
    annotations : Annotations, SequenceAnnotations or MultilabelAnnotations
        The answers; the truth as those of one annotator.
    """

    kind: str
    is_truth: bool
    annotations: Any


def read_target(
    y: AnswersLike,
    kind: KindOrAuto = "auto",
    lengths: IntArray | None = None,
    classes: ArrayLike | None = None,
    *,
    column_is_truth: bool = True,
    is_open: bool = False,
    quietly: bool = False,
) -> Target:
    """Read a `y` in any form that an estimator takes, without knowing the estimator.

    Parameters
    ----------
    y : object
        The argument of the user.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is, where ``y`` does not show it; "auto" reads numbers that are
        not whole as numbers, and all else as labels.
    lengths : int64 ndarray of shape (n_sequences,), default=None
        Tokens of every sequence of X, where X is known and holds sequences. Then ``y``
        holds tags.
    classes : array-like of shape (n_classes,), default=None
        The possible tags, where `lengths` are given.
    column_is_truth, is_open : bool
        See :func:`skcrowd.annotations._tag_target.read_tags`.
    quietly : bool, default=False
        Whether to omit warnings about whole numbers of unknown kind, labels or
        ratings, because the estimator will issue them.

    Returns
    -------
    target : Target

    Raises
    ------
    ValueError
        If ``y`` is None, or cannot be read.
    """
    if lengths is not None:
        annotations, is_truth = read_tags(
            y, lengths, classes, column_is_truth=column_is_truth, is_open=is_open
        )
        return Target("tags", is_truth, annotations)
    if y is None:
        raise ValueError("y is None; pass the answers, by which the samples are split.")
    y = plain(y, "y")
    form = Form(y)
    if isinstance(y, SequenceAnnotations):
        return Target("tags", False, y)
    if isinstance(y, MultilabelAnnotations):
        return Target("label sets", False, y)
    if form.is_matrix:
        answers = _read_matrix(y, kind, quietly)
        return Target(answers.kind, _is_full_column(form, answers), answers)
    if form.depth == 1:
        answers = _read_true_values(y, kind, quietly)
        return Target(answers.kind, True, answers)
    if form.depth == 2:
        return Target("tags", True, SequenceAnnotations.from_gold(rows_of(y)))
    tags = SequenceAnnotations.from_cells(y, _cell_lengths(rows_of(y)))
    return Target("tags", False, tags)


def split_off_truth(
    y: AnswersLike,
    kind: Any = "labels",
    stacklevel: int = 3,
    *,
    column_is_truth: bool = True,
) -> tuple[Any, bool]:
    """Distinguish true values from answers by the shape of ``y``.

    A single column without missing entries counts as 1-D, with a warning, as
    everywhere in scikit-learn; but not where answers came before.

    Parameters
    ----------
    y : object
        The argument of the user.
    kind : {"labels", "numbers"}, default="labels"
        What an answer is; -1 marks a missing label, but is a number.
    stacklevel : int, default=3
        Frames between the warning and the user's code.
    column_is_truth : bool, default=True
        Whether a single column may be the truth.

    Returns
    -------
    y : object
        ``y`` itself, or its only column.
    is_truth : bool
        Whether ``y`` is 1-D: one true value for each item.
    """
    y = plain(y, "y")
    form = Form(y)
    if form.is_container:
        return y, False
    if isinstance(y, (list, tuple)):
        if not any(map(is_nested, y)):
            return y, True
        if form.width != 1 or not column_is_truth:
            return y, False
        y, *_ = as_matrix(y)
    is_column = getattr(y, "ndim", 1) == 2 and y.shape[1] == 1
    is_column = is_column and not _holds_sequences(y)
    if column_is_truth and is_column and is_complete(y, kind):
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected: its one column "
            "is read as the true labels. Please change the shape of y to (n_samples,), "
            "for example using ravel().",
            DataConversionWarning,
            stacklevel=stacklevel,
        )
        return np.asarray(y).ravel(), True
    return y, getattr(y, "ndim", 1) < 2


def _holds_sequences(column: IntArray) -> bool:
    """Whether a cell of a column is a list or an array, which is no label."""
    cells = np.asarray(column).ravel()
    return cells.dtype == object and any(map(is_nested, cells.tolist()))


def true_annotations(
    values: Array, kind: Any = "labels", classes: ArrayLike | None = None
) -> Annotations:
    """Return true values as the answers of one annotator to all items.

    Parameters
    ----------
    values : ndarray of shape (n_items,)
        None missing; -1 is a value.
    kind : {"labels", "numbers"}, default="labels"
    classes : array-like of shape (n_classes,), default=None

    Returns
    -------
    annotations : Annotations of shape (n_items, 1)
    """
    return Annotations.from_dense(
        values[:, None], missing_label=None, kind=kind, classes=classes
    )


def _is_full_column(form: Form, answers: Annotations) -> bool:
    """Whether a matrix is one column without gaps, which estimators read as 1-D."""
    if form.is_container:
        return False
    return answers.shape[1] == 1 and answers.n_answers == len(form.y)


def _read_matrix(y: AnswersLike, kind: Any, quietly: bool) -> Annotations:
    if isinstance(y, Annotations):
        return y if kind == "auto" else check_annotations(y, kind=kind)
    if kind != "auto":
        return check_annotations(y, kind=kind)
    values = _cell_values(y)
    if _has_fraction(values):
        return check_annotations(y, kind="numbers")
    labels = unmarked_numbers(values) if quietly else None
    return check_annotations(y, kind="labels", classes=labels)


def _cell_values(y: AnswersLike) -> Array:
    """Return the values of a matrix in any order, missing ones included."""
    if is_sparse(y):
        return y.tocoo().data
    if isinstance(y, np.ma.MaskedArray):
        return y.compressed()
    return np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)


def _has_fraction(values: Any) -> bool:
    """Whether a finite number among the values is not whole."""
    if values.dtype == object:
        floats = [v for v in values.ravel().tolist() if isinstance(v, float)]
        values = np.array(floats)
    if values.dtype.kind != "f":
        return False
    values = values[np.isfinite(values)]
    return bool((values != np.floor(values)).any())


def _read_true_values(y: AnswersLike, kind: Any, quietly: bool) -> Annotations:
    values = read_truth(y)
    is_uncertain = kind == "auto" and not _has_fraction(values)
    if kind == "auto":
        kind = "labels" if is_uncertain else "numbers"
    if not (quietly and is_uncertain and values.dtype.kind in "iuf"):
        warn_of_truth(values, kind)
    # With classes given, no value is warned of a second time.
    classes = None
    if kind == "labels":
        classes = np.unique(tighten(values).astype(object)).tolist()
    return true_annotations(values, kind, classes)


def _cell_lengths(rows: list[Any | list[Any]]) -> IntArray:
    """Count the tokens of every sequence; one where nobody tagged it."""
    tagged = ([len(c) for c in row if is_nested(c) and len(c)] for row in rows)
    return np.array([next(iter(lengths), 1) for lengths in tagged], dtype=np.int64)
