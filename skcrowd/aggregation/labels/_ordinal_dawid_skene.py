"""Labels with an order: bias and closeness of annotators on the scale."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._ordinal_confusion import OrdinalConfusion
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.aggregation.labels._weighted_vote import weighted_vote
from skcrowd.annotations import Annotations
from skcrowd.annotations._lookup import positions, preview
from skcrowd.annotations._memory import check_fits
from skcrowd.annotations._ordered_categories import keeps_order

__all__ = ["OrdinalDawidSkene"]

COPIES = 6  # arrays of the size of all confusions that an iteration holds


class OrdinalDawidSkene(LabelAggregator):
    """Infer labels that have an order, such as stars or grades.

    Annotators differ in two numbers on the scale, a bias b and a closeness c to the
    truth, by which the confusion C of the crowd is tilted:
    ``P(j | k, r) ∝ C[k, j] exp(b_r j - c_r |j - k|)``. Two numbers are estimated from
    few answers; where an annotator gave many, their own confusion matrix departs from
    this. EM; the posterior is averaged with the shares of the votes, as in
    :class:`Consensus`.

    Parameters
    ----------
    order : array-like of shape (n_classes,), default=None
        The labels from lowest to highest; None is the order of ``classes_``, which are
        sorted unless the annotations define them.
    pseudo_counts : float, default=30.0
        Pseudo-answers that shrink each row of a confusion matrix to the one of bias and
        closeness.
    max_iter : int, default=300
        Maximum number of iterations.
    tol : float, default=1e-4
        Stop when the mean absolute change of the posterior falls below it; 0 runs
        exactly `max_iter` iterations.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        As a mean with the votes it ranks labels, but is less certain than calibrated
        probabilities of them.
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
    annotator_bias_ : ndarray of shape (n_annotators,)
        Above 0 for annotators who answer higher than the crowd: log odds a step.
    annotator_closeness_ : ndarray of shape (n_annotators,)
        Above 0 for annotators whose answers are closer to the truth than the crowd's.
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    The tilt is a log-linear model of the confusion tables with linear by linear and
    distance effects (Agresti, 2010); normal priors of bias and closeness, their
    variance estimated from the crowd, and all else are our choice.

    References
    ----------
    A. Agresti. Analysis of ordinal categorical data, 2nd edition. Wiley, 2010.
    doi:10.1002/9780470594001

    A. P. Dawid, A. M. Skene. Maximum likelihood estimation of observer error-rates
    using the EM algorithm. Applied Statistics 28(1), 1979. doi:10.2307/2346806

    Examples
    --------
    >>> from skcrowd.aggregation import OrdinalDawidSkene
    >>> y = [["good", "good", "fair"], ["poor", "fair", "poor"], ["fair"] * 3]
    >>> OrdinalDawidSkene(order=["poor", "fair", "good"]).fit_predict(y)
    array(['good', 'poor', 'fair'], dtype='<U4')
    """

    _uses_evidence = True

    _parameter_constraints: dict[str, Any] = {
        "order": ["array-like", None],
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
    }

    def __init__(
        self,
        *,
        order: Any = None,
        pseudo_counts: float = 30.0,
        max_iter: int = 300,
        tol: float = 1e-4,
        annotator_prior: Any = None,
    ) -> None:
        self.order = order
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior

    def _with_gold(self, annotations: Annotations, gold: Any) -> Answers:
        answers = super()._with_gold(annotations, gold)
        self._check_order(annotations, answers.annotations)
        return answers

    def _joined(
        self, more: Answers, annotations: Annotations, rows: NDArray[np.int64]
    ) -> Answers:
        self._check_order(self._answers.annotations, annotations)
        return super()._joined(more, annotations, rows)

    def _check_order(self, before: Annotations, after: Annotations) -> None:
        """Refuse further labels that have no place in an order that was said."""
        classes: Any = before.classes
        every: Any = after.classes
        is_lost = before.ordered and not after.ordered
        are_words = every.dtype.kind in "OU"
        if self.order is not None or not are_words:
            return
        if is_lost or not keeps_order(classes, every):
            raise ValueError(
                f"the place of {preview(every[~np.isin(every, classes)])} among the "
                f"labels {classes.tolist()}, from lowest to highest, is not known; say "
                "it by order=[...], or pass y as an Annotations by "
                "with_classes([...], ordered=True)."
            )

    def _infer(self, answers: Answers) -> Inference:
        n_annotators, n_classes = answers.n_annotators, answers.n_classes
        check_fits(
            COPIES * 8 * n_annotators * n_classes**2,
            f"confusions of {n_annotators} annotators and {n_classes} classes",
            "use MajorityVote, or merge classes",
        )
        model = OrdinalConfusion(self._scores(answers), n_annotators)
        posterior = answers.first_posterior
        n_iter, change = 0, np.inf
        while n_iter < self.max_iter and change >= self.tol:
            n_iter += 1
            counts = np.asarray(answers.counts.expected_counts(posterior))
            if answers.prior_counts is not None:
                counts = counts + np.asarray(answers.prior_counts)
            confusion = model.fit(counts, self.pseudo_counts)
            prior = posterior.mean(axis=0)
            updated = self._bayes(answers, confusion, prior)
            change = float(np.abs(updated - posterior).mean())
            posterior = updated
        return Inference(
            (posterior + answers.votes) / 2,
            prior,
            confusion,
            n_iter=n_iter,
            change=change,
            tol=self.tol,
            extras={
                "annotator_bias_": model.effect[:, 0],
                "annotator_closeness_": model.effect[:, 1],
            },
        )

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        posterior = self._bayes(answers, self.annotator_confusion_, self.class_prior_)
        votes = weighted_vote(answers, np.ones(answers.n_annotators))
        return (posterior + votes) / 2

    def _bayes(
        self,
        answers: Answers,
        confusion: NDArray[np.float64],
        prior: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        with np.errstate(divide="ignore"):
            joint = np.log(prior) + answers.counts.log_likelihood(confusion)
        return answers.clamp(softmax(joint, axis=1))

    def _scores(self, answers: Answers) -> NDArray[np.float64]:
        """Return the place of every class on the scale, (n_classes,)."""
        classes = answers.annotations.classes
        assert classes is not None
        if self.order is None:
            return np.arange(len(classes), dtype=np.float64)
        order = np.asarray(self.order)
        place = positions(classes, order)
        if (place < 0).any() or len(np.unique(order)) < len(order):
            raise ValueError(
                f"order must list every label once, but is {order.tolist()}, and the "
                f"labels are {classes.tolist()}."
            )
        return place.astype(np.float64)
