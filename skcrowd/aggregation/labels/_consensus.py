"""The default aggregator."""

from __future__ import annotations

from functools import partial
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax
from sklearn.utils import check_random_state

from skcrowd._sklearn_compat import Interval
from skcrowd.aggregation._annotator_groups import read_groups
from skcrowd.aggregation._observed_answers import draw_seed
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
from skcrowd.annotations import Annotations
from skcrowd.annotations._answer_keys import uniform_of_keys
from skcrowd.annotations._memory import is_large

__all__ = ["Consensus"]

VERY_STRONG = 5.0  # log Bayes factor, "very strong" for Kass and Raftery
STANDARD_ERRORS = 2.0
COPIES = 0.75  # excess agreement from which a group counts as copies of one
VOTE_SHARE = 0.5  # of the votes in the mean with Dawid-Skene
FOLDS = 3
MOST_TYPES = 3
N_INIT = 2
ALIKE = 1e9  # pseudo-counts that give all annotators the confusion of the crowd
MOST_COMPARED = 2**20  # answers that are held out in turns
_TINY = 1e-12


class Consensus(LabelAggregator):
    """Infer the truth by the model that the answers call for.

    Groups of annotators who copy count as one annotator. Then three models are
    compared, by how well they predict answers that are held out: annotators who are all
    alike, annotators who err independently given the true class (:class:`DawidSkene`,
    :class:`IBCC`), and annotators who err together on some types of items
    (:class:`EBCC`). The last decides where the evidence for it is very strong and it
    predicts clearly better than the second. The second is taken unless it predicts
    clearly worse than the first; its posterior is averaged with the shares of the
    votes, which keeps the confusions of a small crowd from overruling its majority.
    Where annotators are better taken as alike, the votes decide alone.

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
    annotator_groups : "auto", mapping or array-like of shape (n_annotators,), or \
            None, default="auto"
        Groups of annotators who err together, whose answers count as fewer votes, as
        in :func:`skcrowd.aggregation.majority_vote`: a name for each annotator, None
        for those on their own, or a dict from annotator to name. "auto" finds them,
        None looks for none. Where groups are given, :class:`EBCC` is not tried.
    random_state : int, RandomState instance or None, default=0
        For the starts of :class:`EBCC`, and for the folds of the answers that are held
        out, by which `model_` is chosen. Neither depends on the order of items and
        annotators.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    annotators_ : ndarray of shape (n_annotators,)
    posterior_ : ndarray of shape (n_items, n_classes)
        Where it is a mean with the votes, or the votes, it ranks labels, but is less
        certain than calibrated probabilities of them.
    class_prior_ : ndarray of shape (n_classes,)
    annotator_confusion_ : ndarray of shape (n_annotators, n_classes, n_classes)
    model_ : {"majority_vote", "dawid_skene", "ebcc"}
        What decided.
    log_bayes_factor_ : float
        Evidence bound of annotators who err together, less that of independent ones;
        NaN where the tables of the models would be large and were not compared.
    held_out_score_ : float
        Gain of the log-probability of held-out answers by EBCC, summed, in standard
        errors over items; NaN where the Bayes factor decides alone.
    difference_score_ : float
        The same gain by Dawid-Skene over annotators who are all alike; NaN where it was
        not measured.
    errs_together_ : bool
        Whether the log Bayes factor is above 5 and the score above 2.
    annotator_groups_ : int64 ndarray of shape (n_annotators,)
        Number of the group of every annotator, -1 for those on their own.
    group_excess_ : ndarray of shape (n_groups,)
        Excess agreement in each group, from 0 to 1 (copies).
    n_iter_ : int
    converged_ : bool

    Notes
    -----
    The rule was found by looking at the crowds of ``benchmarks/truth_inference.py`` and
    at simulated ones, so its figures there are optimistic. The thresholds are
    conventional: Kass and Raftery (1995) call evidence above 5 "very
    strong", and 2 standard errors are the usual level.
    ``benchmarks/truth_inference_left_out.py`` chooses the constants again without one
    crowd after the other, and reports the figures of those. A majority that is misled
    by the same items looks like the truth to all models.

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

    _uses_evidence = True

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
        annotator_groups: Any = "auto",
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
        is_given = not (self.annotator_groups is None or self._is_auto())
        keys, unknown = answers.keys.annotators, float("nan")
        distinct = _without_copies(answers, groups, keys)
        together, log_bayes_factor, score, difference = None, unknown, unknown, unknown
        if not is_given or groups is None or not len(groups.excess):
            together, log_bayes_factor, score = self._compare(distinct)
        if together is None:
            difference = self._difference(distinct)
            # where it is not known, NaN, annotators are taken to differ
            differs = not difference < -STANDARD_ERRORS
            found = self._independent(answers, groups, differs)
            model = "dawid_skene" if differs else "majority_vote"
        else:
            found, model = together, "ebcc"
        alone = np.full(answers.n_annotators, -1), np.zeros(0)
        number, excess = alone if groups is None else (groups.group, groups.excess)
        found.extras = {
            "model_": model,
            "log_bayes_factor_": log_bayes_factor,
            "held_out_score_": score,
            "difference_score_": difference,
            "errs_together_": together is not None,
            "annotator_groups_": number,
            "group_excess_": excess,
            "_states": found.extras.get("_states"),
        }
        return found

    def _distinct(self, answers: Answers, groups: DependentGroups) -> Answers:
        """Return answers to other items without those of copies, as in the fit."""
        return _without_copies(answers, groups, self._answers.keys.annotators)

    def _is_auto(self) -> bool:
        return isinstance(self.annotator_groups, str)

    def _independent(
        self, answers: Answers, groups: DependentGroups | None, differs: bool
    ) -> Inference:
        """Return the mean of Dawid-Skene and the votes, or the votes."""
        weight = None if groups is None else groups.answer_weights(answers.annotations)
        votes = discounted_votes(
            answers.annotations, answers.votes, weight, answers.evidence
        )
        start = answers.start.posterior if answers.start is not None else None
        found = self._dawid_skene(answers, start, groups)
        if differs:
            votes = (1 - VOTE_SHARE) * found.posterior + VOTE_SHARE * votes
        found.posterior = answers.clamp(votes.copy())
        return found

    def _dawid_skene(
        self,
        answers: Answers,
        start: NDArray[np.float64] | None = None,
        groups: DependentGroups | None = None,
        pseudo_counts: float | None = None,
    ) -> Inference:
        return fit_dawid_skene(
            answers,
            start,
            pseudo_counts=self.pseudo_counts
            if pseudo_counts is None
            else pseudo_counts,
            max_iter=self.max_iter,
            tol=self.tol,
            annotator_groups=groups,
        )

    def _difference(self, answers: Answers) -> float:
        """Return how much better confusions of annotators predict than a common one."""
        if is_large(answers.n_annotators, answers.n_classes**2):
            return float("nan")
        some = _some_items(answers, MOST_COMPARED)

        def predict(rest: Answers, *asked: Any, pseudo_counts: float) -> Any:
            found = self._dawid_skene(rest, pseudo_counts=pseudo_counts)
            item, annotator, answer = asked
            probability = found.confusion[annotator, :, answer] * found.posterior[item]
            return np.log(np.maximum(probability.sum(axis=1), _TINY))

        return _held_out_score(
            some,
            partial(predict, pseudo_counts=self.pseudo_counts),
            partial(predict, pseudo_counts=ALIKE),
            self.random_state,
        )

    def _compare(self, answers: Answers) -> tuple[Inference | None, float, float]:
        """Compare annotators who err together with independent ones.

        Returns
        -------
        together : Inference or None
            The result of EBCC where it decides.
        log_bayes_factor, score : float

        Notes
        -----
        Where answers have weights, confidences or probabilities, the models are
        compared on the plain answers.
        """
        if answers.evidence.power is not None:
            plain = answers.annotations.without_details()
            same = Answers(plain, answers.gold, answers.prior_counts)
            found, log_bayes_factor, score = self._compare(same)
            if found is not None:
                n_types = found.extras["_states"].type_counts.shape[1]
                found = self._ebcc(n_types)._infer(answers)
            return found, log_bayes_factor, score
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
        predict, alike = of_types[best]._predict_answers, alone._predict_answers
        score = _held_out_score(answers, predict, alike, self.random_state)
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
        groups = DependentGroups(self.annotator_groups_, self.group_excess_, 0.0)
        if self.errs_together_:
            return class_posterior(self._distinct(answers, groups), self._states)
        votes = weighted_vote(answers, np.ones(answers.n_annotators))
        weight = groups.answer_weights(answers.annotations)
        votes = discounted_votes(answers.annotations, votes, weight, answers.evidence)
        if self.model_ == "majority_vote":
            return votes
        if weight is None:
            posterior = super()._posterior_of(answers)
        else:
            confusion = self.annotator_confusion_
            log_likelihood = answers.counts.log_likelihood(confusion, weight)
            with np.errstate(divide="ignore"):
                posterior = softmax(np.log(self.class_prior_) + log_likelihood, axis=1)
        return (1 - VOTE_SHARE) * posterior + VOTE_SHARE * votes


def _without_copies(
    answers: Answers, groups: DependentGroups | None, keys: NDArray[np.uint64]
) -> Answers:
    """Keep one answer to an item of every group of copies.

    Parameters
    ----------
    answers : Answers
    groups : DependentGroups or None
    keys : uint64 ndarray of shape (n_annotators,)
        In a group, the answer of the annotator with the lowest key is kept.

    Returns
    -------
    answers : Answers
        The same object where nobody copies.
    """
    if groups is None or not (groups.excess >= COPIES).any():
        return answers
    units = groups.units.copy()
    separate = np.isin(groups.group, np.flatnonzero(groups.excess < COPIES))
    units[separate] = units.max() + 1 + np.arange(np.count_nonzero(separate))
    a = answers.annotations  # not the entries of soft labels
    code = a.item * (units.max() + 1) + units[a.annotator]
    order = np.lexsort((a.annotator, keys[a.annotator], code))
    _, first = np.unique(code[order], return_index=True)
    annotations = a.select_answers(np.sort(order[first]))
    return Answers(annotations, answers.gold, answers.prior_counts, answers.start)


def _some_items(answers: Answers, most: int) -> Answers:
    """Return some items, in the order of their hashes, with so many answers at most."""
    if answers.annotations.n_answers <= most:
        return answers
    order = np.argsort(answers.keys.items, kind="stable")
    total = np.cumsum(answers.annotations.answers_per_item[order])
    n_items = max(int(np.searchsorted(total, most, side="right")), 1)
    rows = np.sort(order[:n_items])
    some: Annotations = answers.annotations[rows]
    gold = None if answers.gold is None else answers.gold[rows]
    return Answers(some, gold, answers.prior_counts)


def _held_out_score(
    answers: Answers, predict: Any, predict_other: Any, random_state: Any
) -> float:
    """Return how much better one model predicts held-out answers than another.

    In standard errors. Answers are split into folds by hashes of their content, so
    that the order of items and annotators does not matter. Sums of items are
    independent, answers to one item are not. A soft label is predicted as its most
    probable class; gains count by what answers are worth.

    Parameters
    ----------
    answers : Answers
    predict, predict_other : callable
        Get the other answers, and items, annotators and answers that are held out;
        return the log-probabilities of those.
    random_state : int, RandomState instance or None
    """
    a, power = answers.annotations, answers.evidence.single.power
    seed = draw_seed(check_random_state(random_state))
    drawn = uniform_of_keys(answers.keys.of_answers(a), seed, 1)[:, 0]
    fold = (FOLDS * drawn).astype(np.int64)
    gain = np.zeros(a.n_answers)
    for k in np.unique(fold):
        held_out = np.flatnonzero(fold == k)
        kept = a.select_answers(np.flatnonzero(fold != k))
        if not kept.n_answers:
            continue
        rest = Answers(kept, answers.gold, answers.prior_counts)
        at = a.item[held_out], a.annotator[held_out]
        given = *at, a.answer[held_out]
        gain[held_out] = predict(rest, *given) - predict_other(rest, *given)
        # without other answers an item tells nothing
        gain[held_out] *= kept.answers_per_item[at[0]] > 0
    gain = gain if power is None else gain * power
    of_item = np.bincount(a.item, gain, a.n_items)
    return float(of_item.sum() / max(np.sqrt((of_item**2).sum()), _TINY))
