"""What disagreement alone tells: of random errors, class shares, classes mixed up."""

from typing import NamedTuple

import numpy as np

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._majority_vote import majority_vote
from skcrowd.annotations import check_annotations

__all__ = ["Disagreement", "measure_disagreement"]

CERTAIN = 2.0  # standard deviations beyond what chance explains
LEAST_SHARE = 0.2  # of a class's share of the votes is left to it
LARGEST_ERROR = 0.9  # of the error where answers would tell nothing
HALVINGS = 40
BALANCING_STEPS = 200
HALF_A_PAIR = 0.5  # agreeing, as a prior of a class
PRIOR_PAIRS = 0.01  # of any two classes


class Disagreement(NamedTuple):
    """What :func:`measure_disagreement` finds.

    Attributes
    ----------
    pairs : ndarray of shape (n_classes, n_classes)
        How often two annotators answer j and k to the same item; symmetric. Of an item
        with n answers each answer counts once, against the mean of the n - 1 others.
    error : float
        Probability of each wrong class where the crowd errs at random; 0 where no item
        has two answers.
    class_shares : ndarray of shape (n_classes,)
        Shares of the votes, corrected for that error.
    excess : ndarray of shape (n_classes, n_classes)
        Pairs of different answers beyond what chance explains.
    mixing : ndarray of shape (n_classes, n_classes)
        Doubly stochastic; how much of its share each class may owe to each other one,
        which the crowd takes it for.
    """

    pairs: np.ndarray
    error: float
    class_shares: np.ndarray
    excess: np.ndarray
    mixing: np.ndarray

    @property
    def reliability(self):
        """How much an answer tells where the crowd errs at random, from 1 to nothing."""
        return 1 - len(self.pairs) * self.error

    @property
    def structure(self):
        """Share of all disagreement that chance does not explain, from 0 to 1."""
        disagreeing = self.pairs.sum() - np.trace(self.pairs)
        return float(self.excess.sum() / disagreeing) if disagreeing else 0.0


def measure_disagreement(annotations, sample_weight=None):
    """Tell random errors of a crowd from classes that it mixes up.

    If annotators err at random, each wrong class equally likely, then every two classes
    are found together on an item about as often as their shares say. The median of all
    pairs of classes tells the rate of such errors, and it is with this rate that the
    shares of the votes are corrected: they lie nearer to each other than the true ones.
    Pairs found together much more often are classes that the crowd mixes up. How much
    of their joint share belongs to which, no answer tells.

    Parameters
    ----------
    annotations : Annotations or array-like of shape (n_items, n_annotators)
    sample_weight : ndarray of shape (n_items,), default=None
        Weights of the items.

    Returns
    -------
    disagreement : Disagreement

    Notes
    -----
    Our own estimate, by moments: it takes all annotators for equally good, so that it
    stands where the likelihood of a richer model can be raised by wrong class shares.

    Examples
    --------
    >>> from skcrowd.aggregation import measure_disagreement
    >>> answers = [[0, 0], [0, 0], [0, 1], [0, 0], [0, 1], [1, 1]]
    >>> found = measure_disagreement(answers)
    >>> round(found.error, 2)
    0.21
    >>> found.class_shares.round(2)  # of the votes 0 has two thirds
    array([0.79, 0.21])
    """
    annotations = check_annotations(annotations)
    weight = np.ones(len(annotations)) if sample_weight is None else sample_weight
    weight = weight * (annotations.answers_per_item > 0)
    votes = np.average(majority_vote(annotations), axis=0, weights=weight)
    pairs = _pairs(annotations, weight)
    error = _random_error(pairs, votes)
    expected = _expected_pairs(pairs.sum(), votes, error)
    excess = pairs - expected - CERTAIN * np.sqrt(np.maximum(expected, 1))
    excess = np.maximum(excess, 0) * (1 - np.eye(len(votes)))
    shares = _corrected(votes, error)
    return Disagreement(pairs, error, shares, excess, _mixing(pairs, excess))


def _pairs(annotations, weight):
    """Count pairs of answers to the same item."""
    counts = AnswerCounts(annotations).per_item()
    n_answers = annotations.answers_per_item
    each = np.where(n_answers > 1, weight / np.maximum(n_answers - 1, 1), 0.0)
    weighted = counts * each[:, None]
    pairs = weighted.T @ counts - np.diag(weighted.sum(axis=0))
    return np.maximum((pairs + pairs.T) / 2, 0)


def _random_error(pairs, votes):
    """Find the error at which half of the expected pairs are met more often."""
    apart = np.triu_indices(len(votes), 1)
    if not pairs[apart].sum():
        return 0.0
    low, high = 0.0, LARGEST_ERROR / len(votes)
    for _ in range(HALVINGS):
        error = (low + high) / 2
        expected = _expected_pairs(pairs.sum(), votes, error)[apart]
        more = expected @ (pairs[apart] > expected) > expected.sum() / 2
        low, high = (error, high) if more else (low, error)
    return low


def _expected_pairs(total, votes, error):
    """Pairs of different answers by chance, both errors or one."""
    shares = _corrected(votes, error)
    right = 1 - (len(votes) - 1) * error
    joint = shares[:, None] + shares
    return total * (joint * right * error + np.maximum(1 - joint, 0) * error**2)


def _corrected(votes, error):
    shares = (votes - error) / (1 - len(votes) * error)
    shares = np.maximum(shares, LEAST_SHARE * votes)
    return shares / shares.sum()


def _mixing(pairs, excess):
    """Scale pairs to a doubly stochastic matrix, of which the excess is kept."""
    prior = PRIOR_PAIRS + HALF_A_PAIR * np.eye(len(pairs))
    joint = pairs + prior
    scale = np.ones(len(pairs))
    for _ in range(BALANCING_STEPS):
        scale = np.sqrt(scale / (joint @ scale))
    mixed = scale[:, None] * joint * scale * (excess / joint)
    return mixed + np.diag(1 - mixed.sum(axis=1))
