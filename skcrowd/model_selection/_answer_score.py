"""Cross-validation on held-out answers to items that stay in training."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.metrics import check_scoring
from sklearn.utils import indexable
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_consistent_length

from skcrowd._sklearn_compat import _check_method_params, _safe_indexing
from skcrowd.annotations._alignment import check_aligned
from skcrowd.model_selection._annotator_splits import who_answered
from skcrowd.model_selection._answer_folds import AnswerKFold
from skcrowd.model_selection._inspection import (
    kind_of,
    read_answers,
    sequence_lengths,
)
from skcrowd.model_selection._metadata import by_row, is_routing, known_to, route

if TYPE_CHECKING:
    from skcrowd._typing import AnswersLike, Features, FloatArray
    from skcrowd.annotations import Annotations, SequenceAnnotations


__all__ = ["cross_val_answer_score"]


def cross_val_answer_score(
    estimator: Any,
    X: Features,
    y: AnswersLike,
    *,
    scoring: str | Callable[..., Any] | None = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str = "2*n_jobs",
) -> FloatArray:
    """Score an estimator on answers that it was not fitted on, to items that it was.

    Parameters
    ----------
    estimator : estimator with ``fit``
        A crowd estimator, or a pipeline or search with one at its end.
    X : array-like or list of n_samples
        Features, in the form that the estimator takes.
    y : annotations of shape (n_samples, n_annotators)
        Answers, in the form that the estimator takes.
    scoring : str or callable, default=None
        ``scorer(estimator, X, y)``, where ``y`` are the answers held out, and X the
        items that have one. None takes the ``score`` of the estimator, the mean
        log-probability of an answer.
    cv : int, AnswerKFold, AnnotatorKFold or iterable, default=None
        How to split the answers: something with ``split_answers``, or pairs
        ``(y_train, y_test)``. An int is a number of folds of :class:`AnswerKFold`, the
        same in every call; None stands for 5.
    n_jobs : int, default=None
        Number of processes; None is 1 outside a joblib context.
    verbose : int, default=0
        Verbosity of joblib.
    params : dict, default=None
        Parameters for ``fit``; what has an entry for each sample is split too. The
        ``lengths`` of padded sequences also reach the estimator's ``score``. With
        metadata routing each goes where it is requested.
    pre_dispatch : int or str, default="2*n_jobs"
        How many jobs joblib prepares ahead.

    Returns
    -------
    scores : ndarray of shape (n_splits,)

    Raises
    ------
    ValueError
        If ``y`` is the truth, or `cv` splits items.
    TypeError
        If ``y`` holds sets of labels.

    See Also
    --------
    AnswerKFold : Holds out single answers.
    AnnotatorKFold : Holds out all answers of some annotators.
    sklearn.model_selection.cross_val_score : Holds out items.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.model_selection import cross_val_answer_score
    >>> X, truth = load_iris(return_X_y=True)
    >>> crowd = make_annotations(truth, {"average": 5}, random_state=0)
    >>> clf = CrowdClassifier(max_epochs=10, random_state=0)
    >>> cross_val_answer_score(clf, X, crowd.annotations, cv=3).shape
    (3,)
    """
    params = {} if params is None else by_row(params, X, y)
    check_aligned(**{"X": X, "y": y, **params})
    X = indexable(X)[0]
    lengths = sequence_lengths(estimator, X, params)
    splits = _pairs(cv, _read(estimator, y, lengths), kind_of(estimator))
    for pair in splits:
        check_consistent_length(X, *pair)
    scorer = check_scoring(estimator, scoring=scoring)
    fit_params, score_params = params, None
    if is_routing():
        routed = route(
            "cross_val_answer_score",
            params,
            estimator=(estimator, ["fit"]),
            scorer=(scorer, ["score"]),
        )
        fit_params, score_params = routed.estimator.fit, routed.scorer.score
    elif scoring is None:
        score_params = known_to(estimator.score, params)
    scores = Parallel(n_jobs=n_jobs, verbose=verbose, pre_dispatch=pre_dispatch)(
        delayed(_fit_and_score)(
            clone(estimator), X, pair, scorer, fit_params, score_params or {}
        )
        for pair in splits
    )
    return np.array(scores)


def _read(
    estimator: Any, y: AnswersLike, lengths: Any
) -> Annotations | SequenceAnnotations:
    target = read_answers(estimator, y, lengths)
    if target.kind == "label sets":
        raise TypeError(
            "y holds sets of labels, whose single answers cannot be held out; hold out "
            "items: sklearn.model_selection.cross_val_score."
        )
    if target.is_truth:
        raise ValueError(
            "y is the truth itself, which has no single answers to hold out; use "
            "sklearn.model_selection.cross_val_score."
        )
    return target.annotations


def _pairs(
    cv: Any, answers: Annotations | SequenceAnnotations, kind: Any
) -> list[tuple[Annotations | SequenceAnnotations, Annotations | SequenceAnnotations]]:
    """List the pairs of annotations to fit on, and to score by."""
    if cv is None or isinstance(cv, Integral):
        cv = AnswerKFold(5 if cv is None else int(cv), random_state=0, kind=kind)
    if hasattr(cv, "split_answers"):
        return list(cv.split_answers(answers))
    if hasattr(cv, "split") or isinstance(cv, str):
        raise ValueError(
            f"cv={cv!r} splits items; use AnswerKFold or AnnotatorKFold, or "
            "sklearn.model_selection.cross_val_score."
        )
    return list(cv)


def _fit_and_score(
    estimator: Any,
    X: Features,
    pair: tuple[Annotations | SequenceAnnotations, Annotations | SequenceAnnotations],
    scorer: Any,
    fit_params: Any,
    score_params: Any,
) -> float:
    y_train, y_test = pair
    rows = np.unique(who_answered(y_test)[0])
    estimator.fit(X, y_train, **fit_params)
    score_params = _check_method_params(X, score_params, rows)
    score = scorer(estimator, _safe_indexing(X, rows), y_test[rows], **score_params)
    return float(score)
