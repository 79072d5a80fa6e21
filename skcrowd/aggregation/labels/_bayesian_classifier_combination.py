"""Bayesian classifier combination, with and without correlated annotators."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.aggregation.labels._latent_states import (
    StatePosterior,
    fit_states,
    state_log_likelihood,
)
from skcrowd.annotations._memory import check_fits, row_blocks

__all__ = ["EBCC", "IBCC", "class_posterior"]


class EBCC(LabelAggregator):
    """Enhanced Bayesian classifier combination: annotators who err together.

    Each class has several types of items, and annotators have a confusion of their own
    for each. What a type has in common makes annotators agree beyond the true class:
    items that mislead many, judges of one group. Variational Bayes.

    Parameters
    ----------
    n_types : int, default=3
        Types of items of every class. 1 is :class:`IBCC`.
    n_init : int, default=3
        Number of random starts; the result with the highest evidence bound is kept.
    diagonal, off_diagonal : float, default=4.0, 1.0
        Pseudo-counts of right answers and of each wrong one, of every annotator.
    class_prior : float, default=1.0
        Pseudo-count of every class.
    type_prior : float, default=0.1
        Pseudo-counts of the types of a class, together. Below 1 few types are used.
    max_iter : int, default=500
        Maximum number of iterations of each start.
    tol : float, default=1e-3
        Stop when no probability of a class changes by more.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.
    random_state : int, RandomState instance or None, default=0
        For the starts, which do not depend on the order of items and annotators.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i), over the types of items.
    type_shares_ : ndarray of shape (n_classes, n_types)
        Shares of the types of every class.
    evidence_bound_ : float
        Lower bound of the logarithm of the evidence.
    n_iter_ : int
    converged_ : bool

    References
    ----------
    Y. Li, B. Rubinstein, T. Cohn. Exploiting worker correlation for label aggregation
    in crowdsourcing. ICML 2019, PMLR 97. https://proceedings.mlr.press/v97/li19i.html

    Examples
    --------
    >>> from skcrowd.aggregation import EBCC
    >>> EBCC().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _uses_evidence = True

    _parameter_constraints: dict[str, Any] = {
        "n_types": [Interval(Integral, 1, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "diagonal": [Interval(Real, 0, None, closed="neither")],
        "off_diagonal": [Interval(Real, 0, None, closed="neither")],
        "class_prior": [Interval(Real, 0, None, closed="neither")],
        "type_prior": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        n_types: int = 3,
        n_init: int = 3,
        diagonal: float = 4.0,
        off_diagonal: float = 1.0,
        class_prior: float = 1.0,
        type_prior: float = 0.1,
        max_iter: int = 500,
        tol: float = 1e-3,
        annotator_prior: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.n_types = n_types
        self.n_init = n_init
        self.diagonal = diagonal
        self.off_diagonal = off_diagonal
        self.class_prior = class_prior
        self.type_prior = type_prior
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior
        self.random_state = random_state

    def _infer(self, answers: Answers) -> Inference:
        found = self._best_posterior(answers)
        by_class = found.states.sum(axis=2)
        # E[P(answer | class)]: the mean of the types, by their shares in the class
        counts = found.confusion_counts
        of_types = counts / counts.sum(axis=3, keepdims=True)
        shares = found.type_counts / found.type_counts.sum(axis=1, keepdims=True)
        confusion = np.einsum("km,rkmj->rkj", shares, of_types)
        return Inference(
            by_class,
            found.class_counts / found.class_counts.sum(),
            confusion,
            n_iter=found.n_iter,
            change=found.change,
            tol=self.tol,
            extras={
                "type_shares_": shares,
                "evidence_bound_": found.evidence_bound,
                "_states": found,
            },
        )

    def _best_posterior(self, answers: Answers) -> StatePosterior:
        """Return the fit with the highest evidence bound."""
        n_classes = answers.n_classes
        n_counts = answers.n_annotators * n_classes**2 * self.n_types
        check_fits(
            4 * 8 * n_counts,
            f"confusions of {answers.n_annotators} annotators, {n_classes} classes and "
            f"{self.n_types} types of items",
            "use DawidSkene, or merge classes",
        )
        prior: NDArray[np.float64] = np.full((n_classes, n_classes), self.off_diagonal)
        np.fill_diagonal(prior, self.diagonal)
        if answers.prior_counts is not None:
            prior = prior + np.asarray(answers.prior_counts)
        random = check_random_state(self.random_state)
        fits = []
        for _ in range(self.n_init if self.n_types > 1 else 1):
            share = answers.draw_shares(random, n_classes, self.n_types)
            found = fit_states(
                answers,
                share * answers.first_posterior[:, :, None],
                prior,
                class_prior=self.class_prior,
                type_prior=self.type_prior,
                max_iter=self.max_iter,
                tol=self.tol,
            )
            fits.append(found)
        return max(fits, key=lambda found: found.evidence_bound)

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        return class_posterior(answers, self._states)

    def _predict_answers(
        self,
        answers: Answers,
        item: NDArray[np.int64],
        annotator: NDArray[np.int64],
        answer: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """Fit some answers, and return the log-probability of others to the items.

        Parameters
        ----------
        answers : Answers
        item, annotator, answer : int64 ndarray of shape (n,)
            The other answers.

        Returns
        -------
        log_proba : ndarray of shape (n,)
        """
        found = self._best_posterior(answers)
        counts = found.confusion_counts
        log_proba = np.empty(len(item))
        for rows in row_blocks(len(item), counts[0].size):
            of_annotator = counts[annotator[rows]]
            total = of_annotator.sum(axis=3)
            each = np.arange(len(total))
            share = of_annotator[each, :, :, answer[rows]] / total
            log_proba[rows] = np.log(
                (found.states[item[rows]] * share).sum(axis=(1, 2))
            )
        return log_proba


def class_posterior(answers: Answers, states: StatePosterior) -> NDArray[np.float64]:
    """Return the posterior of the classes of other items, (n_items, n_classes).

    Parameters
    ----------
    answers : Answers
    states : StatePosterior
    """
    joint = state_log_likelihood(answers, states)
    shape = joint.shape
    by_state = softmax(joint.reshape(shape[0], -1), axis=1).reshape(shape)
    return np.asarray(by_state.sum(axis=2))


class IBCC(EBCC):
    """Independent Bayesian classifier combination, by variational Bayes.

    The model of Dawid and Skene with Dirichlet priors: annotators are independent given
    the true class, and their confusion matrices are integrated over.

    Parameters
    ----------
    diagonal, off_diagonal : float, default=4.0, 1.0
        Pseudo-counts of right answers and of each wrong one, of every annotator.
    class_prior : float, default=1.0
        Pseudo-count of every class.
    max_iter : int, default=500
        Maximum number of iterations.
    tol : float, default=1e-3
        Stop when no probability of a class changes by more.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i), posterior means.
    evidence_bound_ : float
        Lower bound of the logarithm of the evidence.
    n_iter_ : int
    converged_ : bool

    References
    ----------
    H.-C. Kim, Z. Ghahramani. Bayesian classifier combination. AISTATS 2012, PMLR 22.

    E. Simpson, S. Roberts, I. Psorakis, A. Smith. Dynamic Bayesian combination of
    multiple imperfect classifiers. 2013. arXiv:1206.1831

    Examples
    --------
    >>> from skcrowd.aggregation import IBCC
    >>> IBCC().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _parameter_constraints: dict[str, Any] = {
        name: EBCC._parameter_constraints[name]
        for name in (
            "diagonal",
            "off_diagonal",
            "class_prior",
            "max_iter",
            "tol",
            "annotator_prior",
        )
    }
    n_types = 1
    n_init = 1
    type_prior = 1.0
    random_state = 0

    def __init__(
        self,
        *,
        diagonal: float = 4.0,
        off_diagonal: float = 1.0,
        class_prior: float = 1.0,
        max_iter: int = 500,
        tol: float = 1e-3,
        annotator_prior: Any = None,
    ) -> None:
        self.diagonal = diagonal
        self.off_diagonal = off_diagonal
        self.class_prior = class_prior
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior
