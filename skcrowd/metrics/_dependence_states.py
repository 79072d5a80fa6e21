"""How an answer arises from the latent state of an item."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import softmax

__all__ = ["OTHER", "SUGGESTED", "TRUE", "AnswerModel", "States"]

TRUE, SUGGESTED, OTHER = range(3)  # sources of an answer

# First probability of each source at each level of difficulty.
LEVELS = np.array(
    [
        (0.96, 0.01, 0.03),
        (0.80, 0.02, 0.18),
        (0.78, 0.16, 0.06),
        (0.50, 0.08, 0.42),
        (0.52, 0.42, 0.06),
        (0.30, 0.30, 0.40),
    ]
)
MOST_PAIRS = 100  # of a true and a suggested class
ABILITY_PRECISION = 2.0  # prior N(1, 1/2) of an annotator's ability
SLOPE_PRECISION = 0.05  # prior N(0, 20) of the scores that ability multiplies
COMMON_PRECISION = 1.0  # prior N(0, 1) of the scores that it does not
GUESS_COUNT = 1.0  # pseudo-count of each class in an annotator's guesses
SHARE_COUNT = 20.0  # pseudo-counts that shrink shares of states to independence
DAMPING = 0.5  # keeps a Newton step with a diagonal Hessian short


class States(NamedTuple):
    """Pairs of a true and a suggested class that an item may have.

    Attributes
    ----------
    true, suggested : int64 ndarray of shape (n_class_pairs,)
    """

    true: np.ndarray
    suggested: np.ndarray

    @classmethod
    def of_votes(cls, votes):
        """Choose the pairs of classes that are answered together most often.

        Parameters
        ----------
        votes : ndarray of shape (n_items, n_classes)
        """
        n_classes = votes.shape[1]
        seen = (votes > 0).astype(float)
        together = seen.T @ seen + 0.01 * seen.sum(axis=0)
        np.fill_diagonal(together, -1.0)
        order = np.argsort(-together, axis=None, kind="stable")
        order = order[: n_classes * (n_classes - 1)][:MOST_PAIRS]
        nearest = np.arange(n_classes) * n_classes + together.argmax(axis=1)
        return cls(*np.divmod(np.union1d(order, nearest), n_classes))

    @staticmethod
    def log_share(count):
        """Shares of levels and pairs of classes, shrunk to their independence.

        Parameters
        ----------
        count : ndarray of shape (n_class_pairs, n_levels)

        Returns
        -------
        log_share : ndarray of shape (n_class_pairs, n_levels)
        """
        pairs = count.sum(axis=1, keepdims=True) + 0.5
        levels = count.sum(axis=0, keepdims=True) + 0.5
        independent = pairs / pairs.sum() * (levels / levels.sum())
        total = count.sum() + SHARE_COUNT
        return np.log((count + SHARE_COUNT * independent) / total)


@dataclass
class AnswerModel:
    """P_r(l | level, t, s): annotator r's answers to an item of true class t.

        P_r(l | level, t, s) = source_r(level, TRUE) * [l = t]
                               + source_r(level, SUGGESTED) * [l = s]
                               + source_r(level, OTHER) * guess_r(l)
        source_r(level, k) ∝ exp(common(level, k) + ability_r * slope(level, k))

    The curves of a level are the same for everybody, and so is the wrong class that an
    item suggests. Abilities that shift the log-odds (Rasch) and abilities that scale
    them are special cases.

    Parameters
    ----------
    common, slope : ndarray of shape (n_levels, 3)
    ability : ndarray of shape (n_annotators,)
    guess : ndarray of shape (n_annotators, n_classes)
    """

    common: np.ndarray
    slope: np.ndarray
    ability: np.ndarray
    guess: np.ndarray

    @classmethod
    def start(cls, n_annotators, n_classes):
        """Begin with annotators of the same ability who guess all classes alike."""
        slope = np.log(LEVELS)
        slope = slope - slope.mean(axis=1, keepdims=True)
        guess = np.full((n_annotators, n_classes), 1 / n_classes)
        return cls(np.zeros_like(slope), slope, np.ones(n_annotators), guess)

    def sources(self):
        """Probabilities of the sources, shape (n_annotators, n_levels, 3)."""
        return softmax(self.common + self.ability[:, None, None] * self.slope, axis=2)

    def log_prior(self, annotators):
        """Log prior density of the abilities of some annotators, up to a constant."""
        return -0.5 * ABILITY_PRECISION * float(((self.ability - 1)[annotators] ** 2).sum())

    def update(self, counts, guesses, reference):
        """Return the model after one step of generalised EM.

        Parameters
        ----------
        counts : ndarray of shape (n_annotators, n_levels, 3)
            Expected number of answers by level and source.
        guesses : ndarray of shape (n_annotators, n_classes)
            Expected number of guesses of each class.
        reference : bool ndarray of shape (n_annotators,)
            Whose answers shape the curves.
        """
        total = counts.sum(axis=2, keepdims=True)
        one = reference.astype(float)
        guess = guesses + GUESS_COUNT
        model = AnswerModel(*vars(self).values())
        model.guess = guess / guess.sum(axis=1, keepdims=True)
        step = model._curve_step(counts, total, one * model.ability)
        model.slope = _moved(model.slope, *step, SLOPE_PRECISION)
        step = model._curve_step(counts, total, one)
        model.common = _moved(model.common, *step, COMMON_PRECISION)
        model.ability = model._next_ability(counts, total)
        return model

    def _curve_step(self, counts, total, weight):
        """Gradient and diagonal of the Hessian of scores with these weights."""
        source = self.sources()
        expected = total * source
        gradient = np.tensordot(weight, counts - expected, 1)
        return gradient, np.tensordot(weight**2, expected * (1 - source), 1)

    def _next_ability(self, counts, total):
        """Abilities after a Newton step."""
        source = self.sources()
        mean = np.einsum("rmk,mk->rm", source, self.slope)
        square = np.einsum("rmk,mk->rm", source, self.slope**2)
        gradient = np.einsum("rmk,mk->r", counts - total * source, self.slope)
        gradient -= ABILITY_PRECISION * (self.ability - 1)
        curvature = (total[:, :, 0] * (square - mean**2)).sum(axis=1)
        step = gradient / (curvature + ABILITY_PRECISION)
        return self.ability + np.clip(step, -0.3, 0.3)

    def agreement(self, first, second):
        """Coefficients of the probability that two annotators agree.

        P(agree | level, t, s) = base[level] + true[t, level] + suggested[s, level]

        Parameters
        ----------
        first, second : int64 ndarray of shape (n_pairs,)

        Returns
        -------
        base : ndarray of shape (n_pairs, n_levels)
        true, suggested : ndarray of shape (n_pairs, n_classes, n_levels)
        """
        source = self.sources()
        a, b = source[first], source[second]
        guess_a, guess_b = self.guess[first], self.guess[second]
        same_guess = np.einsum("pk,pk->p", guess_a, guess_b)[:, None]
        base = (a[:, :, :OTHER] * b[:, :, :OTHER]).sum(axis=2)
        base += a[:, :, OTHER] * b[:, :, OTHER] * same_guess
        meets = [
            guess_b[:, :, None] * (a[:, None, :, k] * b[:, None, :, OTHER])
            + guess_a[:, :, None] * (b[:, None, :, k] * a[:, None, :, OTHER])
            for k in (TRUE, SUGGESTED)
        ]
        return base, *meets


def _moved(value, gradient, curvature, precision):
    """Value after a damped Newton step with the prior N(0, 1 / precision)."""
    step = (gradient - precision * value) / (curvature + precision + DAMPING)
    return value + np.clip(step, -0.7, 0.7)
