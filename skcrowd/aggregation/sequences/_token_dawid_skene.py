"""The model of Dawid and Skene, token by token."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._label_posterior import label_posterior
from skcrowd.aggregation.labels._dawid_skene_aggregator import fit_dawid_skene
from skcrowd.aggregation.labels._label_inference import Inference
from skcrowd.aggregation.sequences._sequence_aggregator import SequenceAggregator
from skcrowd.aggregation.sequences._tag_answers import TagAnswers

__all__ = ["TokenDawidSkene"]


class TokenDawidSkene(SequenceAggregator):
    """Infer a confusion matrix for every annotator, as if tokens were independent.

    Parameters
    ----------
    pseudo_counts : float, default=1.0
        Pseudo-counts that shrink each row of a confusion matrix to the crowd's.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand: shares of right tags, and from how many
        tokens.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
        ``[r, i, j]`` = P(r answers j | truth is i).
    log_likelihood_ : float
    n_iter_ : int
    converged_ : bool

    Examples
    --------
    >>> from skcrowd.aggregation import TokenDawidSkene
    >>> from skcrowd.annotations import SequenceAnnotations
    >>> cells = [[["O", "B-X"], ["O", "B-X"], ["O", "O"]]]
    >>> y = SequenceAnnotations.from_cells(cells)
    >>> TokenDawidSkene().fit_predict(y)[0].tolist()
    ['O', 'B-X']
    """

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        pseudo_counts: float = 1.0,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _infer(self, answers: TagAnswers) -> Inference:
        found = fit_dawid_skene(
            answers,
            None if answers.start is None else answers.start.posterior,
            pseudo_counts=self.pseudo_counts,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        found.extras["_tags"] = found.posterior.argmax(axis=1)
        return found

    def _tag(
        self, answers: TagAnswers
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        with np.errstate(divide="ignore"):
            log_prior = np.log(self.class_prior_)
        log_prior = np.broadcast_to(log_prior, (answers.n_items, answers.n_classes))
        posterior = label_posterior(
            log_prior, answers.annotations, self.annotator_confusion_
        )
        return posterior, posterior.argmax(axis=1)
