"""Out-of-fold predictions for every item."""

from __future__ import annotations

from collections.abc import Callable
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import clone
from sklearn.model_selection import check_cv
from sklearn.utils import indexable
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_consistent_length

from skcrowd._sklearn_compat import _check_method_params, _safe_indexing, _safe_split
from skcrowd.annotations._alignment import check_aligned
from skcrowd.model_selection._answer_posterior import inferred_truth
from skcrowd.model_selection._inspection import (
    bound_method,
    kind_of,
    read_answers,
    sequence_lengths,
)
from skcrowd.model_selection._metadata import (
    by_row,
    check_groups,
    is_routing,
    known_to,
    route,
)
from skcrowd.model_selection._vote_stratified import VoteStratifiedKFold

if TYPE_CHECKING:
    from skcrowd._typing import (
        AnswersLike,
        Array,
        ArrayLike,
        Features,
        FloatArray,
        IntArray,
    )


__all__ = ["cross_val_predict"]

# Methods whose last axis is the classes, and the value of a class that a fold lacks.
OF_NO_CLASS = {
    "predict_proba": 0.0,
    "predict_annotator_proba": 0.0,
    "predict_log_proba": -np.inf,
    "posterior": 0.0,
}


def cross_val_predict(
    estimator: Any,
    X: Features,
    y: AnswersLike,
    *,
    groups: ArrayLike | None = None,
    cv: Any = None,
    n_jobs: int | None = None,
    verbose: int = 0,
    params: dict[str, Any] | None = None,
    pre_dispatch: int | str = "2*n_jobs",
    method: str = "predict",
) -> Array | list[Array]:
    """Predict every item by an estimator that was not fitted on it.

    The counterpart of :func:`sklearn.model_selection.cross_val_predict` for the answers
    of a crowd. That one takes each column of ``y`` for a target of its own when it
    wants probabilities, and a missing answer for a class. Here ``y`` is read once, as
    the estimator reads it, so that all folds know all classes and annotators.

    Parameters
    ----------
    estimator : estimator with ``fit``
        A crowd estimator, or a pipeline or search with one at its end.
    X : array-like or list of n_samples
        Features, in the form that the estimator takes.
    y : annotations of shape (n_samples, n_annotators), or array-like of shape \
            (n_samples,)
        Answers, or the truth, in the form that the estimator takes.
    groups : array-like of shape (n_samples,), default=None
        Groups for the splitter. With metadata routing they belong into `params`.
    cv : int, splitter or iterable, default=None
        How to split. An int is a number of folds of :class:`VoteStratifiedKFold`, None
        stands for 5. Every item must be in exactly one test set.
    n_jobs : int, default=None
        Number of processes; None is 1 outside a joblib context.
    verbose : int, default=0
        Verbosity of joblib.
    params : dict, default=None
        Parameters for ``fit``; what has an entry for each sample is split too. The
        ``lengths`` of padded sequences also reach the prediction. With metadata routing
        each goes where it is requested.
    pre_dispatch : int or str, default="2*n_jobs"
        How many jobs joblib prepares ahead.
    method : str, default="predict"
        Method to call: ``"predict"``, ``"predict_proba"``,
        ``"predict_annotator_proba"`` and others that the estimator has; or
        ``"posterior"``, the truth given the network and the answers, see Notes.

    Returns
    -------
    predictions : ndarray of shape (n_samples, ...), or list of n_samples ndarray
        In the order of X. Probabilities have columns in the order of the estimator's
        ``classes_``. Of sequences, a list with an array for each.

    Raises
    ------
    ValueError
        If the splits do not test every item exactly once, or ``y`` cannot be read.
    TypeError
        If the posterior is requested from an estimator without annotators, or of sets
        of labels.

    See Also
    --------
    VoteStratifiedKFold : The folds.
    cross_val_answer_score : Scores an estimator on held-out answers.

    Notes
    -----
    ``method="posterior"`` combines, by Bayes' rule, the prediction of the network of
    the other folds for an item with the answers to it, given the confusions of their
    annotators as estimated on the other folds; for numbers it is the mean of the truth.
    Neither network nor confusions were fitted to the item, but its own answers count,
    so it is suited to clean labels. It does not measure how well new items, which have
    no answers, are predicted; ``method="predict_proba"`` does. Tokens of a sequence are
    taken one by one, and confusions as the average over all items, also where a method
    models them for each item. Where the network is much better than the answers, the
    two hardly differ; and the matrices of the crowd layer are trained to fit, not to be
    probabilities, so that its posterior can be the worse of the two.

    Items without answers are predicted too.

    Only if ``y`` is the truth can a fold lack a class, which then has probability 0.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.model_selection import cross_val_predict
    >>> X, truth = load_iris(return_X_y=True)
    >>> crowd = make_annotations(truth, {"average": 5}, random_state=0)
    >>> clf = CrowdClassifier(max_epochs=30, random_state=0)
    >>> Y = crowd.annotations
    >>> cross_val_predict(clf, X, Y, cv=3, method="predict_proba").shape
    (150, 3)
    >>> cleaned = cross_val_predict(clf, X, Y, cv=3, method="posterior").argmax(axis=1)
    >>> bool((cleaned == truth).mean() > 0.9)
    True
    """
    check_groups(groups)
    params = {} if params is None else by_row(params, X, y)
    check_aligned(**{"X": X, "y": y, "groups": groups, **params})
    X, groups = indexable(X, groups)
    kind = kind_of(estimator)
    given = read_answers(estimator, y, sequence_lengths(estimator, X, params))
    if given.is_truth and method == "posterior":
        raise ValueError(
            "method='posterior' combines a prediction with answers, but y is the truth "
            "itself; use another method."
        )
    if given.kind == "label sets" and method == "posterior":
        raise TypeError(
            "method='posterior' is for single answers, and y holds sets of labels; "
            "label_quality of the estimator combines predictions with such answers."
        )
    target = indexable(y)[0] if given.is_truth else given.annotations
    check_consistent_length(X, target, groups)
    if cv is None or isinstance(cv, Integral):
        cv = VoteStratifiedKFold(5 if cv is None else int(cv), kind=kind)
    cv = check_cv(cv)
    split_params, fit_params, predict_params = _routed(
        estimator, cv, params, groups, method
    )
    are_sets = given.kind == "label sets"
    of_folds = given.annotations if are_sets else target
    splits = list(cv.split(X, of_folds, **split_params))
    tested = _check_partition(splits, len(target))
    parts = Parallel(n_jobs=n_jobs, verbose=verbose, pre_dispatch=pre_dispatch)(
        delayed(_fit_and_predict)(
            clone(estimator), X, target, fold, method, fit_params, predict_params
        )
        for fold in splits
    )
    predictions, classes = zip(*parts, strict=True)
    if method in OF_NO_CLASS:
        predictions = _on_same_classes(predictions, classes, OF_NO_CLASS[method])
    return _in_order(predictions, tested)


def _routed(
    estimator: Any,
    cv: Any,
    params: dict[str, Any],
    groups: Any,
    method: Any,
) -> tuple[Any, Any, Any]:
    """Parameters of the split, of ``fit``, and of the method.

    Those of the method are None where its own signature decides, fold by fold.
    """
    if not is_routing():
        return {"groups": groups}, params, None
    called = "predict" if kind_of(estimator) == "numbers" else "predict_proba"
    if method in ("predict", "predict_log_proba", "decision_function", "transform"):
        called = method
    routed = route(
        "cross_val_predict",
        params,
        splitter=(cv, ["split"]),
        estimator=(estimator, ["fit", called]),
    )
    return routed.splitter.split, routed.estimator.fit, routed.estimator[called]


def _check_partition(splits: list[tuple[Any, Any]], n_samples: int) -> IntArray:
    """Return the test items of all splits, each of which must be there once."""
    tested = np.concatenate([np.arange(n_samples)[test] for _, test in splits])
    n_times = np.bincount(tested, minlength=n_samples)
    wrong = np.flatnonzero(n_times != 1)
    if wrong.size:
        raise ValueError(
            f"cv tests item {wrong[0]} {n_times[wrong[0]]} times ({wrong.size} of "
            f"{n_samples} items not exactly once), but every item needs one "
            "prediction; use folds, such as VoteStratifiedKFold."
        )
    return tested


def _fit_and_predict(
    estimator: Any,
    X: Features,
    y: AnswersLike,
    fold: tuple[IntArray, IntArray],
    method: Any,
    fit_params: Any,
    predict_params: Any,
) -> tuple[Array | list[Array], Array | None]:
    """Fit on some items, predict others.

    Returns
    -------
    predictions : ndarray or list
    classes : ndarray of shape (n_classes,) or None
    """
    train, test = fold
    X_train, y_train = _safe_split(estimator, X, y, train)
    X_test, y_test = _safe_split(estimator, X, y, test, train)
    fitted = estimator.fit(
        X_train, y_train, **_check_method_params(X, fit_params, train)
    )
    call = _method_of(fitted, y_test, method)
    if predict_params is None:
        predict_params = known_to(_reads_X(fitted, method), fit_params)
    predictions = call(X_test, **_check_method_params(X, predict_params, test))
    return predictions, getattr(fitted, "classes_", None)


def _method_of(fitted: Any, y_test: Any, method: Any) -> Callable[..., Any]:
    if method != "posterior":
        return bound_method(fitted, method)
    return lambda X, **params: inferred_truth(fitted, X, y_test, **params)


def _reads_X(fitted: Any, method: Any) -> Callable[..., Any]:
    """Return the method of the estimator that is called with X."""
    return bound_method(fitted, "predict" if method == "posterior" else method)


def _on_same_classes(
    predictions: tuple[Any, ...], classes: Any, of_no_class: float
) -> Any:
    """Give the predictions of all folds a column for every class of any fold."""
    first = classes[0]
    if first is None or all(np.array_equal(c, first) for c in classes):
        return predictions
    every = np.unique(np.concatenate(classes))

    def widened(values: Any, place: IntArray) -> FloatArray:
        wide = np.full((*values.shape[:-1], len(every)), of_no_class)
        wide[..., place] = values
        return wide

    aligned: list[Any] = []
    for part, known in zip(predictions, classes, strict=True):
        place = np.searchsorted(every, known)
        if isinstance(part, list):
            aligned.append([widened(values, place) for values in part])
        else:
            aligned.append(widened(part, place))
    return aligned


def _in_order(predictions: list[FloatArray] | tuple[Any, ...], tested: IntArray) -> Any:
    """Put together what the folds predict, in the order of X."""
    if not isinstance(predictions[0], list):
        return _safe_indexing(np.concatenate(predictions), np.argsort(tested))
    every = [values for part in predictions for values in part]
    return [every[k] for k in np.argsort(tested)]
