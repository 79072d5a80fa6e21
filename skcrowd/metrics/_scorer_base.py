"""Base classes of the scorers of crowd estimators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, Self

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import Pipeline
from sklearn.utils.metadata_routing import MetadataRequest
from sklearn.utils.validation import check_is_fitted

from skcrowd._sklearn_compat import REQUESTS
from skcrowd.aggregation._answer_evidence import given_weights
from skcrowd.annotations._alignment import (
    check_aligned,
    row_names,
    without_row_names,
)

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import AnswersLike, Array, ArrayLike, Features, FloatArray
    from skcrowd.annotations import Annotations, SequenceAnnotations

    from ._answer_evaluation import AnswerEvaluation


__all__ = ["AnswerScorer", "CrowdScorer", "find_crowd_estimator", "transformed"]


def find_crowd_estimator(
    estimator: Any, X: Features
) -> tuple[Any, FloatArray | list[FloatArray] | pd.DataFrame]:
    """Find the crowd estimator in pipelines, searches and frozen estimators.

    Parameters
    ----------
    estimator : object
        A fitted estimator of skcrowd, or what has one at its end.
    X : object

    Returns
    -------
    estimator : object
        The estimator with ``evaluate_answers``.
    X : object
        `X` as transformed by the steps before it.

    Raises
    ------
    TypeError
        If there is none.
    """
    while not hasattr(estimator, "evaluate_answers"):
        if isinstance(estimator, Pipeline):
            X = estimator[:-1].transform(X) if len(estimator) > 1 else X
            estimator = estimator[-1]
        elif isinstance(estimator, FrozenEstimator):
            estimator = estimator.estimator
        elif hasattr(estimator, "best_estimator_"):
            estimator = estimator.best_estimator_
        else:
            _raise_no_crowd_estimator(estimator)
    return estimator, X


def transformed(
    estimator: Any, X: Features, y: AnswersLike
) -> tuple[
    Any,
    FloatArray | list[FloatArray] | pd.DataFrame,
    Annotations | SequenceAnnotations | Array | None,
]:
    """Return the crowd estimator, and X and y as they are passed to it.

    Where a step removes the index of X, that of `y`, checked before, is removed too.
    """
    model, reached = find_crowd_estimator(estimator, X)
    if reached is not X and row_names(reached) is None:
        y = without_row_names(y)
    return model, reached, y


def _raise_no_crowd_estimator(estimator: Any) -> NoReturn:
    if hasattr(estimator, "fit"):
        check_is_fitted(estimator)
    raise TypeError(
        f"{type(estimator).__name__} knows nothing of annotators: scores of answers "
        "need a fitted CrowdClassifier, CrowdRegressor or CrowdSequenceTagger, a "
        "Pipeline that ends in one, or a search with refit=True over one."
    )


class CrowdScorer(BaseEstimator):
    """Base of the scorers: the interface of scikit-learn for ``scoring=``."""

    _requests: dict[str, Any] = {"sample_weight": None, "lengths": None}

    def set_score_request(self, **requests: Any) -> Self:
        """Set which metadata this scorer requests.

        Parameters
        ----------
        **requests : bool, str or None
            By name of the metadata; the meaning of the values is that of
            scikit-learn's metadata routing.

        Returns
        -------
        self : object

        Raises
        ------
        RuntimeError
            If metadata routing is not enabled.
        TypeError
            If the scorer takes no metadata of that name.
        """
        if not get_config()["enable_metadata_routing"]:
            raise RuntimeError(
                "This method is only available when metadata routing is enabled; call "
                "sklearn.set_config(enable_metadata_routing=True) before."
            )
        unknown = sorted(set(requests) - set(self._requests))
        if unknown:
            raise TypeError(
                f"{type(self).__name__} takes no {', '.join(unknown)}, but "
                f"{', '.join(self._requests)}."
            )
        setattr(self, REQUESTS, self._request({**self._requests, **requests}))
        return self

    def get_metadata_routing(self) -> Any:
        """Get the metadata that this scorer requests.

        Returns
        -------
        request : sklearn.utils.metadata_routing.MetadataRequest
        """
        return vars(self).get(REQUESTS) or self._request(self._requests)

    def _request(self, requests: dict[str, Any]) -> Any:
        request = MetadataRequest(owner=self)
        for name, alias in requests.items():
            request.score.add_request(param=name, alias=alias)
        return request

    def _accept_sample_weight(self) -> bool:
        """Return that weights are used, for searches without metadata routing."""
        return True


class AnswerScorer(CrowdScorer):
    """A score of answers that were held out; no true label is needed.

    A subclass has :meth:`measure`, and a line in ``SCORERS``. An object is called as
    scikit-learn calls its scorers; higher is better.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_validate
    >>> from skcrowd import CrowdClassifier
    >>> from skcrowd.datasets import make_annotations
    >>> from skcrowd.metrics import AnswerScorer
    >>> class Confidence(AnswerScorer):
    ...     def measure(self, evaluation, weight):
    ...         return np.average(evaluation.truth.max(axis=1), weights=weight)
    >>> X, truth = load_iris(return_X_y=True)
    >>> Y = make_annotations(truth, 5, random_state=0).annotations
    >>> clf = CrowdClassifier(max_epochs=5, random_state=0)
    >>> cross_validate(clf, X, Y, cv=3, scoring=Confidence())["test_score"].shape
    (3,)
    """

    def __call__(
        self,
        estimator: Any,
        X: Features,
        y: AnswersLike,
        sample_weight: ArrayLike | None = None,
        *,
        lengths: ArrayLike | None = None,
    ) -> float:
        """Score a fitted estimator.

        Parameters
        ----------
        estimator : object
            A fitted estimator of skcrowd, a Pipeline that ends in one, a search over
            one, or a FrozenEstimator around one.
        X : array-like of shape (n_samples, ...)
        y : annotations of shape (n_samples, n_annotators)
            In any form of ``fit``.
        sample_weight : array-like of shape (n_samples,), default=None
        lengths : array-like of shape (n_samples,), default=None
            Tokens of every sequence of a padded ``X`` of CrowdSequenceTagger.

        Returns
        -------
        score : float

        Raises
        ------
        TypeError
            If no estimator of skcrowd is found.
        ValueError
            If ``y`` holds no annotations, or unknown annotators or labels.
        """
        check_aligned(X=X, y=y, sample_weight=sample_weight, lengths=lengths)
        model, X, y = transformed(estimator, X, y)
        options = {} if lengths is None else {"lengths": lengths}
        evaluation = model.evaluate_answers(X, y, **options)
        return float(self.measure(evaluation, evaluation.item_weight(sample_weight)))

    def measure(self, evaluation: AnswerEvaluation, weight: Array) -> float:
        """Score answers and predictions.

        Parameters
        ----------
        evaluation : AnswerEvaluation
        weight : ndarray of shape (n_items,)
            Weight of each item; tokens have that of their sequence.

        Returns
        -------
        score : float
            Higher is better.
        """
        raise NotImplementedError


def over_answers(
    evaluation: AnswerEvaluation, values: Any, weight: FloatArray
) -> float:
    """Average a value for each answer, weighted by item and number of answers."""
    return np.average(values, weights=answer_weights(evaluation, weight))


def answer_weights(evaluation: AnswerEvaluation, weight: FloatArray) -> FloatArray:
    """Return the weight of each answer, times that of its item, (n_answers,)."""
    answers = evaluation.annotations
    return weight[answers.item] * given_weights(answers)
