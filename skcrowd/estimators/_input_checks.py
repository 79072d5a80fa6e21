"""Checks of X, y, weights and gold that all estimators share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.utils.validation import (
    check_array,
    check_consistent_length,
    validate_data,
)

from skcrowd._sklearn_compat import _check_y, _num_samples
from skcrowd.annotations._check import split_off_truth
from skcrowd.annotations._form import Form
from skcrowd.annotations._known import gold_by_row
from skcrowd.annotations._tables import is_frame, plain_features
from skcrowd.annotations._true_values import read_truth
from skcrowd.annotations._weights import read_weight
from skcrowd.estimators._category_columns import (
    has_category_columns,
    learn_categories,
    one_hot,
    text_columns,
    time_columns,
)
from skcrowd.estimators._items_input import (
    is_dict_of_parts,
    keeps_integers,
    read_items,
)
from skcrowd.estimators._part_columns import check_part_columns
from skcrowd.estimators._precision import check_magnitude
from skcrowd.training._items import Items

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import (
        AnswersLike,
        Array,
        Features,
        FloatArray,
        Gold,
        SparseMatrix,
    )
    from skcrowd.annotations import Annotations


__all__ = [
    "check_features",
    "check_features_and_target",
    "check_no_gold_with_truth",
    "check_target",
    "check_weight",
    "gold_of_rows",
    "refuse_columns",
    "separate_truth",
]


LONG_WIDTH = 3  # columns of a table of items, annotators and answers


def check_features(
    estimator: Any, X: Features, *, reset: bool
) -> FloatArray | SparseMatrix:
    """Check features; float32 and float64 are kept, the rest becomes float32.

    Parameters
    ----------
    estimator : CrowdEstimator
    X : array-like or sparse matrix of shape (n_items, ...), or another form of items
        See :func:`skcrowd.estimators._items_input.read_items`.
    reset : bool
        Whether to set ``n_features_in_`` and the like, or to compare X with them.

    Returns
    -------
    X : ndarray, CSR matrix or Items
    """
    items = read_items(X, estimator)
    if reset:
        estimator._part_columns = items.columns if items is not None else ()
    if items is not None:
        return _check_items(estimator, items, reset=reset)
    X = plain_features(X)
    refuse_columns(X)
    X = _encoded(estimator, X, reset=reset)
    checks = estimator._feature_checks
    if keeps_integers(X, estimator.module):
        checks = {**checks, "dtype": np.int64}
    with np.errstate(invalid="ignore"):  # the sum of X, where infinities cancel
        if estimator._column_categories:
            X = check_array(X, input_name="X", estimator=estimator, **checks)
        else:
            X = validate_data(estimator, X, reset=reset, **checks)
    return _check_item_shape(estimator, _canonical(X), reset=reset)


def check_features_and_target(
    estimator: Any, X: Features, y: AnswersLike, *, reset: bool
) -> tuple[FloatArray | SparseMatrix, Annotations | pd.DataFrame | Array, bool]:
    """Check features against labels or answers; answers stay as they are.

    Parameters
    ----------
    estimator : CrowdEstimator
    X, y : object
        What the user gave.
    reset : bool
        See :func:`check_features`.

    Returns
    -------
    X : ndarray or CSR matrix of shape (n_items, ...)
    y : object
    is_truth : bool
        Whether ``y`` is 1-D: the true value of each item.
    """
    y, is_truth = separate_truth(estimator, y, reset=reset, stacklevel=7)
    X = check_features(estimator, X, reset=reset)
    return X, check_target(estimator, X, y, is_truth), is_truth


def separate_truth(
    estimator: Any, y: AnswersLike, *, reset: bool, stacklevel: int
) -> tuple[Annotations | pd.DataFrame | Array, bool]:
    """Distinguish true values from answers, by the shape of ``y``.

    A single column counts as 1-D, unless the fit resumes one that learned from
    answers: there it holds the answers of one annotator.

    Parameters
    ----------
    estimator : CrowdEstimator
    y : object
        What the user gave.
    reset : bool
        Whether this is a new fit, which sets ``n_features_in_``.
    stacklevel : int
        Frames between a warning and the user's code.

    Returns
    -------
    y : object
    is_truth : bool
    """
    column_is_truth = reset or estimator._is_truth_given
    y, is_truth = split_off_truth(
        y, estimator._kind, stacklevel=stacklevel, column_is_truth=column_is_truth
    )
    return (read_truth(y, estimator._kind) if is_truth else y), is_truth


def check_target(
    estimator: Any, X: Features, y: AnswersLike, is_truth: bool
) -> Annotations | pd.DataFrame | Array:
    """Check that ``y`` has a row for each row of checked features.

    Parameters
    ----------
    estimator : CrowdEstimator
    X : ndarray or CSR matrix
        As :func:`check_features` returns it.
    y : object
        As :func:`separate_truth` returns it.
    is_truth : bool

    Returns
    -------
    y : object
        An ndarray where it is the truth.
    """
    if is_truth:
        is_numeric = estimator._kind == "numbers"
        y = _check_y(y, y_numeric=is_numeric, estimator=estimator)
    _check_same_length(X, y)
    return y


def _check_same_length(X: Features, y: Any) -> None:
    """Raise if X and y have different numbers of rows; say if y may be a long table."""
    try:
        check_consistent_length(X, y)
    except ValueError as error:
        if _num_samples(y) < _num_samples(X) or Form(y).width != LONG_WIDTH:
            raise
        raise ValueError(
            f"{error} If the three columns of y are item, annotator and answer, a row "
            "for each answer, read it by Annotations.from_long(items, annotators, "
            "labels, item_ids=ids), the ids in the order of the rows of X."
        ) from error


def check_weight(sample_weight: Any, n_samples: int) -> FloatArray:
    """Return a weight for each sample; raise if all are zero.

    Parameters
    ----------
    sample_weight : array-like of shape (n_samples,) or None
    n_samples : int
    """
    weight = read_weight(sample_weight, n_samples)
    if not weight.any():
        raise ValueError(
            "sample_weight is zero for every item; give at least one a positive weight."
        )
    return weight


def gold_of_rows(gold: Gold, X: Features, y: AnswersLike) -> Any:
    """Convert a dict from row to true value to an array with a value for each row.

    Parameters
    ----------
    gold, X, y : object
        What the user gave.
    """
    if not isinstance(gold, Mapping):
        return gold
    return gold_by_row(gold, _n_items(X, y), X, y)


def _n_items(X: Features, y: AnswersLike) -> int:
    """Return the number of rows of X, or of y where X is not one array."""
    is_array = not (is_dict_of_parts(X) or isinstance(X, (tuple, Items)))
    return int(_num_samples(plain_features(X) if is_array else y))


def check_no_gold_with_truth(gold: Gold, is_truth: bool) -> None:
    """Raise if `gold` was given although ``y`` is the truth itself."""
    if gold is not None and is_truth:
        raise ValueError(
            "gold was given with a 1-D y, which holds the true values already; pass "
            "the answers of annotators as a matrix, or leave gold out."
        )


def refuse_columns(X: Features) -> None:
    """Raise if columns of a pandas or polars table hold texts or times."""
    if not is_frame(X):
        return
    times = time_columns(X)
    if times:
        raise ValueError(
            f"X has columns of times, which no network reads as numbers: "
            f"{', '.join(map(repr, times[:5]))}. Put in their place what is to be "
            "learned from them, such as the hour, the day of the week, or the days "
            "since a fixed date."
        )
    texts = text_columns(X)
    if texts:
        listed = ", ".join(map(repr, texts[:5]))
        raise ValueError(
            f"X has columns of texts, which no network reads as numbers: {listed}. "
            "Make those with few different values categories, "
            f"X.astype({{{texts[0]!r}: 'category'}}) (polars: .cast(pl.Categorical)), "
            "and put a vectorizer in front of the estimator for the others."
        )


def _encoded(estimator: Any, X: Features, *, reset: bool) -> Any:
    """Return X with columns of categories as 0 and 1; check its names and columns."""
    if reset:
        is_mixed = has_category_columns(X)
        estimator._column_categories = learn_categories(X) if is_mixed else ()
    if not estimator._column_categories:
        return X
    if not is_frame(X):
        raise ValueError(
            f"{type(estimator).__name__} was fitted with a table that has columns of "
            "categories, X is none; pass a table with the same columns."
        )
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    return one_hot(X, estimator._column_categories)


def _check_items(estimator: Any, items: Items, *, reset: bool) -> Items:
    """Store names and shapes of the parts of an item, or compare them with fit's."""
    if reset:
        for name in ("n_features_in_", "feature_names_in_"):
            estimator.__dict__.pop(name, None)
        estimator._item_shape = items.item_shape
    elif items.item_shape != estimator._item_shape:
        raise ValueError(
            f"X holds items of the parts {items.item_shape}, but "
            f"{type(estimator).__name__} was fitted with {estimator._item_shape}; pass "
            "the same parts in the same order."
        )
    check_part_columns(estimator, items.columns)
    return items


def _check_item_shape(
    estimator: Any, X: Features, *, reset: bool
) -> FloatArray | SparseMatrix:
    """Store the shape of an item, or compare it with that of the earlier fit."""
    if not reset and X.shape[1:] != estimator._item_shape:
        raise ValueError(
            f"X holds items of shape {X.shape[1:]}, but {type(estimator).__name__} was "
            f"fitted with items of shape {estimator._item_shape}."
        )
    if reset:
        check_magnitude(X)
        if 0 in X.shape[1:]:
            raise ValueError(
                f"Found array with 0 feature(s) (shape={X.shape}) while a minimum of 1 "
                f"is required by {type(estimator).__name__}; pass items with at least "
                "one feature."
            )
        estimator._item_shape = X.shape[1:]
    return X


def _canonical(X: Features) -> FloatArray | SparseMatrix:
    """Return X, a sparse one with sorted and distinct entries."""
    if sparse.issparse(X) and not X.has_canonical_format:
        X = X.copy()
        X.sum_duplicates()
    return X
