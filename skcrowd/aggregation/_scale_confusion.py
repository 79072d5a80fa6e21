"""Confusions of annotators who answer by thresholds on a scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.special import expit, gammaln, softmax

from skcrowd.aggregation._shrinkage import shrunk_to_crowd
from skcrowd.annotations._memory import row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray


__all__ = ["scale_confusion"]

SWEEPS = 3  # of annotators and their priors in turn
MOST_STEPS = 20  # of Fisher scoring in a sweep
LONGEST_STEP, SHORTEST_STEP = 0.7, 0.02  # after a shorter one an annotator is done
UNITS = 4  # in the length of the scale: for five classes a unit is a step
FIRST_SPREAD = 0.5  # in units
# Variances of the priors of bias, logarithm of the spread, and slope. The first two
# count as one annotator more; that of slopes is not estimated.
PRIOR_VAR = 0.5, 0.3, 0.3**2
LOG_SPREADS = -3.0, 2.5  # their range
TINY = 1e-9  # probability of an answer
COPIES = 10  # arrays of the size of a block's confusions
# How closely annotators may follow their thresholds: concentrations of a row, for each
# of `pseudo_counts`.
CLOSENESS = 1.0, 3.0, 10.0, 30.0, 100.0


def scale_confusion(
    counts: FloatArray, scores: Array, pseudo_counts: float
) -> FloatArray:
    """Turn expected counts into confusions of classes that have an order.

    An annotator r hears the truth k at the place ``a_r k + b_r``, with a logistic error
    of spread s_r, and answers the nearest class, so all that is heard beyond the last
    class is an answer of it:

        P(answer ≤ j | k, r) = 1 / (1 + exp(-(j + 1/2 - a_r k - b_r) / s_r)),

    where k and j are counted from the middle of the scale. Bias b, log s and slope a
    have normal priors, that of a slope with mean 1 and standard deviation 0.3. There is
    no other confusion of the crowd: thresholds half-way between classes decide where
    on the scale the truth is. Where they are estimated, or a table of the crowd,
    classes move away from their names, because the answers fit as well with any shares
    of the classes.

    Who leaves out levels, or gives some of them for others, follows no thresholds. So a
    row of the confusion of r has a Dirichlet distribution around that by thresholds,
    with a concentration of r's own, whose posterior the answers give (marginal
    likelihood). The mean over this posterior is returned. The prior of a concentration
    is its (n_classes - 1)th power: where many annotators have loose confusions the
    classes move away from their names, so the answers must speak clearly.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes)
        Expected answers, by truth and answer.
    scores : int64 ndarray of shape (n_classes,)
        Places of the classes in their order, 0 for the lowest.
    pseudo_counts : float
        The least concentration that annotators may have; with 0 they are not shrunk to
        their thresholds.

    Returns
    -------
    confusion : ndarray of shape (n_annotators, n_classes, n_classes)

    References
    ----------
    P. McCullagh. Regression models for ordinal data. Journal of the Royal Statistical
    Society B 42(2), 1980. doi:10.1111/j.2517-6161.1980.tb01109.x.

    D. J. C. MacKay, L. C. Bauman Peto. A hierarchical Dirichlet language model. Natural
    Language Engineering 1(3), 1995. doi:10.1017/S1351324900000218

    Priors, slopes and given thresholds are our choice.
    """
    by_rank, scores = np.argsort(scores), np.asarray(scores)
    model = _ThresholdModel(counts[:, by_rank][:, :, by_rank])
    for _ in range(SWEEPS):
        model.improve()
    confusion = model.confusion()[:, scores][:, :, scores]
    for rows in model.blocks():
        confusion[rows] = _shrunk(counts[rows], confusion[rows], pseudo_counts)
    return confusion


def _shrunk(
    counts: FloatArray, typical: FloatArray, pseudo_counts: float
) -> FloatArray:
    """Shrink counts to confusions by thresholds, each annotator as the answers tell."""
    total = counts.sum(axis=2, keepdims=True)
    if not pseudo_counts:
        return shrunk_to_crowd(counts, typical, total, 0.0)
    concentrations = pseudo_counts * np.array(CLOSENESS)
    shares = _closeness(counts, typical, concentrations)
    shrunk = np.zeros_like(counts)
    for concentration, share in zip(concentrations, shares, strict=True):
        own = shrunk_to_crowd(counts, typical, total, concentration)
        shrunk += share[:, None, None] * own
    return shrunk


def _closeness(
    counts: FloatArray, typical: FloatArray, concentrations: FloatArray
) -> FloatArray:
    """Return the posterior of the concentrations, (n_concentrations, n_annotators).

    The probability of the answers c to a class, with concentration κ around π, is
    Γ(κ) / Γ(κ + Σ c) · Π Γ(κ π + c) / Γ(κ π).
    """
    n_classes = counts.shape[1]
    log_posterior = np.empty((len(concentrations), len(counts)))
    for log_p, concentration in zip(log_posterior, concentrations, strict=True):
        base = concentration * typical
        log_p[:] = (n_classes - 1) * np.log(concentration)
        log_p += (gammaln(base + counts) - gammaln(base)).sum(axis=(1, 2))
        log_p -= gammaln(concentration + counts.sum(axis=2)).sum(axis=1)
        log_p += n_classes * gammaln(concentration)
    return np.asarray(softmax(log_posterior, axis=0))


class _Scored(NamedTuple):
    """Steps of Fisher scoring for annotators, and where these are.

    Attributes
    ----------
    step, variance : ndarray of shape (n_annotators, 3)
    log_posterior : ndarray of shape (n_annotators,)
        Up to a constant, before the step.
    """

    step: FloatArray
    variance: FloatArray
    log_posterior: FloatArray


class _ThresholdModel:
    """Bias, log-spread and slope of every annotator, and their priors.

    Parameters
    ----------
    counts : ndarray of shape (n_annotators, n_classes, n_classes)
        Expected answers, classes from lowest to highest.
    """

    def __init__(self, counts: FloatArray) -> None:
        n_annotators, n_classes, _ = counts.shape
        self.counts = counts
        step = UNITS / max(n_classes - 1, 1)
        self.truth = step * (np.arange(n_classes) - (n_classes - 1) / 2)
        self.thresholds = self.truth[:-1] + step / 2
        self.mean = np.array([0.0, np.log(FIRST_SPREAD), 1.0])
        self.variance = np.array(PRIOR_VAR)
        self.effect = np.tile(self.mean, (n_annotators, 1))
        self.effect[:, :2] = self._moments()

    def _moments(self) -> FloatArray:
        """Return bias and log-spread by the mean and the variance of the errors.

        Of somebody who gives one answer to everything steps from the mean annotator
        would begin where the likelihood is flat.
        """
        n = self.counts.sum(axis=(1, 2))
        error = self.truth - self.truth[:, None]
        bias = (self.counts * error).sum(axis=(1, 2)) / np.maximum(n, 1.0)
        squares = (self.counts * (error - bias[:, None, None]) ** 2).sum(axis=(1, 2))
        # A logistic error of spread s has the variance (π s)² / 3.
        variance = (squares + (np.pi * FIRST_SPREAD) ** 2 / 3) / (n + 1.0)
        return np.stack([bias, np.log(3 * variance / np.pi**2) / 2], axis=1)

    def confusion(self) -> FloatArray:
        """Return the confusions, (n_annotators, n_classes, n_classes)."""
        blocks = [self._probabilities(self.effect[rows])[0] for rows in self.blocks()]
        p = np.concatenate(blocks)
        p /= p.sum(axis=2, keepdims=True)
        return p

    def improve(self) -> None:
        """Fit the annotators by Fisher scoring, then the priors.

        Variances are mean squares of the effects, with their uncertainty (empirical
        Bayes).
        """
        uncertainty = np.empty_like(self.effect)
        for rows in self.blocks():
            uncertainty[rows] = self._maximize(rows)
        log_spread, certainty = self.effect[:, 1], 1 / (self.variance + uncertainty)
        self.mean[1] = np.average(log_spread, weights=certainty[:, 1])
        squares = ((self.effect - self.mean) ** 2 + uncertainty).sum(axis=0)
        n = len(self.effect) + 1
        self.variance[:2] = ((squares + PRIOR_VAR) / n)[:2]

    def blocks(self) -> list[slice]:
        """Return parts of the annotators that fit into memory."""
        n_annotators, n_classes, _ = self.counts.shape
        return list(row_blocks(n_annotators, COPIES * n_classes**2))

    def _maximize(self, rows: slice) -> FloatArray:
        """Maximise the posterior of some annotators; return its variances.

        A step that lowers it is halved.
        """
        effect, counts = self.effect[rows], self.counts[rows]
        state = self._scored(effect, counts)
        left, halved = np.arange(len(effect)), np.ones(len(effect))
        for _ in range(MOST_STEPS):
            length = np.abs(state.step[left]).max(axis=1)
            share = LONGEST_STEP / np.maximum(length, LONGEST_STEP) * halved[left]
            is_left = share * length > SHORTEST_STEP
            left, share = left[is_left], share[is_left]
            if not left.size:
                break
            moved = effect[left] + share[:, None] * state.step[left]
            moved[:, 1] = moved[:, 1].clip(*LOG_SPREADS)
            new = self._scored(moved, counts[left])
            is_better = new.log_posterior >= state.log_posterior[left]
            halved[left] = np.where(is_better, 1.0, halved[left] / 2)
            taken = left[is_better]
            effect[taken] = moved[is_better]
            for known, found in zip(state, new, strict=True):
                known[taken] = found[is_better]
        return state.variance

    def _scored(self, effect: FloatArray, counts: FloatArray) -> _Scored:
        """Return the step of Fisher scoring for some annotators.

        The gradient is Σ count / p · ∂p, the information Σ n / p · ∂p ∂pᵀ.
        """
        p, derivatives = self._probabilities(effect)
        gradient = np.einsum("rkj,rkjp->rp", counts / p, derivatives)
        gradient -= (effect - self.mean) / self.variance
        root = np.sqrt(counts.sum(axis=2, keepdims=True) / p)
        scaled = (derivatives * root[..., None]).reshape(len(p), -1, 3)
        information = scaled.transpose(0, 2, 1) @ scaled + np.diag(1 / self.variance)
        inverse = np.linalg.inv(information)
        log_prior = -(((effect - self.mean) ** 2) / self.variance).sum(axis=1) / 2
        return _Scored(
            (inverse @ gradient[..., None])[..., 0],
            np.diagonal(inverse, axis1=1, axis2=2).copy(),
            (counts * np.log(p)).sum(axis=(1, 2)) + log_prior,
        )

    def _probabilities(self, effect: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the probabilities of the answers, and their derivatives.

        Returns
        -------
        p : ndarray of shape (n_annotators, n_classes, n_classes)
        derivatives : ndarray of shape (n_annotators, n_classes, n_classes, 3)
            By bias, log-spread and slope.
        """
        bias, log_spread, slope = effect.T[:, :, None, None]
        spread = np.exp(log_spread)
        truth = self.truth[:, None]
        z = (self.thresholds - slope * truth - bias) / spread
        cumulative = expit(z)
        density = cumulative * (1 - cumulative) / spread
        p = np.diff(cumulative, axis=2, prepend=0.0, append=1.0)
        below = np.stack([-density, -z * density * spread, -density * truth], axis=-1)
        return np.maximum(p, TINY), np.diff(below, axis=2, prepend=0.0, append=0.0)
