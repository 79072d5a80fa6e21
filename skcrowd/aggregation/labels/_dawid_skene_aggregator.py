"""The model of Dawid and Skene as an aggregator."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval, StrOptions
from skcrowd.aggregation._convergence import no_convergence_warning
from skcrowd.aggregation._dawid_skene import dawid_skene
from skcrowd.aggregation._vote_discount import DependentGroups
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference

__all__ = ["DawidSkene", "fit_dawid_skene"]


class DawidSkene(LabelAggregator):
    """Infer a confusion matrix for every annotator (maximum a posteriori).

    Parameters
    ----------
    pseudo_counts : float, default=3.0
        Pseudo-counts that shrink each row of a confusion matrix to the crowd's; 0 is
        the maximum likelihood of Dawid and Skene.
    n_init : int, default=1
        Number of starts. The first is the vote, the others are random; that of the
        highest likelihood is kept.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand, as in
        :class:`skcrowd.CrowdClassifier`.
    dtype : {"float64", "float32"}, default="float64"
        Of the posterior. float32 takes half of the memory and is faster; probabilities
        are then accurate to about 1e-5.
    random_state : int, RandomState instance or None, default=0
        For the random starts, which do not depend on the order of items and annotators.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i).
    log_likelihood_ : float
        Of the answers under the fitted model.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    With ``pseudo_counts=0`` it is maximum likelihood from the votes, as crowd-kit's
    ``DawidSkene``, which bounds probabilities by 1e-10 and stops by the gain of the
    likelihood. Shrinking confusions to the crowd's is our choice; so is the default.

    References
    ----------
    A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates
    using the EM algorithm. Applied Statistics 28(1), 1979. doi:10.2307/2346806

    Examples
    --------
    >>> from skcrowd.aggregation import DawidSkene
    >>> DawidSkene().fit_predict([[0, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]])
    array([0, 1, 0, 1])
    """

    _uses_evidence = True

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
        "dtype": [StrOptions({"float64", "float32"})],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        pseudo_counts: float = 3.0,
        n_init: int = 1,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
        dtype: str = "float64",
        random_state: Any = 0,
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior
        self.dtype = dtype
        self.random_state = random_state

    def _infer(self, answers: Answers) -> Inference:
        settings: dict[str, Any] = {
            "pseudo_counts": self.pseudo_counts,
            "max_iter": self.max_iter,
            "tol": self.tol,
            "dtype": self.dtype,
        }
        random = check_random_state(self.random_state)
        start = None if answers.start is None else answers.start.posterior
        best = fit_dawid_skene(answers, start, **settings)
        for _ in range(self.n_init - 1):
            start = answers.draw_shares(random, answers.n_classes)
            found = fit_dawid_skene(answers, (start + answers.votes) / 2, **settings)
            if found.extras["log_likelihood_"] > best.extras["log_likelihood_"]:
                best = found
        return best


def fit_dawid_skene(
    answers: Answers,
    start: NDArray[np.float64] | None = None,
    *,
    pseudo_counts: float,
    max_iter: int,
    tol: float,
    dtype: str = "float64",
    annotator_groups: DependentGroups | None = None,
) -> Inference:
    """Run EM from one start.

    Parameters
    ----------
    answers : Answers
    start : ndarray of shape (n_items, n_classes), default=None
        Posterior to begin with; None is the vote.
    pseudo_counts, max_iter, tol, dtype : float, int, float, str
        See :class:`DawidSkene`.
    annotator_groups : DependentGroups, default=None
        Annotators who err together.

    Returns
    -------
    inference : Inference
    """
    with no_convergence_warning():
        found = dawid_skene(
            answers.annotations,
            pseudo_counts=pseudo_counts,
            max_iter=max_iter,
            tol=tol,
            gold=answers.gold,
            annotator_counts=answers.prior_counts,
            initial_posterior=start,
            dtype=dtype,
            annotator_groups=annotator_groups,
        )
    return Inference(
        found.posterior,
        found.class_prior,
        found.confusion,
        n_iter=found.n_iter,
        change=found.change,
        tol=tol,
        extras={"log_likelihood_": found.log_likelihood},
    )
