"""Predictions of items by networks that have not seen the answers to them."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from skcrowd.annotations import SequenceAnnotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._hashing import hash_uint64
from skcrowd.annotations._warn import warn
from skcrowd.estimators._training_items import item_hashes
from skcrowd.model_selection import cross_val_predict

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Array, BoolArray, Features, FloatArray


__all__ = [
    "check_cv",
    "check_insight_input",
    "cross_fit",
    "folds_by_content",
    "is_prefit",
    "log_of",
    "predict_seen",
]

PREFIT = "prefit"
QUIET = {
    **{"checkpoint": None, "on_interrupt": "raise", "verbose": 0},
    **{"warm_start": False, "distributed": False},
}


def check_cv(cv: Any) -> None:
    """Raise unless `cv` says how to split, or is "prefit"."""
    is_number = isinstance(cv, Integral) and not isinstance(cv, bool)
    if isinstance(cv, str):
        is_valid = cv == PREFIT
    elif is_number:
        is_valid = cv >= 2
    else:
        is_valid = hasattr(cv, "split") or np.iterable(cv)
    if not is_valid:
        raise ValueError(
            f"cv is {cv!r}; give a number of folds from 2 on, a splitter, the splits, "
            'or "prefit" for the fitted network.'
        )


def check_insight_input(estimator: Any, cv: Any, **given: Any) -> None:
    """Raise unless reports can be made: of a fitted estimator, by rows that match.

    Parameters
    ----------
    estimator : CrowdEstimator
    cv : object
    **given
        Arguments whose rows belong together, by name.
    """
    check_is_fitted(estimator)
    check_cv(cv)
    check_aligned(**given)


def is_prefit(cv: Any) -> Any:
    """Whether a checked `cv` is "prefit"."""
    return isinstance(cv, str)


def log_of(proba: Any) -> Any:
    """Return log-probabilities, of sequences those of all tokens."""
    if isinstance(proba, list):
        proba = np.concatenate(proba)
    with np.errstate(divide="ignore"):
        return np.log(proba)


def predict_seen(
    own: FloatArray, seen: BoolArray, predict: Callable[[], Any], n_rows: Any = 1
) -> Any:
    """Replace a network's predictions of items that it was trained on.

    Parameters
    ----------
    own : ndarray of shape (n_rows, ...)
        The network's own predictions.
    seen : bool ndarray of shape (n_items,)
        Items that it was trained on.
    predict : callable
        Returns predictions of all items by networks that were not; called where there
        are such items.
    n_rows : int or int ndarray of shape (n_items,), default=1
        Rows of an item: tokens or labels.

    Returns
    -------
    predictions : ndarray of shape (n_rows, ...)
    """
    if not seen.any():
        return own
    is_seen = np.repeat(seen, n_rows).reshape(-1, *[1] * (own.ndim - 1))
    return np.where(is_seen, predict(), own)


def cross_fit(
    estimator: Any,
    X: Features,
    rows: Any,
    y: AnswersLike,
    *,
    cv: Any,
    method: str,
    **params: Any,
) -> Array | list[Any]:
    """Predict every sample by a clone that was fitted without it.

    Parameters
    ----------
    estimator : CrowdEstimator
    X : object of n_samples
        As ``fit`` takes it.
    rows : ndarray, CSR matrix or SequenceRows of n_samples
        X, checked.
    y : Annotations or SequenceAnnotations of n_samples
        With the classes and annotators of the fit.
    cv : int, splitter or iterable
    method : {"predict", "predict_proba"}
    **params
        For ``fit`` and the prediction.

    Returns
    -------
    predictions : ndarray of shape (n_samples, ...), or list of n_samples ndarray

    Raises
    ------
    ValueError
        If there are too few samples with answers.
    """
    answers: Any = getattr(y, "tokens", y)
    n_given = answers.n_answers
    n_fitted = estimator.annotator_n_answers_.sum()
    if 2 * n_given < n_fitted:
        warn(
            f"y has {n_given} answers, fit learned from {n_fitted}: networks that are "
            "fitted to y without one fold of the items know less than that of fit. "
            "Pass all items of fit, out-of-sample predictions of your own, or "
            'cv="prefit".',
            about="part of the answers",
        )
    if isinstance(cv, Integral):
        cv = folds_by_content(item_hashes(rows), _has_answers(y), cv)
    quiet = clone(estimator)
    known = quiet.get_params(deep=False)
    quiet.set_params(**{name: v for name, v in QUIET.items() if name in known})
    if method == "predict_proba" and "class_weight" in known:
        quiet.set_params(class_weight=None)  # probabilities before the reweighting
    return cross_val_predict(quiet, X, y, cv=cv, method=method, params=params)


def _has_answers(y: AnswersLike) -> Any:
    """Return which samples have an answer, (n_samples,)."""
    if not isinstance(y, SequenceAnnotations):
        return y.answers_per_item > 0
    offsets = np.cumsum(y.lengths) - y.lengths
    return np.add.reduceat(y.tokens.answers_per_item, offsets) > 0


def folds_by_content(hashes: Array, has_answers: BoolArray, n_folds: Any) -> list[Any]:
    """Split samples by their content.

    Equal samples are in one fold, and the order of the samples has no effect.

    Parameters
    ----------
    hashes : uint64 ndarray of shape (n_samples,)
    has_answers : bool ndarray of shape (n_samples,)
    n_folds : int
        Fewer where fewer different samples have answers.

    Returns
    -------
    splits : list of tuple of ndarray
        Rows to fit, and rows to predict.

    Raises
    ------
    ValueError
        If less than two different samples have answers.
    """
    hashes = hash_uint64(hashes)
    answered = np.unique(hashes[has_answers])
    if len(answered) < 2:
        raise ValueError(
            f"y has answers to {len(answered)} different item(s) of X, too few to fit "
            'without those of one fold; pass pred_proba or prediction, or cv="prefit".'
        )
    fold = np.searchsorted(answered, hashes) % min(n_folds, len(answered))
    splits = [(fold != k, fold == k) for k in range(fold.max() + 1)]
    return [tuple(map(np.flatnonzero, split)) for split in splits]
