"""Variational inference of a latent state of every item, given answers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, logsumexp, softmax

from skcrowd.aggregation.labels._label_inference import Answers

__all__ = ["StatePosterior", "fit_states", "state_log_likelihood"]


@dataclass(eq=False)
class StatePosterior:
    """Variational posterior of states, shares and confusions.

    A state is a class and one of its types of items.

    Parameters
    ----------
    states : ndarray of shape (n_items, n_classes, n_types)
        Probability of every state.
    confusion_counts : ndarray of shape (n_annotators, n_classes, n_types, n_classes)
        Parameters of the Dirichlet distributions of the answers.
    class_counts : ndarray of shape (n_classes,)
    type_counts : ndarray of shape (n_classes, n_types)
        Parameters of the Dirichlet distributions of the shares.
    evidence_bound : float
        Lower bound of the logarithm of the evidence (ELBO).
    n_iter : int
    change : float
        Largest change of a probability of a class in the last iteration.
    """

    states: NDArray[np.float64]
    confusion_counts: NDArray[np.float64]
    class_counts: NDArray[np.float64]
    type_counts: NDArray[np.float64]
    evidence_bound: float
    n_iter: int
    change: float


def fit_states(
    answers: Answers,
    start: NDArray[np.float64],
    confusion_prior: NDArray[np.float64],
    *,
    class_prior: float,
    type_prior: float,
    max_iter: int,
    tol: float,
) -> StatePosterior:
    """Fit the model by coordinate ascent of the evidence bound.

    Parameters
    ----------
    answers : Answers
    start : ndarray of shape (n_items, n_classes, n_types)
        Probabilities of the states to begin with.
    confusion_prior : ndarray of shape (n_classes, n_classes), or \
            (n_annotators, n_classes, n_classes)
        Pseudo-counts of the answers, by truth.
    class_prior, type_prior : float
        Pseudo-counts of a class, and of all types of a class together.
    max_iter : int
    tol : float
        Stop when no probability of a class changes by more.

    Returns
    -------
    posterior : StatePosterior

    Notes
    -----
    With ω the states, π and τ the shares, v the confusions, and ⟨.⟩ expectations::

        log q(ω_i = (k, m)) = ⟨log τ_k⟩ + ⟨log π_km⟩ + Σ_r ⟨log v_rkm,answer⟩ + const

    and each q(v_rkm) is Dirichlet with the pseudo-counts plus the expected counts.
    """
    n_items, n_classes, n_types = start.shape
    n_states = n_classes * n_types
    incidence = answers.counts.incidence
    shape = answers.n_annotators, n_classes, n_classes
    # [annotator, answer, state]
    prior = np.broadcast_to(confusion_prior, shape).transpose(0, 2, 1)
    prior = np.repeat(prior, n_types, axis=2)
    states = _clamp(start, answers.gold).reshape(n_items, n_states)
    by_class = states.reshape(start.shape).sum(axis=2)
    n_iter, change = 0, np.inf
    while n_iter < max_iter and change > tol:
        n_iter += 1
        class_counts = by_class.sum(axis=0) + class_prior
        type_counts = states.sum(axis=0).reshape(n_classes, n_types)
        type_counts = type_counts + type_prior / n_types
        counts = (incidence @ states).reshape(prior.shape) + prior
        log_shares = _mean_log(class_counts)[:, None] + _mean_log(type_counts)
        joint = incidence.T @ _mean_log(counts, axis=1).reshape(-1, n_states)
        joint += log_shares.ravel()
        states = softmax(joint, axis=1).reshape(start.shape)
        states = _clamp(states, answers.gold).reshape(n_items, n_states)
        updated = states.reshape(start.shape).sum(axis=2)
        change = float(np.abs(updated - by_class).max())
        by_class = updated
    # With q(ω) just updated, its terms are Σ_i log Σ_states exp(joint); what is left
    # are the divergences of the Dirichlet distributions from their priors.
    bound = float(_evidence(joint.reshape(start.shape), answers.gold))
    bound -= _divergence(counts, prior, axis=1)
    bound -= _divergence(class_counts, np.full(n_classes, class_prior), axis=0)
    types_before = np.full(type_counts.shape, type_prior / n_types)
    bound -= _divergence(type_counts, types_before, axis=1)
    by_type = counts.reshape(*shape, n_types)
    confusion_counts = by_type.transpose(0, 2, 3, 1)
    return StatePosterior(
        states.reshape(start.shape),
        confusion_counts,
        class_counts,
        type_counts,
        bound,
        n_iter,
        change,
    )


def state_log_likelihood(
    answers: Answers, posterior: StatePosterior
) -> NDArray[np.float64]:
    """Return log p(state) + E[log p(answers | state)] of other items.

    Parameters
    ----------
    answers : Answers
    posterior : StatePosterior

    Returns
    -------
    joint : ndarray of shape (n_items, n_classes, n_types)
    """
    counts = posterior.confusion_counts.transpose(0, 3, 1, 2)
    shape = answers.n_items, *counts.shape[2:]
    log_shares = _mean_log(posterior.class_counts)[:, None]
    log_shares = log_shares + _mean_log(posterior.type_counts)
    weights = _mean_log(counts, axis=1).reshape(-1, shape[1] * shape[2])
    return (answers.counts.incidence.T @ weights).reshape(shape) + log_shares


def _clamp(
    states: NDArray[np.float64], gold: NDArray[np.int64] | None
) -> NDArray[np.float64]:
    """Put all mass on the types of the known class, where there is one."""
    if gold is None:
        return states
    known = np.flatnonzero(gold >= 0)
    states = states.copy()
    of_types = states[known, gold[known]]
    total = of_types.sum(axis=1, keepdims=True)
    uniform = np.full_like(of_types, 1 / of_types.shape[1])
    share = np.where(total > 0, of_types / np.where(total > 0, total, 1), uniform)
    states[known] = 0.0
    states[known, gold[known]] = share
    return states


def _evidence(joint: NDArray[np.float64], gold: NDArray[np.int64] | None) -> np.float64:
    """Sum log Σ exp(joint) over the states that gold allows."""
    by_class = logsumexp(joint, axis=2)
    of_item = logsumexp(by_class, axis=1)
    if gold is not None:
        known = np.flatnonzero(gold >= 0)
        of_item[known] = by_class[known, gold[known]]
    return np.float64(of_item.sum())


def _mean_log(counts: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """Return E[log p] of a Dirichlet distribution."""
    return np.asarray(digamma(counts) - digamma(counts.sum(axis=axis, keepdims=True)))


def _divergence(
    counts: NDArray[np.float64], prior: NDArray[np.float64], axis: int
) -> float:
    """Return the Kullback-Leibler divergence of Dirichlet distributions, summed.

    ``log Γ(Σ a) - Σ log Γ(a) - log Γ(Σ b) + Σ log Γ(b) + Σ (a - b) E[log p]``
    """
    of_totals = gammaln(counts.sum(axis=axis)) - gammaln(prior.sum(axis=axis))
    of_parts = gammaln(counts) - gammaln(prior)
    linear = (counts - prior) * _mean_log(counts, axis=axis)
    return float(of_totals.sum() - of_parts.sum() + linear.sum())
