"""What disagreement alone tells: of random errors, class shares, classes mixed up."""

from typing import NamedTuple

import numpy as np
from scipy import sparse

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.annotations import check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._memory import is_large
from skcrowd.annotations._weights import read_weight

__all__ = ["Disagreement", "measure_disagreement"]

CERTAIN = 2.0  # standard deviations beyond what chance explains
LEAST_SHARE = 0.2  # of a class's share of the votes is left to it
LARGEST_ERROR = 0.9  # of the error where answers would tell nothing
FEW = 3.0  # answers, as which the crowd's trust counts
CERTAINLY_ONE = 1e-9  # of an item's answers, squared, are rounding and no pair
HALVINGS = 40
BALANCING_STEPS = 200
HALF_A_PAIR = 0.5  # agreeing, as a prior of a class
PRIOR_PAIRS = 0.01  # of any two classes
_TINY = np.finfo(np.float64).tiny


class Disagreement(NamedTuple):
    """What :func:`measure_disagreement` finds.

    Attributes
    ----------
    pairs : ndarray of shape (n_classes, n_classes)
        How often two annotators answer j and k to the same item; symmetric. Of an item
        with n answers each answer counts once, against the mean of the n - 1 others,
        and as much as its annotator agrees with others beyond chance.
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
        """How much an answer tells where errors are random, from 1 down to .1."""
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

    Raises
    ------
    ValueError
        If `sample_weight` is not one weight an item, or none is positive.

    Notes
    -----
    Our own estimate, by moments: it weighs annotators but takes them for alike
    otherwise, so that it stands where the likelihood of a richer model can be raised
    by wrong class shares. Where no item has two answers, it is the shares of the votes.

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
    check_aligned(annotations=annotations, sample_weight=sample_weight)
    annotations = check_annotations(annotations)
    weight = _checked(sample_weight, len(annotations))
    told, squared = _trusted_answers(annotations, weight)
    votes = (told * weight[:, None]).sum(axis=0) + _TINY
    votes = votes / votes.sum()
    pairs = _pairs(told, squared, weight)
    error = _random_error(pairs, votes)
    shares = _corrected(votes, error)
    joint = shares[:, None] + shares
    expected = _expected_pairs(pairs.sum(), joint, len(votes), error)
    excess = pairs - expected - CERTAIN * np.sqrt(np.maximum(expected, 1))
    excess = np.maximum(excess, 0)
    np.fill_diagonal(excess, 0)
    return Disagreement(pairs, error, shares, excess, _mixing(pairs, excess))


def _checked(weight, n_items):
    weight = read_weight(weight, n_items)
    if not weight.any():
        raise ValueError(
            "sample_weight is zero for every item; give at least one a positive weight."
        )
    return weight


def _trusted_answers(annotations, weight):
    """Count the answers of every item, each as much as its annotator is trusted.

    Returns
    -------
    told, squared : ndarray or csr_array of shape (n_items, n_classes)
        Sums of the trust, and of its square; sparse where they would be large.
    """
    trust = _trust(annotations, weight)[annotations.annotator]
    shape = len(annotations), len(annotations.classes)
    cell = annotations.item, annotations.answer
    if is_large(*shape):
        told, squared = (sparse.csr_array((t, cell), shape) for t in (trust, trust**2))
        return told, squared
    told, squared = np.zeros((2, *shape))
    np.add.at(told, cell, trust)
    np.add.at(squared, cell, trust**2)
    return told, squared


def _trust(annotations, weight):
    """Agreement of every annotator with the others beyond chance, (n_annotators,).

    Cohen's kappa against those who answered the same items. Who answers whatever the
    item, as a spammer does, has none; who gave few answers has that of the crowd.
    """
    item, who, answer = annotations.item, annotations.annotator, annotations.answer
    _, held, count, place = AnswerCounts(annotations).cells()
    others = annotations.answers_per_item[item] - 1
    each = weight[item] * (others > 0) / np.maximum(others, 1)
    shape = annotations.n_annotators, len(annotations.classes)
    own, met = np.zeros((2, *shape))
    np.add.at(own, (who, answer), each * others)
    beside, cell = _cells_beside(annotations, place)
    np.add.at(met, (who[beside], held[cell]), each[beside] * count[cell])
    np.add.at(met, (who, answer), -each)
    agreed = np.bincount(who, each * (count[place] - 1), shape[0])
    total = own.sum(axis=1)
    chance = (own * met).sum(axis=1) / np.maximum(total, _TINY)
    beyond, room = agreed - chance, total - chance
    crowd = max(beyond.sum() / max(room.sum(), _TINY), 0)
    if not crowd:
        return np.ones(shape[0])
    return np.clip((beyond + FEW * crowd) / (room + FEW), 0, 1)


def _cells_beside(annotations, place):
    """Pair every answer with the cells of its item: those of all its answers.

    Parameters
    ----------
    annotations : Annotations
    place : ndarray of shape (n_answers,)
        The cell of each answer; cells are sorted by item.

    Returns
    -------
    answer, cell : ndarray of shape (n_pairs,)
    """
    first, last = np.full(len(annotations), len(place)), np.zeros(len(annotations), int)
    np.minimum.at(first, annotations.item, place)
    np.maximum.at(last, annotations.item, place)
    first, n_cells = first[annotations.item], (last - first + 1)[annotations.item]
    ends = np.cumsum(n_cells)
    answer = np.repeat(np.arange(len(place)), n_cells)
    return answer, np.arange(len(answer)) + np.repeat(first - ends + n_cells, n_cells)


def _pairs(told, squared, weight):
    """Count pairs of answers to the same item."""
    total = told.sum(axis=1)
    n_pairs = total**2 - squared.sum(axis=1)
    is_pair = n_pairs > CERTAINLY_ONE * total**2
    each = np.where(is_pair, weight * total / np.where(is_pair, n_pairs, 1), 0.0)
    weighted = told * each[:, None]
    pairs = weighted.T @ told
    if sparse.issparse(pairs):
        pairs = pairs.toarray()
    pairs = pairs - np.diag((squared * each[:, None]).sum(axis=0))
    return np.maximum((pairs + pairs.T) / 2, 0)


def _random_error(pairs, votes):
    """Find the error at which half of the expected pairs are met more often."""
    n_classes, total = len(votes), pairs.sum()
    first, second = np.triu_indices(n_classes, 1)
    if is_large(n_classes, n_classes):  # those not met are not met more often
        first, second = np.nonzero(np.triu(pairs, 1))
    met = pairs[first, second]
    if not met.sum():
        return 0.0
    low, high = 0.0, LARGEST_ERROR / n_classes
    for _ in range(HALVINGS):
        error = (low + high) / 2
        shares = _corrected(votes, error)
        joint = shares[first] + shares[second]
        expected = _expected_pairs(total, joint, n_classes, error)
        all_expected = expected.sum()
        if is_large(n_classes, n_classes):
            mean = 2 / n_classes  # of what two classes share
            n_pairs = n_classes * (n_classes - 1) / 2
            all_expected = n_pairs * _expected_pairs(total, mean, n_classes, error)
        more = expected @ (met > expected) > all_expected / 2
        low, high = (error, high) if more else (low, error)
    return low


def _expected_pairs(total, joint, n_classes, error):
    """Pairs of different answers by chance, both errors or one.

    Parameters
    ----------
    total : float
        All pairs.
    joint : float or ndarray
        What two classes share.
    n_classes : int
    error : float
    """
    right = 1 - (n_classes - 1) * error
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
