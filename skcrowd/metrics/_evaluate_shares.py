"""Binomial probabilities of many groups, drawn from a hierarchical posterior."""

import numpy as np
from scipy.special import gammaln

__all__ = ["SharePrior", "draw_categories"]

LOW = np.array([0.01, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4])
MEANS = np.concatenate([LOW, [0.5], 1 - LOW[::-1]])
SIZES = np.array([1.0, 3.0, 10.0, 40.0, 200.0])  # pseudo-counts


class SharePrior:
    """Beta distributions on a grid of means and sizes, as the prior of shares.

    Shares p of one owner, such as an annotator's accuracies in all classes, have the
    prior Beta(m s, (1 - m) s). The pair (m, s) of the owner is drawn from its exact
    posterior on the grid, the shares being integrated out (a beta-binomial likelihood).

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng):
        mean, size = np.meshgrid(MEANS, SIZES)
        self.alpha = (mean * size).ravel()
        self.beta = ((1 - mean) * size).ravel()
        self._rng = rng

    def draw_owner_types(self, successes, failures, log_mixture=0.0):
        """Draw the grid point of every owner.

        Parameters
        ----------
        successes, failures : ndarray of shape (n_owners, n_shares)
        log_mixture : ndarray of shape (n_grid,), default=0.0
            Log-probabilities of the grid points among owners.

        Returns
        -------
        point : int64 ndarray of shape (n_owners,)
        """
        total = successes + failures
        # Beta-binomial: B(successes + alpha, failures + beta) / B(alpha, beta)
        log_weight = _log_rising(successes, self.alpha)
        log_weight += _log_rising(failures, self.beta)
        log_weight -= _log_rising(total, self.alpha + self.beta)
        return draw_categories(log_weight + log_mixture, self._rng)

    def draw_shares(self, successes, failures, point):
        """Draw the shares of owners whose grid points are given.

        Parameters
        ----------
        successes, failures : ndarray of shape (n_owners, n_shares)
        point : int64 ndarray of shape (n_owners,)

        Returns
        -------
        share : ndarray of shape (n_owners, n_shares)
        """
        alpha = successes + self.alpha[point][:, None]
        return self._rng.beta(alpha, failures + self.beta[point][:, None])

    def draw_one_owner(self, successes, failures):
        """Draw the shares of groups that have one owner, shape (n_groups,)."""
        successes, failures = successes[None], failures[None]
        point = self.draw_owner_types(successes, failures)
        return self.draw_shares(successes, failures, point)[0]


def _log_rising(counts, base):
    """Sum over shares of log Gamma(base + count) - log Gamma(base), (n_owners, n_grid).

    Few counts are distinct, so that it is computed once for each of them.
    """
    distinct, place = np.unique(counts, return_inverse=True)
    table = gammaln(distinct[:, None] + base) - gammaln(base)
    return table[place.reshape(counts.shape)].sum(axis=1)


def draw_categories(log_weight, rng):
    """Draw one category for each row by the Gumbel-max method.

    Parameters
    ----------
    log_weight : ndarray of shape (n_rows, n_categories)
        Log-probabilities up to a constant for each row.
    rng : numpy.random.Generator

    Returns
    -------
    category : int64 ndarray of shape (n_rows,)
    """
    noise = np.log(rng.standard_exponential(log_weight.shape))
    return (log_weight - noise).argmax(axis=1)
