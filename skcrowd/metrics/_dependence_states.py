"""Answers given the latent state of an item, with an ability for each annotator."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

__all__ = ["StateModel", "States"]

SLOPE_PRECISION = 2.0  # prior N(1, 1/2) of an annotator's ability
BIAS_PRECISION = 1.0  # prior N(0, 1) of each confusion
SUGGESTION_PRECISION = 0.05  # prior N(0, 20) of what grows with ability
COMMON_PRECISION = 1.0  # prior N(0, 1) of what does not
LAPSE_PRIOR = 0.5, 9.5  # Beta prior of the share of random answers
DAMPING = 0.5  # keeps a Newton step with a diagonal Hessian short


@dataclass
class StateModel:
    """P_r(l | m), the probability that annotator r answers l to an item in state m.

        P_r(l | m) = (1 - lapse_r) * F_r(l | m) + lapse_r * guess_r(l)
        F_r(l | m) ∝ exp(common_m(l) + ability_r * suggestion_m(l)
                         + sum_c p_m(c) * bias_r(c, l))
        p_m ∝ exp(common_m + suggestion_m)

    The two curves of a state are the same for everybody, whatever the difficulty and
    the wrong class that an item suggests. Abilities that shift the log-odds (Rasch)
    and abilities that scale them (Dawid-Skene with difficulty) are special cases.

    Parameters
    ----------
    suggestion, common : ndarray of shape (n_states, n_classes)
    ability, lapse : ndarray of shape (n_annotators,)
    bias : ndarray of shape (n_annotators, n_classes, n_classes)
    guess : ndarray of shape (n_annotators, n_classes)
    tied : int64 ndarray of shape (n_states, n_classes)
        Scores with the same number are one parameter.
    """

    suggestion: np.ndarray
    common: np.ndarray
    ability: np.ndarray
    lapse: np.ndarray
    bias: np.ndarray
    guess: np.ndarray
    tied: np.ndarray

    @classmethod
    def start(cls, suggestion, tied, n_annotators):
        """Begin with annotators who all follow the suggestion of the state."""
        n_classes = suggestion.shape[1]
        return cls(
            suggestion,
            np.zeros_like(suggestion),
            np.ones(n_annotators),
            np.full(n_annotators, 0.05),
            np.zeros((n_annotators, n_classes, n_classes)),
            np.full((n_annotators, n_classes), 1 / n_classes),
            tied,
        )

    def copy(self):
        """Copy the parameters, which `update` replaces one by one."""
        return StateModel(*vars(self).values())

    def following(self):
        """F_r(l | m) and p_m, of shapes (n_annotators, n_states, n_classes) and rest."""
        shares = softmax(self.common + self.suggestion, axis=1)
        score = np.matmul(shares, self.bias)
        score += self.common
        score += self.ability[:, None, None] * self.suggestion
        score -= score.max(axis=2, keepdims=True)
        np.exp(score, out=score)
        score /= score.sum(axis=2, keepdims=True)
        return score, shares

    def table(self):
        """P_r(l | m), shape (n_annotators, n_states, n_classes)."""
        lapse = self.lapse[:, None, None]
        table, _ = self.following()
        return (1 - lapse) * table + lapse * self.guess[:, None, :] + 1e-12

    def update(self, counts, reference):
        """One step of generalised EM.

        Parameters
        ----------
        counts : ndarray of shape (n_annotators, n_states, n_classes)
            Expected number of answers by state.
        reference : bool ndarray of shape (n_annotators,)
            Whose answers shape the curves of the states.
        """
        counts = self._split_lapses(counts)
        total = counts.sum(axis=2, keepdims=True)
        one = reference.astype(float)
        self.suggestion = self._state_step(
            counts, total, one * self.ability, self.suggestion, SUGGESTION_PRECISION
        )
        self.common = self._state_step(
            counts, total, one, self.common, COMMON_PRECISION
        )
        self._step_ability(counts, total)
        self._step_bias(counts, total)

    def _split_lapses(self, counts):
        """Update lapses in closed form; return the counts of the other answers."""
        lapse = self.lapse[:, None, None]
        guess = lapse * self.guess[:, None, :]
        table, _ = self.following()
        lapsed = counts * (guess / ((1 - lapse) * table + guess + 1e-300))
        a, b = LAPSE_PRIOR
        self.lapse = (lapsed.sum(axis=(1, 2)) + a) / (counts.sum(axis=(1, 2)) + a + b)
        guessed = lapsed.sum(axis=1) + 1
        self.guess = guessed / guessed.sum(axis=1, keepdims=True)
        return counts - lapsed

    def _state_step(self, counts, total, weight, value, precision):
        """Newton step with a diagonal Hessian for a curve with these weights."""
        table, _ = self.following()
        expected = total * table
        gradient = self._sum_tied(np.tensordot(weight, counts - expected, 1))
        curvature = self._sum_tied(np.tensordot(weight**2, expected * (1 - table), 1))
        step = gradient - precision * value
        step /= curvature + precision + DAMPING
        return value + np.clip(step, -0.7, 0.7)

    def _sum_tied(self, values):
        """Sum over all scores that share a parameter, in place of each of them."""
        return np.bincount(self.tied.ravel(), values.ravel())[self.tied]

    def _step_ability(self, counts, total):
        """Newton step for the abilities."""
        table, _ = self.following()
        mean = np.einsum("rml,ml->rm", table, self.suggestion)
        square = np.einsum("rml,ml->rm", table, self.suggestion**2)
        gradient = np.einsum("rml,ml->r", counts - total * table, self.suggestion)
        gradient -= SLOPE_PRECISION * (self.ability - 1)
        curvature = (total[:, :, 0] * (square - mean**2)).sum(axis=1) + SLOPE_PRECISION
        self.ability = self.ability + np.clip(gradient / curvature, -0.3, 0.3)

    def _step_bias(self, counts, total):
        """Newton step with a diagonal Hessian for the confusions of annotators."""
        table, shares = self.following()
        expected = total * table
        gradient = np.matmul(shares.T, counts - expected) - BIAS_PRECISION * self.bias
        curvature = np.matmul(shares.T, expected * (1 - table)) + BIAS_PRECISION
        self.bias = self.bias + np.clip(gradient / (curvature + DAMPING), -0.5, 0.5)



# Probability of the true and of the suggested class at each level of difficulty.
LEVELS = np.array(
    [(0.97, 0.02), (0.85, 0.05), (0.80, 0.18), (0.60, 0.10), (0.55, 0.43), (0.4, 0.3)]
)
MOST_PAIRS = 200


class States(NamedTuple):
    """Latent states of items: a level of difficulty, a true and a suggested class.

    Attributes
    ----------
    suggestion : ndarray of shape (n_states, n_classes)
        First scores.
    tied : int64 ndarray of shape (n_states, n_classes)
        Scores of the same level and the same role of the class, which is true,
        suggested or neither, have the same number.
    level, pair : int64 ndarray of shape (n_states,)
    """

    suggestion: np.ndarray
    tied: np.ndarray
    level: np.ndarray
    pair: np.ndarray

    @classmethod
    def of_votes(cls, votes):
        """Combine all levels with pairs of classes, those seen together most often."""
        n_classes = votes.shape[1]
        seen = (votes > 0).astype(float)
        together = seen.T @ seen + 0.01 * (votes > 0).sum(axis=0)
        np.fill_diagonal(together, -1.0)
        order = np.argsort(-together, axis=None, kind="stable")
        order = order[: n_classes * (n_classes - 1)][:MOST_PAIRS]
        nearest = np.arange(n_classes) * n_classes + together.argmax(axis=1)
        true, suggested = np.divmod(np.union1d(order, nearest), n_classes)
        level = np.repeat(np.arange(len(LEVELS)), true.size)
        pair = np.tile(np.arange(true.size), len(LEVELS))
        labels = np.arange(n_classes)
        role = np.where(labels == true[pair][:, None], 0, 2)
        role[labels == suggested[pair][:, None]] = 1
        rest = (1 - LEVELS.sum(axis=1, keepdims=True)) / max(n_classes - 2, 1)
        score = np.log(np.hstack([LEVELS, rest]))
        score -= score.mean(axis=1, keepdims=True)
        tied = level[:, None] * 3 + role
        return cls(score.ravel()[tied], tied, level, pair)

    def log_share(self, count, strength=20.0):
        """Shares of the states, shrunk to those of independent levels and pairs."""
        total = count.sum() + 1e-9
        levels = np.bincount(self.level, count) + 0.5
        pairs = np.bincount(self.pair, count) + 0.5
        levels, pairs = levels / levels.sum(), pairs / pairs.sum()
        prior = levels[self.level] * pairs[self.pair]
        return np.log((count + strength * prior) / (total + strength))
