"""Calibrated posterior of labels: network and answers weighted by held-out answers."""

from __future__ import annotations

from itertools import combinations_with_replacement, product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import log_softmax, softmax

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._bounded_newton import minimize_bounded
from skcrowd.aggregation._expected_counts import ExpectedCounts
from skcrowd.aggregation._learned_shrinkage import (
    CountsOfOthers,
    answer_center,
    without_item,
)
from skcrowd.aggregation._ordinal_confusion import tilted_confusion
from skcrowd.aggregation._shrinkage import shrunk_to_crowd, smoothed_crowd

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray
    from skcrowd.aggregation._vote_discount import DependentGroups
    from skcrowd.annotations import Annotations


__all__ = ["TemperedPosterior", "tempered_posterior"]

PSEUDO_COUNTS = 4.0  # of the crowd's confusion, a row
# Of the confusion by bias and closeness on a scale: it is the annotator's own, and
# closer than the crowd's.
SCALE_PSEUDO_COUNTS = 15.0
LEAST_PROBABILITY = 1e-10  # of a class by the network
SHARED_ERRORS = 0.75  # weight left to all evidence, for errors that annotators share
SMALLEST_WEIGHT, LARGEST_WEIGHT = 0.05, 1.5
# Bound of the weight of networks that were not trained on an item. What they predict is
# as unsure as they are of single votes, hence less sure than of the truth.
LARGEST_OUT_OF_FOLD = 5.0
FIRST_WEIGHTS = 0.05, 0.2, 0.5, 1.0
LOG_WEIGHT_STD = 1.0  # of the normal prior of the log-weights, with mean 0
MOST_NUMBERS = 2**23  # answers × classes for which a fit computes it
MOST_HELD_OUT = 20_000  # answers that choose the weights
N_STEPS = 3  # of EM, each with weights of its own; more lose classes with few answers


class TemperedPosterior(NamedTuple):
    """Posterior of the truth, and the weights it was computed with.

    Attributes
    ----------
    posterior : ndarray of shape (n_items, n_classes)
        Rows sum to 1.
    network_weight, answer_weight : float
        Exponents of the probabilities of the network, and of the answers.
    """

    posterior: np.ndarray
    network_weight: float
    answer_weight: float


def tempered_posterior(
    log_prior: Array,
    annotations: Annotations,
    class_shares: Array,
    first_posterior: Array,
    *,
    other_counts: ExpectedCounts | Array | None = None,
    largest_network_weight: float = LARGEST_WEIGHT,
    n_steps: int = N_STEPS,
    class_ranks: Array | None = None,
    groups: DependentGroups | None = None,
    network_shares: Array | None = None,
    learn_shrinkage: bool = False,
) -> TemperedPosterior:
    """Return a posterior of the truth whose evidence is weighted to be calibrated.

    ``p(k | answers) ∝ π_k [(p(k) / ρ_k)^a Π_r C_r[k, answer of r]^b]^0.75``

    By Bayes' rule, a = b = 1 and ρ = π. That is too certain, because networks are,
    because confusions are estimated from few answers, and because annotators err on
    the same, hard items. So

    - the confusion C_r that an answer is weighed by is estimated, by few steps of EM,
      from the answers of its annotator to all *other* items;
    - a and b maximise the likelihood of each answer given the network and the answers
      of the *other* annotators to the item, a proper score that needs no true label;
    - the exponent 0.75 accounts for common errors of annotators, which make their
      answers look better the more they agree. Answers do not determine their frequency.

    Parameters
    ----------
    log_prior : ndarray of shape (n_items, n_classes)
        Log-probabilities of the classes without the answers. A network that predicts
        them should not have been trained on the answers to the same items. Less than
        1e-10 counts as that, so that no class is impossible.
    annotations : Annotations of shape (n_items, n_annotators)
        Answers of kind "labels".
    class_shares : ndarray of shape (n_classes,)
        Shares π of the classes among the items that the network was trained on. They
        are not estimated again. Where there is no network, `log_prior` is their
        logarithm in every row.
    first_posterior : ndarray of shape (n_items, n_classes)
        A posterior of the truth to begin with, such as that by Bayes' rule.
    other_counts : ndarray of shape (n_annotators, n_classes, n_classes), or \
            ExpectedCounts, default=None
        Expected counts of the annotators' answers to other items.
    largest_network_weight : float, default=1.5
        Upper bound of a.
    n_steps : int, default=3
        Number of steps of EM.
    class_ranks : ndarray of shape (n_classes,), default=None
        Places of the classes on a scale. Confusions are then shrunk to the annotator's
        bias and closeness on it, in place of the crowd's, unless
        there are so many classes that counts are not kept as a table.
    groups : DependentGroups, default=None
        Annotators who err together: the answers of a group to an item count as the
        effective number of independent ones, and answers are held out together with
        those of their group.
    network_shares : ndarray of shape (n_classes,), default=None
        Shares ρ of the classes in what the network predicts, relative to which a
        prediction is evidence. Networks that have learned errors of annotators
        predict rare classes too often. By default `class_shares`.
    learn_shrinkage : bool, default=False
        Whether to choose by the answers how much confusions are shrunk to that of the
        crowd, and that one to one accuracy for all; see Notes. No effect where
        `class_ranks` give confusions.

    Returns
    -------
    result : TemperedPosterior

    Notes
    -----
    The weights have a normal prior on their logarithm, of mean 0 and standard deviation
    1, and lie between 0.05 and 1.5 or `largest_network_weight`; where no item has
    several answers, b stays 1. The exponent 0.75 had, of five from 0.55 to 1, the
    smallest mean calibration error on ten public crowds with known truth, those of
    ``benchmarks/label_quality.py``, and on any nine of them. Three steps of EM with
    given shares, not its fixed point: where answers are few or poor, later steps, and
    shares that are estimated again, drift away and can lose a class. That was seen on
    the crowds of ``benchmarks/crowds.py``, and fits these public ones no worse.

    A confusion that is estimated from few answers is too certain of which errors do not
    occur. Such an error by one annotator then looks like evidence of a wrong consensus,
    and the weights of all evidence become too small to make up for it. So with
    `learn_shrinkage` numbers of pseudo-counts are chosen, 4 to 256 of the crowd's
    confusion and 1 to 256 of a symmetric one of the crowd's mean accuracy, that predict
    the answers best from those to other items: as in type-II maximum likelihood,
    annotators who are alike share what is known of them. The confusion of the crowd is
    then without the item, too, since of few items its answers are a large part.

    References
    ----------
    The confusions are those of A. P. Dawid, A. M. Skene. Maximum likelihood estimation
    of observer error-rates using the EM algorithm. Applied Statistics 28(1), 1979,
    doi:10.2307/2346806. A temperature for a network's probabilities is from C. Guo,
    G. Pleiss, Y. Sun, K. Weinberger. On calibration of modern neural networks. ICML
    2017, arXiv:1706.04599; it chooses it by true labels. That answers choose it, and a
    second one for themselves, is our choice.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.aggregation._tempered_posterior import tempered_posterior
    >>> from skcrowd.annotations import Annotations
    >>> rng = np.random.default_rng(0)
    >>> truth = rng.integers(2, size=(500, 1))
    >>> answers = Annotations.from_dense(truth ^ (rng.random((500, 4)) < 0.2))
    >>> predicted = truth ^ (rng.random((500, 1)) < 0.2)  # 80 % right, 99.9 % sure
    >>> log_prior = np.log(np.where(predicted == [[0, 1]], 0.999, 0.001))
    >>> first = np.exp(log_prior)
    >>> result = tempered_posterior(log_prior, answers, np.array([0.5, 0.5]), first)
    >>> bool(result.network_weight < 0.4)
    True
    """
    if not annotations.n_answers:
        return TemperedPosterior(softmax(log_prior, axis=1), 1.0, 1.0)
    model = _Evidence(
        log_prior,
        annotations,
        class_shares,
        other_counts,
        largest_network_weight,
        class_ranks,
        groups,
        network_shares,
        learn_shrinkage,
    )
    posterior, starts = first_posterior, list(product(FIRST_WEIGHTS, repeat=2))
    for _ in range(n_steps):
        log_answer = model.m_step(posterior)
        weights = model.most_likely_weights(starts, log_answer)
        starts = [weights]
        posterior = model.posterior(weights, log_answer)
    posterior = model.posterior(SHARED_ERRORS * weights, log_answer)
    return TemperedPosterior(posterior, *weights.tolist())


class _Evidence:
    """Posterior of the truth as a function of the weights of network and answers."""

    def __init__(
        self,
        log_prior: Any,
        annotations: Annotations,
        class_shares: Any,
        other_counts: Any,
        largest_network_weight: float,
        class_ranks: Any,
        groups: DependentGroups | None,
        network_shares: Any,
        learn_shrinkage: bool,
    ) -> None:
        self.class_ranks = class_ranks
        self.learn_shrinkage = learn_shrinkage
        self.counts = AnswerCounts(annotations, np.shape(log_prior)[1])
        self.evidence, self.other_counts = self.counts.evidence.single, other_counts
        self.annotations = self.evidence.annotations
        weight = None if groups is None else groups.answer_weights(annotations)
        self.vote = self.evidence.placed(weight)
        self.unit = None
        if groups is not None and weight is not None:
            self.unit = self._units(groups.units)
        self.log_shares = base = _log_shares(class_shares)
        if network_shares is not None:
            base = _log_shares(network_shares)
        log_prior = np.maximum(log_prior, np.log(LEAST_PROBABILITY))
        log_prior = log_softmax(log_prior, axis=1)
        self.log_ratio = log_prior - base
        self.largest = np.array([largest_network_weight, LARGEST_WEIGHT])

    def m_step(self, posterior: Any) -> Array:
        """Estimate confusions.

        Returns
        -------
        log_answer : ndarray of shape (n_answers, n_classes)
            Log-probability of each answer, given each class, in the confusion of its
            annotator that is estimated without its item, times its power.
        """
        a, own = self.annotations, posterior[self.annotations.item]
        if self.evidence.number is not None:
            own = own * self.evidence.number[:, None]
        counts = self.counts.expected_counts(posterior)
        if self.other_counts is not None:
            counts = counts + self.other_counts
        if isinstance(counts, ExpectedCounts):
            count, total = counts.columns(a.annotator, a.answer), counts.totals()
            crowd = counts.of_crowd().T
        else:
            count, total = counts[a.annotator, :, a.answer], counts.sum(axis=2)
            crowd = counts.sum(axis=0)
        count = np.maximum(count - own, 0)
        total = np.maximum(total[a.annotator] - own, 0)
        if self.class_ranks is not None and isinstance(counts, np.ndarray):
            tilted = tilted_confusion(counts, self.class_ranks)
            typical = tilted[a.annotator, :, a.answer]
            answer = shrunk_to_crowd(count, typical, total, SCALE_PSEUDO_COUNTS)
        elif self.learn_shrinkage:
            answer = self._likely_shrunk(posterior, count, total, crowd)
        else:
            typical = smoothed_crowd(crowd)[:, a.answer].T
            answer = shrunk_to_crowd(count, typical, total, PSEUDO_COUNTS)
        log_answer = np.log(answer)
        if self.evidence.power is not None:
            log_answer *= self.evidence.power[:, None]
        return log_answer

    def _likely_shrunk(
        self, posterior: Any, count: Any, total: Any, crowd: Any
    ) -> FloatArray:
        """Shrink to the crowd as much as predicts the answers best."""
        a, number = self.annotations, self.evidence.number
        own = posterior[a.item]
        if number is None:
            number = np.ones(len(own))
        counts = CountsOfOthers(
            number[:, None] * own,
            count,
            total,
            *without_item(crowd, a.item, a.answer, own, number),
            answer_center(crowd, a.answer),
        )
        some = counts.of(self._held_out())
        return counts.probability(*some.likely_counts())

    def _held_out(self) -> slice:
        """Select answers that choose weights: all, or some evenly spaced ones."""
        return slice(
            None, None, max(1, -(-self.annotations.n_answers // MOST_HELD_OUT))
        )

    def _units(self, units: IntArray) -> IntArray:
        """Return a number for each group of annotators and item, (n_answers,)."""
        key = self.annotations.item * (units.max() + 1)
        key += units[self.annotations.annotator]
        number: IntArray = np.unique(key, return_inverse=True)[1]
        return number

    def sum_answers(self, log_answer: Any) -> Any:
        """Sum over the answers of each item as votes, (n_items, n_classes)."""
        log_answer = self._votes(log_answer)
        indptr = self.annotations.indptr
        total = np.zeros((len(indptr) - 1, log_answer.shape[1]))
        answered = np.flatnonzero(np.diff(indptr))
        total[answered] = np.add.reduceat(log_answer, indptr[answered], axis=0)
        return total

    def _votes(self, log_answer: Any) -> Any:
        """Multiply by the weights of the answers as votes."""
        return log_answer if self.vote is None else self.vote[:, None] * log_answer

    def _own(self, log_answer: Any) -> Any:
        """Sum over the answers of a group to an item, (n_answers, n_classes)."""
        if self.unit is None:
            return log_answer
        total = np.zeros((self.unit.max() + 1, log_answer.shape[1]))
        np.add.at(total, self.unit, self._votes(log_answer))
        return total[self.unit]

    def posterior(self, weights: Any, log_answer: Any) -> Any:
        """Return the posterior with some weights of network and answers."""
        network, answers = weights
        total = self.sum_answers(log_answer)
        log_posterior = self.log_shares + network * self.log_ratio + answers * total
        return softmax(log_posterior, axis=1)

    def most_likely_weights(self, starts: Any, log_answer: Any) -> Any:
        """Maximise the likelihood of held-out answers over both weights.

        An answer of item n by r has the probability Σ_k q(k) C_r[k, answer], where q is
        the posterior given the network and the answers of all others to n, but for the
        members of the group of r. The search begins with the best of `starts`: where a
        network is almost certain, the gradient by its weight vanishes at 1.
        """
        n_answers, held_out = len(log_answer), self._held_out()
        item, log_answer_of = self.annotations.item[held_out], log_answer[held_out]
        others = self.sum_answers(log_answer)[item] - self._own(log_answer)[held_out]
        penalty = 0.5 * len(item) / (n_answers * LOG_WEIGHT_STD**2)
        objective = _HeldOutLikelihood(
            self.log_shares, self.log_ratio[item], others, log_answer_of, penalty
        )
        bounds = np.log(SMALLEST_WEIGHT), np.log(self.largest)
        start, *others_tried = np.log(starts)
        if others_tried:
            start = min((start, *others_tried), key=objective.value)
        return np.exp(minimize_bounded(objective, start, *bounds))


def _log_shares(shares: Any) -> Array:
    """Return the logarithms of shares, none of which is 0."""
    shares = np.maximum(shares, LEAST_PROBABILITY)
    logarithms: Array = np.log(shares / shares.sum())
    return logarithms


class _HeldOutLikelihood:
    """Negative log-likelihood of held-out answers by the logarithms of two weights.

    With evidence E_j(k) of network and other answers, weights w_j, and the probability
    c(k) of the held-out answer given class k,

        q(k) ∝ exp(log π(k) + Σ_j w_j E_j(k)),   L = Σ log Σ_k q(k) c(k),
        ∂L / ∂w_j = Σ Σ_k (q(k | answer) - q(k)) E_j(k),  q(k | answer) ∝ q(k) c(k),
        ∂²L / ∂w_i ∂w_j = Σ cov(E_i, E_j | answer) - cov(E_i, E_j).

    Parameters
    ----------
    log_shares : ndarray of shape (n_classes,)
    log_ratio, others, log_answer : ndarray of shape (n_held_out, n_classes)
        Evidence of the network and of the other answers; log c.
    penalty : float
        Weight of the squared logarithms, which are added to -L.
    """

    def __init__(
        self,
        log_shares: Array,
        log_ratio: Array,
        others: Array,
        log_answer: Array,
        penalty: float,
    ) -> None:
        self.log_shares = log_shares[:, None]
        # Sums over a long last axis are many times faster than over a short one.
        parts = (log_ratio.T, others.T, np.exp(log_answer).T)
        self.network, self.others, self.answer = map(np.ascontiguousarray, parts)
        self.penalty = penalty

    def __call__(self, log_weights: Array) -> tuple[float, Array, Array]:
        """Return the penalised value, its gradient and its Hessian, of 2 variables."""
        weights = np.exp(log_weights)
        value, q, posterior = self._probabilities(log_weights, weights)
        parts = self.network, self.others
        change = posterior - q
        gradient = np.array([np.vdot(change, part) for part in parts])
        second = [
            np.vdot(change * a, b) for a, b in combinations_with_replacement(parts, 2)
        ]
        means = [
            np.array([np.einsum("kn,kn->n", p, e) for e in parts])
            for p in (posterior, q)
        ]
        hessian = means[1] @ means[1].T - means[0] @ means[0].T
        hessian += np.array([second[:2], second[1:]])
        penalty = 2 * self.penalty
        # with respect to the logarithms of the weights
        gradient = weights * gradient
        hessian *= weights[:, None] * weights
        hessian.flat[::3] += gradient  # the diagonal
        hessian = -hessian
        hessian.flat[::3] += penalty
        return value, penalty * log_weights - gradient, hessian

    def value(self, log_weights: Array) -> float:
        """Return the penalised value alone."""
        return self._probabilities(log_weights, np.exp(log_weights))[0]

    def _probabilities(
        self, log_weights: Array, weights: Array
    ) -> tuple[float, Array, Array]:
        """Return the value, q without and q with the held-out answer."""
        network, others = weights
        log_q = self.log_shares + network * self.network
        log_q += others * self.others
        log_q -= log_q.max(axis=0)
        q = np.exp(log_q, out=log_q)
        joint = q * self.answer
        total, answered = q.sum(axis=0), joint.sum(axis=0)
        log_likelihood = (np.log(answered) - np.log(total)).sum()
        value = self.penalty * (log_weights**2).sum() - log_likelihood
        q /= total
        joint /= answered
        return float(value), q, joint
