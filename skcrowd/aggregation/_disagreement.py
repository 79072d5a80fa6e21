"""Estimates from disagreement: random errors, class shares, confused classes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy import sparse

from skcrowd.aggregation._answer_counts import AnswerCounts
from skcrowd.aggregation._answer_evidence import Evidence
from skcrowd.annotations import check_annotations
from skcrowd.annotations._alignment import check_aligned
from skcrowd.annotations._memory import check_fits, is_large, row_blocks
from skcrowd.annotations._weights import read_weight

if TYPE_CHECKING:
    from skcrowd._typing import Array, ArrayLike, FloatArray, IntArray, SparseMatrix
    from skcrowd.annotations import Annotations


__all__ = ["Disagreement", "measure_disagreement"]

CERTAIN = 2.0  # standard deviations above the number of pairs expected by chance
LEAST_SHARE = 0.2  # lower bound of a corrected share, in shares of the votes
LARGEST_ERROR = 0.9  # in errors of 1 / n_classes, where answers are pure noise
CROWD_ANSWERS = 3.0  # pseudo-answers with the agreement of the crowd
ROUNDING = 1e-9  # in squared totals of an item: fewer pairs are rounding errors
HALVINGS = 40
BALANCING_STEPS = 200
PRIOR_AGREEING_PAIRS = 0.5  # pseudo-counts of each class
PRIOR_PAIRS = 0.01  # pseudo-counts of any two classes
DOUBLE = 8  # bytes
TABLES = 6  # number of arrays of classes × classes
_TINY = np.finfo(np.float64).tiny
ROUNDING = float(np.finfo(np.float64).eps)


class Disagreement(NamedTuple):
    """Result of :func:`measure_disagreement`.

    Attributes
    ----------
    pairs : ndarray of shape (n_classes, n_classes)
        How often two annotators answer j and k to the same item; symmetric. Of an item
        with n answers each answer is compared with the mean of the n - 1 others,
        weighted by how far its annotator agrees with others beyond chance.
    error : float
        Probability of each wrong class where the crowd errs at random; 0 where no item
        has two answers.
    class_shares : ndarray of shape (n_classes,)
        Shares of the votes, corrected for that error.
    excess : ndarray of shape (n_classes, n_classes)
        Pairs of different answers beyond what chance explains.
    mixing : ndarray of shape (n_classes, n_classes)
        Doubly stochastic. ``[j, k]`` is the part of the share of class k that may
        belong to class j, which the crowd confuses with it.
    """

    pairs: FloatArray
    error: float
    class_shares: FloatArray
    excess: FloatArray
    mixing: FloatArray

    @property
    def reliability(self) -> float:
        """One minus n_classes * error: 1 where all answers are right, at least 0.1."""
        return 1 - len(self.pairs) * self.error

    @property
    def structure(self) -> float:
        """Share of all disagreement that chance does not explain, from 0 to 1."""
        disagreeing = self.pairs.sum() - np.trace(self.pairs)
        return float(self.excess.sum() / disagreeing) if disagreeing else 0.0


def measure_disagreement(
    annotations: Annotations | ArrayLike, sample_weight: Array | None = None
) -> Disagreement:
    """Separate random errors of a crowd from classes that it confuses.

    If annotators err at random, each wrong class equally likely, then the number of
    items on which two classes are both answered follows from their shares and the error
    rate. The error rate is the one that fits the median over all pairs of classes, and
    the shares of the votes, which such errors bring nearer to each other, are corrected
    by it. Pairs that are much more frequent are of classes that the crowd confuses. How
    their joint share divides between the two cannot be estimated from the answers.

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
    Our own estimate, by moments: apart from their weights, all annotators have the
    same error rate. Unlike the likelihood of a model with more parameters, it cannot be
    increased by wrong class shares. Where no item has two answers, the class shares are
    those of the votes.

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
    n_classes = len(annotations.classes)
    check_fits(
        DOUBLE * TABLES * n_classes**2,
        f"disagreement between {n_classes} classes",
        'merge classes; in fit, use method="em"',
    )
    weight = _checked(sample_weight, len(annotations))
    kappa_sum, squared = _kappa_sums(annotations, weight)
    votes = (kappa_sum * weight[:, None]).sum(axis=0) + _TINY
    votes = votes / votes.sum()
    pairs = _pairs(kappa_sum, squared, weight)
    error = _random_error(pairs, votes)
    shares = _corrected(votes, error)
    joint = shares[:, None] + shares
    expected = _expected_pairs(pairs.sum(), joint, len(votes), error)
    # The count of a pair has about the variance of a Poisson variable, its mean.
    excess = pairs - expected - CERTAIN * np.sqrt(np.maximum(expected, 1))
    excess = np.maximum(excess, 0)
    np.fill_diagonal(excess, 0)
    return Disagreement(pairs, error, shares, excess, _mixing(pairs, excess))


def _checked(weight: Any, n_items: int) -> FloatArray:
    weight = read_weight(weight, n_items)
    if not weight.any():
        raise ValueError(
            "sample_weight is zero for every item; give at least one a positive weight."
        )
    return weight


def _kappa_sums(
    annotations: Annotations, weight: FloatArray
) -> tuple[FloatArray | SparseMatrix, FloatArray | SparseMatrix]:
    """Sum the shrunk kappas of the annotators over the answers of every item and class.

    Returns
    -------
    kappa_sum, squared : ndarray or csr_array of shape (n_items, n_classes)
        Sums of the kappas, and of their squares; sparse where they would be large.
    """
    kappa = _shrunk_kappa(annotations, weight)[annotations.annotator]
    if annotations.weight is not None:
        kappa = kappa * annotations.weight
    shape = len(annotations), len(annotations.classes)
    cell = annotations.item, annotations.answer
    if is_large(*shape):
        return tuple(_by_item(annotations, t, shape) for t in (kappa, kappa**2))
    kappa_sum, squared = np.zeros((2, *shape))
    np.add.at(kappa_sum, cell, kappa)
    np.add.at(squared, cell, kappa**2)
    return kappa_sum, squared


def _shrunk_kappa(annotations: Annotations, weight: FloatArray) -> FloatArray:
    """Return the agreement of every annotator with the others, (n_annotators,).

    Cohen's kappa against the other answers to the same items: about 0 for a spammer,
    whose answers do not depend on the item. It is shrunk to the kappa of the crowd.
    """
    item, annotator, answer = (
        annotations.item,
        annotations.annotator,
        annotations.answer,
    )
    counts = AnswerCounts(annotations, evidence=Evidence(annotations))
    _, cell_class, count, cell_of_answer = counts.cells()
    n_others = annotations.answers_per_item[item] - 1
    pair_weight = weight[item] * (n_others > 0) / np.maximum(n_others, 1)
    shape = annotations.n_annotators, len(annotations.classes)
    # Answers of each annotator, and of the others to the same items, by class.
    own, others = np.zeros((2, *shape))
    np.add.at(own, (annotator, answer), pair_weight * n_others)
    for pair, cell in _cells_of_items(annotations, cell_of_answer):
        cells = annotator[pair], cell_class[cell]
        np.add.at(others, cells, pair_weight[pair] * count[cell])
    np.add.at(others, (annotator, answer), -pair_weight)
    observed = np.bincount(
        annotator, pair_weight * (count[cell_of_answer] - 1), shape[0]
    )
    # kappa = (observed - chance) / (total - chance), where chance is the agreement of
    # independent answers with the same frequencies: Σ_k own_k others_k / total.
    total = own.sum(axis=1)
    chance = (own * others).sum(axis=1) / np.maximum(total, _TINY)
    numerator, denominator = observed - chance, total - chance
    least = max(ROUNDING * total.sum(), _TINY)
    crowd = max(numerator.sum() / max(denominator.sum(), least), 0)
    if not crowd:
        return np.ones(shape[0])
    numerator, denominator = (
        numerator + CROWD_ANSWERS * crowd,
        denominator + CROWD_ANSWERS,
    )
    return np.clip(numerator / denominator, 0, 1)


def _cells_of_items(
    annotations: Annotations, cell_of_answer: IntArray
) -> Iterator[tuple[IntArray, IntArray]]:
    """Pair every answer with all cells, of items and classes, of its item.

    Parameters
    ----------
    annotations : Annotations
    cell_of_answer : ndarray of shape (n_answers,)
        Cells are sorted by item.

    Yields
    ------
    answer, cell : ndarray of shape (n_pairs,)
        Block by block, in the order of the answers.
    """
    n_items, n_answers = len(annotations), len(cell_of_answer)
    first, last = np.full(n_items, n_answers), np.zeros(n_items, int)
    np.minimum.at(first, annotations.item, cell_of_answer)
    np.maximum.at(last, annotations.item, cell_of_answer)
    for some in row_blocks(n_answers, len(annotations.classes)):
        item = annotations.item[some]
        n_cells = (last - first + 1)[item]
        ends = np.cumsum(n_cells)
        answer = np.repeat(np.arange(some.start, some.stop), n_cells)
        start = np.repeat(first[item] - ends + n_cells, n_cells)
        yield answer, np.arange(len(answer)) + start


def _by_item(
    annotations: Annotations, values: FloatArray, shape: tuple[int, int]
) -> SparseMatrix:
    """Sum values of the answers by item and class."""
    parts = values, annotations.answer, annotations.indptr
    summed = sparse.csr_array(parts, shape, copy=True)
    summed.sum_duplicates()
    return summed


def _pairs(
    kappa_sum: SparseMatrix,
    squared: SparseMatrix,
    weight: FloatArray,
) -> FloatArray:
    """Count pairs of answers to the same item, (n_classes, n_classes).

    With t_a the shrunk kappa of the annotator of answer a, the pairs of answers to an
    item weigh t_a t_b, a ≠ b. They are scaled to the sum of the kappas:
    (Σ t) / ((Σ t)² - Σ t²).
    """
    total = kappa_sum.sum(axis=1)
    n_pairs = total**2 - squared.sum(axis=1)
    has_pairs = n_pairs > ROUNDING * total**2
    scale = np.where(has_pairs, weight * total / np.where(has_pairs, n_pairs, 1), 0.0)
    pairs = (kappa_sum * scale[:, None]).T @ kappa_sum
    if sparse.issparse(pairs):
        pairs = pairs.toarray()
    # the product has also each answer paired with itself
    pairs = pairs - np.diag((squared * scale[:, None]).sum(axis=0))
    return np.maximum((pairs + pairs.T) / 2, 0)


def _random_error(pairs: FloatArray, votes: FloatArray) -> float:
    """Return the error at which half of the expected pairs are exceeded, by bisection.

    A median of observed over expected counts, weighted by the expected ones: a few
    confused pairs of classes do not move it.
    """
    n_classes, total = len(votes), pairs.sum()
    first, second = np.triu_indices(n_classes, 1)
    if is_large(n_classes, n_classes):  # pairs that do not occur exceed no expectation
        first, second = np.nonzero(np.triu(pairs, 1))
    observed = pairs[first, second]
    if not observed.sum():
        return 0.0
    low, high = 0.0, LARGEST_ERROR / n_classes
    for _ in range(HALVINGS):
        error = (low + high) / 2
        shares = _corrected(votes, error)
        joint = shares[first] + shares[second]
        expected = _expected_pairs(total, joint, n_classes, error)
        all_expected = expected.sum()
        if is_large(n_classes, n_classes):
            mean = 2 / n_classes  # joint share of two classes
            n_pairs = n_classes * (n_classes - 1) / 2
            all_expected = n_pairs * _expected_pairs(total, mean, n_classes, error)
        is_too_low = expected @ (observed > expected) > all_expected / 2
        low, high = (error, high) if is_too_low else (low, error)
    return low


def _expected_pairs(total: float, joint: Any, n_classes: int, error: float) -> Any:
    """Return the expected number of pairs of two different answers by chance.

    One answer is an error where the truth is one of the two classes, else both are.

    Parameters
    ----------
    total : float
        All pairs.
    joint : float or ndarray
        Sum of the shares of the two classes.
    n_classes : int
    error : float
    """
    right = 1 - (n_classes - 1) * error
    return total * (joint * right * error + np.maximum(1 - joint, 0) * error**2)


def _corrected(votes: FloatArray, error: float) -> FloatArray:
    """Solve ``votes = shares * (1 - n_classes * error) + error`` for the shares."""
    shares = (votes - error) / (1 - len(votes) * error)
    shares = np.maximum(shares, LEAST_SHARE * votes)
    return shares / shares.sum()


def _mixing(pairs: FloatArray, excess: FloatArray) -> FloatArray:
    """Scale pairs to a doubly stochastic matrix, and keep the excess of it.

    The fixed point of s = sqrt(s / (J s)) makes diag(s) J diag(s) doubly stochastic,
    as Sinkhorn's iteration does for a symmetric J.
    """
    prior = PRIOR_PAIRS + PRIOR_AGREEING_PAIRS * np.eye(len(pairs))
    joint = pairs + prior
    scale = np.ones(len(pairs))
    for _ in range(BALANCING_STEPS):
        scale = np.sqrt(scale / (joint @ scale))
    mixed = scale[:, None] * joint * scale * (excess / joint)
    return mixed + np.diag(1 - mixed.sum(axis=1))
