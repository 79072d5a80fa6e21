"""Inspect an estimator, which may be a pipeline or a search."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from sklearn.base import is_regressor
from sklearn.utils import get_tags

from skcrowd.annotations._check import Target, read_target
from skcrowd.annotations._multilabel_target import read_multilabel

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        Features,
        FloatArray,
        IntArray,
        KindOrAuto,
    )


__all__ = [
    "bound_method",
    "final_estimator",
    "kind_of",
    "read_answers",
    "sequence_lengths",
]


def kind_of(estimator: Any) -> KindOrAuto:
    """Return how an estimator reads an answer: as "labels" or "numbers"."""
    return "numbers" if is_regressor(estimator) else "labels"


def read_answers(estimator: Any, y: AnswersLike, lengths: IntArray | None) -> Target:
    """Read a `y` as the estimator does.

    Parameters
    ----------
    estimator : estimator
    y : object
        The argument of the user.
    lengths : int64 ndarray of shape (n_sequences,) or None
        See `sequence_lengths`.

    Returns
    -------
    target : Target
    """
    tags = get_tags(final_estimator(estimator))
    takes_many = getattr(tags.classifier_tags, "multi_label", False)
    if takes_many and not tags.target_tags.single_output:
        annotations, is_truth = read_multilabel(y)
        return Target("label sets", is_truth, annotations)
    return read_target(y, kind_of(estimator), lengths)


def final_estimator(estimator: Any) -> Any:
    """Return the last step of a pipeline or the estimator of a search, else itself."""
    if hasattr(estimator, "steps"):
        return final_estimator(estimator.steps[-1][1])
    for name in ("best_estimator_", "estimator"):
        if hasattr(estimator, name):
            return final_estimator(getattr(estimator, name))
    return estimator


def bound_method(estimator: Any, name: str) -> Callable[..., Any]:
    """Find a method by name, also one that only the last step of a pipeline has.

    Parameters
    ----------
    estimator : fitted estimator
    name : str

    Returns
    -------
    method : callable
        Takes X, as the pipeline gets it.

    Raises
    ------
    AttributeError
        If nothing in the estimator has it.
    """
    if hasattr(estimator, name):
        return getattr(estimator, name)
    if hasattr(estimator, "best_estimator_"):
        return bound_method(estimator.best_estimator_, name)
    if not hasattr(estimator, "steps"):
        raise AttributeError(f"{type(estimator).__name__} has no method {name!r}.")
    method = bound_method(estimator.steps[-1][1], name)

    def after_transforms(X: Features, **params: Any) -> FloatArray:
        for _, step in estimator.steps[:-1]:
            X = X if step in (None, "passthrough") else step.transform(X)
        return method(X, **params)

    return after_transforms


def sequence_lengths(
    estimator: Any, X: Features, params: dict[str, Any]
) -> IntArray | None:
    """Return the number of tokens of every sequence of X.

    Parameters
    ----------
    estimator : estimator
    X : object
    params : dict
        May hold the ``lengths`` of a padded X, also by the name of a pipeline's step.

    Returns
    -------
    lengths : int64 ndarray of shape (n_samples,), or None
        None unless X holds sequences, and the estimator takes some.
    """
    fit = final_estimator(estimator).fit
    if "lengths" not in inspect.signature(fit).parameters or sparse.issparse(X):
        return None
    for name, value in params.items():
        if name.rpartition("__")[2] == "lengths" and value is not None:
            return np.asarray(value, dtype=np.int64)
    if getattr(X, "ndim", 1) > 1:
        is_table = np.ndim(X) == 2 and not isinstance(np.asarray(X).flat[0], str)
        return None if is_table else np.full(X.shape[0], X.shape[1])
    rows = list(X)
    if not _is_token(next(iter(rows[0]), None)):
        return None
    return np.array([len(row) for row in rows], dtype=np.int64)


def _is_token(value: Any) -> bool:
    """Whether it is a string, or a vector of features."""
    return isinstance(value, str) or np.ndim(value) == 1
