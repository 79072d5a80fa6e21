"""Message passing between items and annotators."""

from __future__ import annotations

from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import ndtri, softmax
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._observed_answers import draw_seed
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.annotations._answer_keys import uniform_of_keys

__all__ = ["KOS"]


class KOS(LabelAggregator):
    """Karger, Oh and Shah's message passing.

    Binary answers are ±1; the messages of an item to an annotator sum what all others
    answered, weighted by their reliabilities, and the reverse. With more classes each
    class is inferred against all others.

    Parameters
    ----------
    max_iter : int, default=100
        Number of rounds.
    random_state : int, RandomState instance or None, default=0
        The first reliabilities are drawn from a normal distribution with mean 1 and
        variance 1; the order of items and annotators does not change them.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        Softmax of the scores; they rank, but are no probabilities.
    class_prior_ : ndarray of shape (n_classes,)
        Their mean.
    annotator_skill_ : ndarray of shape (n_annotators,)
        Reliabilities, scaled to a mean square of 1 and averaged over the classes.
    n_iter_, converged_ : int, bool
        `max_iter` and True: the number of rounds is fixed.

    Notes
    -----
    Messages are those of crowd-kit's ``KOS``, which has two classes. Here they are
    scaled in every round, so that they do not overflow, and their signs are those by
    which most answers are right.

    References
    ----------
    D. R. Karger, S. Oh, D. Shah. Budget-optimal task allocation for reliable
    crowdsourcing systems. Operations Research 62(1), 2014. arXiv:1110.3564

    D. R. Karger, S. Oh, D. Shah. Efficient crowdsourcing for multi-class labeling.
    SIGMETRICS 2013. doi:10.1145/2465529.2465761

    Examples
    --------
    >>> from skcrowd.aggregation import KOS
    >>> KOS().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _parameter_constraints: dict[str, Any] = {
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(self, *, max_iter: int = 100, random_state: Any = 0) -> None:
        self.max_iter = max_iter
        self.random_state = random_state

    def _infer(self, answers: Answers) -> Inference:
        seed = draw_seed(check_random_state(self.random_state))
        keys = answers.keys.of_answers(answers.evidence.annotations)
        first = 1 + ndtri(uniform_of_keys(keys, seed, 1)[:, 0])
        n_passes = answers.n_classes if answers.n_classes > 2 else 1
        reliability = np.empty((answers.n_annotators, n_passes))
        component = _components(answers)
        for k in range(n_passes):
            reliability[:, k] = self._pass_messages(answers, k, first, component)
        posterior = answers.clamp(_scores(answers, reliability))
        return Inference(
            posterior,
            posterior.mean(axis=0),
            skill=reliability.mean(axis=1),
            n_iter=self.max_iter,
            extras={"_reliability": reliability},
        )

    def _pass_messages(
        self,
        answers: Answers,
        k: int,
        of_annotator: NDArray[np.float64],
        component: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """Return the reliability of every annotator, (n_annotators,).

        Parameters
        ----------
        answers : Answers
        k : int
            The class that is inferred against all others.
        of_annotator : ndarray of shape (n_answers,)
            First messages of the annotators.
        component : int ndarray of shape (n_annotators,)
            Annotators without common items, even through others, are scaled apart.
        """
        item, annotator = answers.item, answers.annotator
        sign, known = _signs(answers, k), _true_signs(answers, k)
        of_answer = component[annotator]
        for _ in range(self.max_iter):
            weighted = sign * of_annotator
            of_item = answers.sum_by_item(weighted)[item] - weighted
            # a known item sends the messages of a certain one
            of_item = np.where(known != 0, known * np.abs(of_item).max(), of_item)
            weighted = sign * of_item
            of_annotator = answers.sum_by_annotator(weighted)[annotator] - weighted
            # only ratios matter, and without this they overflow
            of_annotator = _scaled(of_annotator, of_answer)
        reliability = answers.sum_by_annotator(sign * of_item)
        # The answers to all items turned round are as probable: most are right.
        total = np.bincount(component, reliability * answers.per_annotator)
        reliability = np.where(total < 0, -1.0, 1.0)[component] * reliability
        return _scaled(reliability, component)

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        return _scores(answers, self._reliability)


def _signs(answers: Answers, k: int) -> NDArray[np.float64]:
    """Return 1 where an answer is class k, else -1."""
    return np.where(answers.answer == k, 1.0, -1.0)


def _true_signs(answers: Answers, k: int) -> NDArray[np.float64]:
    """Return 1 where the item of an answer is known to be class k, -1 if another.

    0 where the truth is not known, (n_answers,).
    """
    if answers.gold is None:
        return np.zeros(len(answers.item))
    gold = answers.gold[answers.item]
    return np.where(gold < 0, 0.0, np.where(gold == k, 1.0, -1.0))


def _components(answers: Answers) -> NDArray[np.int64]:
    """Return the connected component of every annotator in the graph of answers."""
    n = answers.n_annotators
    ends = answers.annotator, n + answers.item
    shape = (n + answers.n_items,) * 2
    graph = sparse.coo_array((np.ones(len(answers.item)), ends), shape)
    return np.asarray(connected_components(graph, directed=False)[1][:n])


def _scaled(
    values: NDArray[np.float64], part: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Scale each part to a mean square of 1."""
    squares = np.bincount(part, values**2) / np.maximum(np.bincount(part), 1)
    scale = np.sqrt(squares)
    return values / np.where(scale > 0, scale, 1.0)[part]


def _scores(answers: Answers, reliability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the softmax of the weighted sums of the answers, (n_items, n_classes)."""
    score = np.zeros((answers.n_items, answers.n_classes))
    for k, weight in enumerate(reliability.T):
        score[:, k] = answers.sum_by_item(
            _signs(answers, k) * weight[answers.annotator]
        )
    if reliability.shape[1] == 1 and answers.n_classes == 2:
        score[:, 1] = -score[:, 0]
    return np.asarray(softmax(score, axis=1))
