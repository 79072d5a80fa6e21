"""Majority vote as an aggregator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.aggregation.labels._weighted_vote import agreement_with, weighted_vote
from skcrowd.annotations._lookup import series_as_dict

__all__ = ["MajorityVote", "read_weights"]


class MajorityVote(LabelAggregator):
    """Take the label with most votes.

    Parameters
    ----------
    weights : mapping of annotator to number, pandas Series or array-like of shape \
            (n_annotators,), default=None
        Weights of the annotators, not negative. Those who are not in a mapping weigh 1.
        None weighs all alike.
    random_state : int, RandomState instance or None, default=0
        Chooses between labels with equally many votes, whatever the order of items and
        annotators.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        Shares of the votes.
    class_prior_ : ndarray of shape (n_classes,)
        Their mean.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Share of the answers that are the label with most votes.
    n_iter_, converged_ : int, bool
        1 and True.

    Notes
    -----
    The shares are those of crowd-kit's ``MajorityVote``, which takes the first of
    several labels with equally many votes.

    Examples
    --------
    >>> from skcrowd.aggregation import MajorityVote
    >>> y = [["cat", "cat", "dog"], ["dog", None, "dog"], ["dog", "cat", "cat"]]
    >>> MajorityVote().fit_predict(y)
    array(['cat', 'dog', 'cat'], dtype='<U3')
    """

    _uses_evidence = True

    _parameter_constraints: dict[str, Any] = {
        "weights": "no_validation",
        "random_state": ["random_state"],
    }

    def __init__(self, *, weights: Any = None, random_state: Any = 0) -> None:
        self.weights = weights
        self.random_state = random_state

    def predict(self, y: Any = None) -> NDArray[Any]:
        """Return the label with most votes of every item.

        Parameters
        ----------
        y : annotations of shape (n_items, n_annotators), default=None
            Answers of fitted annotators to other items. None: the items of ``fit``.

        Returns
        -------
        labels : ndarray of shape (n_items,)
            Ties are broken at random, by `random_state` and by what was answered to
            all items of `y`: among items with equal answers their order decides.
        """
        proba = self.predict_proba(y)
        answers = self._answers if y is None else self._answers_to(y)
        is_best = np.isclose(proba, proba.max(axis=1, keepdims=True), atol=1e-9)
        random = check_random_state(self.random_state)
        order = answers.draw_by_item(random, proba.shape[1])
        return self.classes_[np.where(is_best, order, -1.0).argmax(axis=1)]

    def _infer(self, answers: Answers) -> Inference:
        names = answers.annotations.annotator_names
        assert names is not None
        weight = read_weights(self.weights, names)
        posterior = weighted_vote(answers, weight)
        skill = agreement_with(posterior, answers)
        return Inference(
            posterior,
            posterior.mean(axis=0),
            skill=skill,
            extras={"annotator_weights_": weight},
        )

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        return weighted_vote(answers, self.annotator_weights_)


def read_weights(weights: Any, names: NDArray[Any]) -> NDArray[np.float64]:
    """Return the weights of annotators, (n_annotators,).

    Parameters
    ----------
    weights : mapping, pandas Series or array-like of shape (n_annotators,), or None
    names : ndarray of shape (n_annotators,)

    Raises
    ------
    ValueError
        If a name is unknown or has several weights, or they are no weights.
    """
    if weights is None:
        return np.ones(len(names))
    given = weights
    weights = series_as_dict(weights, "weights")
    if isinstance(weights, Mapping):
        unknown = [name for name in weights if name not in names.tolist()]
        if unknown:
            raise ValueError(
                f"weights names {unknown[0]!r}, who is none of the annotators of y "
                f"({len(unknown)} such names); the first are {names.tolist()[:5]}."
            )
        weights = [weights.get(name, 1.0) for name in names.tolist()]
    weight = np.asarray(weights, dtype=np.float64)
    is_weight = np.isfinite(weight) & (weight >= 0)
    if weight.shape != (len(names),) or not is_weight.all():
        raise ValueError(
            f"weights must be one finite number, not negative, for each of "
            f"{len(names)} annotators, got {given!r}."
        )
    return weight
