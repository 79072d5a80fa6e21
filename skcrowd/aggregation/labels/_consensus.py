"""The default aggregator."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._annotator_groups import read_groups
from skcrowd.aggregation._vote_discount import DependentGroups, discounted_votes
from skcrowd.aggregation.labels._bayesian_classifier_combination import (
    EBCC,
    IBCC,
    class_posterior,
)
from skcrowd.aggregation.labels._dawid_skene_aggregator import fit_dawid_skene
from skcrowd.aggregation.labels._label_aggregator import LabelAggregator
from skcrowd.aggregation.labels._label_inference import Answers, Inference
from skcrowd.aggregation.labels._weighted_vote import weighted_vote
from skcrowd.annotations._memory import is_large

__all__ = ["Consensus"]

VERY_STRONG = 5.0  # log Bayes factor, "very strong" for Kass and Raftery
STANDARD_ERRORS = 2.0
FOLDS = 3
MOST_TYPES = 3
N_INIT = 2


class Consensus(LabelAggregator):
    """Infer the truth by the model that the answers call for.

    Two models are compared: annotators who err independently given the true class
    (:class:`IBCC`), and annotators who err together on some types of items
    (:class:`EBCC`). The second decides where the evidence for it is very strong and it
    predicts answers that are held out better. Otherwise the posterior is the mean of
    :class:`DawidSkene` and the shares of the votes, which keeps the confusions of a
    small crowd from overruling its majority everywhere.

    Parameters
    ----------
    pseudo_counts : float, default=3.0
        See :class:`DawidSkene`.
    max_iter : int, default=500
        Maximum number of iterations of every model.
    tol : float, default=1e-4
        See :class:`DawidSkene`.
    annotator_prior : mapping of annotator to accuracy or (accuracy, n_questions), \
            pandas Series or DataFrame, or array-like, default=None
        What is known of annotators beforehand.
    annotator_groups : "auto", mapping or array-like of shape (n_annotators,), \
            default=None
        Families of annotators who err together, whose answers count as fewer votes, as
        in :func:`skcrowd.aggregation.majority_vote`: a name for each annotator, None
        for those on their own, or a dict from annotator to name. "auto" finds them.
        Where there are any, models are not compared: the second describes such errors
        of annotators in general.
    random_state : int, RandomState instance or None, default=0
        For the starts of :class:`EBCC`.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        Where it is a mean with the votes it ranks labels, but is less certain than
        calibrated probabilities of them.
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
    log_bayes_factor_ : float
        Evidence bound of annotators who err together, less that of independent ones;
        NaN where the tables of the models would be large and were not compared.
    held_out_score_ : float
        Gain of the log-probability of held-out answers by EBCC, summed, in standard
        errors over items; NaN where the Bayes factor decides alone.
    errs_together_ : bool
        Whether the log Bayes factor is above 5 and the score above 2.
    annotator_groups_ : int64 ndarray of shape (n_annotators,)
        Number of the family of every annotator, -1 for those on their own.
    group_excess_ : ndarray of shape (n_groups,)
        Excess agreement in each family, from 0 to 1 (copies).
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    The rule was chosen by looking at the crowds of ``benchmarks/truth_inference.py``,
    so its figures there are optimistic. The thresholds are conventional: Kass and
    Raftery (1995) call evidence above 5 "very strong", and 2 standard errors are the
    usual level. A majority that is misled by the same items can look like the truth to
    all models; then the vote may be the better choice.

    References
    ----------
    R. E. Kass, A. E. Raftery. Bayes factors. Journal of the American Statistical
    Association 90(430), 1995. doi:10.1080/01621459.1995.10476572

    Y. Li, B. Rubinstein, T. Cohn. Exploiting worker correlation for label aggregation
    in crowdsourcing. ICML 2019, PMLR 97.

    Examples
    --------
    >>> from skcrowd.aggregation import Consensus
    >>> y = [["cat", "cat", "dog"], ["dog", "dog", "dog"], ["cat", None, "cat"]]
    >>> Consensus().fit_predict(y)
    array(['cat', 'dog', 'cat'], dtype='<U3')
    """

    _parameter_constraints: dict[str, Any] = {
        "pseudo_counts": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "annotator_prior": "no_validation",
        "annotator_groups": "no_validation",
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        *,
        pseudo_counts: float = 3.0,
        max_iter: int = 500,
        tol: float = 1e-4,
        annotator_prior: Any = None,
        annotator_groups: Any = None,
        random_state: Any = 0,
    ) -> None:
        self.pseudo_counts = pseudo_counts
        self.max_iter = max_iter
        self.tol = tol
        self.annotator_prior = annotator_prior
        self.annotator_groups = annotator_groups
        self.random_state = random_state

    def _infer(self, answers: Answers) -> Inference:
        groups = read_groups(answers.annotations, self.annotator_groups)
        if groups is None or not len(groups.excess):
            groups = None
            together, log_bayes_factor, score = self._compare(answers)
        else:
            together, log_bayes_factor, score = None, float("nan"), float("nan")
        found = self._independent(answers, groups) if together is None else together
        states = found.extras.get("_states")
        alone = np.full(answers.n_annotators, -1), np.zeros(0)
        number, excess = alone if groups is None else (groups.group, groups.excess)
        found.extras = {
            "log_bayes_factor_": log_bayes_factor,
            "held_out_score_": score,
            "errs_together_": together is not None,
            "annotator_groups_": number,
            "group_excess_": excess,
            "_states": states,
        }
        return found

    def _independent(
        self, answers: Answers, groups: DependentGroups | None
    ) -> Inference:
        weight = None if groups is None else groups.answer_weights(answers.annotations)
        votes = discounted_votes(answers.annotations, answers.votes, weight)
        start = answers.start.posterior if answers.start is not None else None
        found = fit_dawid_skene(
            answers,
            start,
            pseudo_counts=self.pseudo_counts,
            max_iter=self.max_iter,
            tol=self.tol,
            annotator_groups=groups,
        )
        found.posterior = answers.clamp((found.posterior + votes) / 2)
        return found

    def _compare(self, answers: Answers) -> tuple[Inference | None, float, float]:
        """Compare annotators who err together with independent ones.

        Returns
        -------
        together : Inference or None
            The result of EBCC where it decides.
        log_bayes_factor, score : float
        """
        unknown = float("nan")
        if is_large(answers.n_annotators, answers.n_classes**2, MOST_TYPES):
            return None, unknown, unknown
        alone = IBCC(max_iter=self.max_iter)
        of_types = [self._ebcc(n) for n in range(2, MOST_TYPES + 1)]
        fits = [model._infer(answers) for model in of_types]
        bounds = [found.extras["evidence_bound_"] for found in fits]
        best = int(np.argmax(bounds))
        bound_alone = alone._infer(answers).extras["evidence_bound_"]
        log_bayes_factor = float(bounds[best] - bound_alone)
        if log_bayes_factor <= VERY_STRONG:
            return None, log_bayes_factor, unknown
        score = _held_out_score(answers, of_types[best], alone, self.random_state)
        is_better = score > STANDARD_ERRORS
        return (fits[best] if is_better else None), log_bayes_factor, score

    def _ebcc(self, n_types: int) -> EBCC:
        return EBCC(
            n_types=n_types,
            n_init=N_INIT,
            max_iter=self.max_iter,
            random_state=self.random_state,
        )

    def _posterior_of(self, answers: Answers) -> NDArray[np.float64]:
        if self.errs_together_:
            return class_posterior(answers, self._states)
        votes = weighted_vote(answers, np.ones(answers.n_annotators))
        groups = DependentGroups(self.annotator_groups_, self.group_excess_, 0.0)
        weight = groups.answer_weights(answers.annotations)
        if weight is None:
            return (super()._posterior_of(answers) + votes) / 2
        confusion = self.annotator_confusion_
        log_likelihood = answers.counts.log_likelihood(confusion, weight)
        with np.errstate(divide="ignore"):
            posterior = softmax(np.log(self.class_prior_) + log_likelihood, axis=1)
        return (posterior + discounted_votes(answers.annotations, votes, weight)) / 2


def _held_out_score(
    answers: Answers, model: EBCC, other: EBCC, random_state: Any
) -> float:
    """Return how much better one model predicts held-out answers than another.

    In standard errors. Answers are split into folds at random. Sums of items are
    independent, answers to one item are not.
    """
    n_answers = len(answers.item)
    fold = check_random_state(random_state).randint(FOLDS, size=n_answers)
    gain = np.zeros(n_answers)
    for k in range(FOLDS):
        held_out = np.flatnonzero(fold == k)
        kept = answers.annotations.select_answers(np.flatnonzero(fold != k))
        rest = Answers(kept, answers.gold, answers.prior_counts)
        at = answers.item[held_out], answers.annotator[held_out]
        given = *at, answers.answer[held_out]
        gain[held_out] = model._predict_answers(rest, *given)
        gain[held_out] -= other._predict_answers(rest, *given)
        # without other answers an item tells nothing
        gain[held_out] *= kept.answers_per_item[at[0]] > 0
    of_item = answers.sum_by_item(gain)
    return float(of_item.sum() / max(np.sqrt((of_item**2).sum()), 1e-12))
