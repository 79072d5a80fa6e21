"""Accuracy of annotators on their own answers, where the truth is only inferred."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import betaincinv

from skcrowd.annotations._memory import row_blocks

if TYPE_CHECKING:
    from skcrowd._typing import Array
    from skcrowd.annotations import Annotations


__all__ = [
    "COMMON_SHIFT_STD",
    "ORDERED_SHIFT_STD",
    "RightAnswers",
    "accuracy_interval",
    "right_answers",
]

JEFFREYS = 0.5  # pseudo-answers of each sort, right and wrong
COMMON_SHIFT_STD = 1.0  # of the log-odds that an annotator's answers are right
# Where classes have an order: their confusions by bias and closeness on the scale say
# more of the answers, and adjacent classes alone are often in doubt.
ORDERED_SHIFT_STD = 0.5


class RightAnswers(NamedTuple):
    """Expected numbers of right answers of each annotator.

    Attributes
    ----------
    mean, var : ndarray of shape (n_annotators,)
        Mean and variance under the posterior of the truth, items independent.
    calibrated_mean, calibrated_var : ndarray of shape (n_annotators,)
        The same under a posterior that is less certain.
    """

    mean: np.ndarray
    var: np.ndarray
    calibrated_mean: np.ndarray
    calibrated_var: np.ndarray

    def plus(self, earlier: Any) -> Any:
        """Add the numbers of earlier answers, of the first of these annotators."""
        sums = tuple(values.copy() for values in self)
        for values, more in zip(sums, earlier, strict=True):
            values[: len(more)] += more
        return RightAnswers(*sums)

    def of(self, rows: Any) -> Any:
        """Select annotators."""
        return RightAnswers(*(values[rows] for values in self))

    def doubt(self, common_shift: float = COMMON_SHIFT_STD) -> Any:
        """Variance of the number of right answers, (n_annotators,).

        ``v + s² v² + d²``, v the calibrated variance, d the difference of both means.
        Where the log-odds of an annotator's answers to be right are all wrong by the
        same δ, their expected number changes by ``δ Σ q (1 - q) = δ v``; δ has the
        standard deviation s.

        Parameters
        ----------
        common_shift : float, default=1.0
            s; 0.5 where the classes have an order.
        """
        shift = common_shift * self.calibrated_var
        difference = self.calibrated_mean - self.mean
        return self.calibrated_var + shift**2 + difference**2


def right_answers(
    annotations: Annotations,
    posterior: Array,
    calibrated: Array | None = None,
    number: Array | None = None,
) -> RightAnswers:
    """Sum over the answers of each annotator the probability that they are right.

    An answer to an item with posterior p is right with probability p[answer].

    Parameters
    ----------
    annotations : Annotations
    posterior : ndarray of shape (n_items, n_classes)
        Probabilities of the true classes.
    calibrated : ndarray of shape (n_items, n_classes), default=None
        A posterior that is not too certain, from which doubt is computed; by default
        `posterior`.
    number : ndarray of shape (n_answers,), default=None
        How many equal answers each is, all right or all wrong; None: one.

    Returns
    -------
    right : RightAnswers

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.annotations import Annotations
    >>> from skcrowd.metrics._annotator_accuracy import right_answers
    >>> answers = Annotations.from_dense([[0, 1], [1, -1]])
    >>> right = right_answers(answers, np.array([[0.75, 0.25], [0.0, 1.0]]))
    >>> right.mean.tolist(), right.var.tolist()
    ([1.75, 0.25], [0.1875, 0.1875])
    """
    if number is None:
        number = np.broadcast_to(1.0, annotations.n_answers)
    sums = _sums(annotations, posterior, number)
    more = sums if calibrated is None else _sums(annotations, calibrated, number)
    return RightAnswers(*sums, *more)


def accuracy_interval(
    mean: Array, var: Array, n_answers: Array, level: float, design_effect: float = 1.0
) -> tuple[Array, Array]:
    """Return an interval for the probability with which an annotator is right.

    Were the number C of right answers among n known, the posterior of that probability
    under Jeffreys' prior would be Beta(C + 1/2, n - C + 1/2). C is known by its mean
    and variance only, so the posterior is a mixture of these; a beta distribution of
    the same mean and variance stands for it::

        E[p]   = (E[C] + 1/2) / (n + 1)
        Var[p] = E[a b] / ((n + 1)^2 (n + 2)) + Var[C] / (n + 1)^2
        a = C + 1/2,  b = n - C + 1/2

    Where all answers are right, or none, the interval ends at 1, or 0, as Brown, Cai
    and DasGupta (2001) propose: Jeffreys' own never holds the ends. So it does where
    that number is within a standard deviation of C.

    Parameters
    ----------
    mean, var : ndarray of shape (n_annotators,)
        Of the number of right answers.
    n_answers : ndarray of shape (n_annotators,)
    level : float
        Probability that an interval holds the true value, in (0, 1).
    design_effect : float, default=1.0
        How many answers are worth one that is independent of all others (Kish, 1965).

    Returns
    -------
    low, high : ndarray of shape (n_annotators,)
        From 0 to 1 where there is no answer.

    References
    ----------
    L. D. Brown, T. T. Cai, A. DasGupta. Interval estimation for a binomial proportion.
    Statistical Science 16(2), 2001. doi:10.1214/ss/1009213286

    L. Kish. Survey Sampling. Wiley, 1965.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.metrics._annotator_accuracy import accuracy_interval
    >>> low, high = accuracy_interval(np.array([200.0]), np.zeros(1), [200], 0.95)
    >>> round(low[0], 3).item(), high[0].item()
    (0.988, 1.0)
    """
    all_answers = np.asarray(n_answers, dtype=np.float64)
    n = all_answers / design_effect
    n_right = np.clip(mean, 0, all_answers)
    right, var = n_right / design_effect, var / design_effect**2
    a, b = right + JEFFREYS, n - right + JEFFREYS
    share = a / (n + 1)
    # E[a b] = E[a] E[b] - Var[C], because a + b does not depend on C
    within = np.maximum(a * b - var, 0) / ((n + 1) ** 2 * (n + 2))
    between = var / (n + 1) ** 2
    size = np.maximum(share * (1 - share) / (within + between) - 1, 2 * JEFFREYS)
    low, high = (
        betaincinv(share * size, (1 - share) * size, (1 + side * level) / 2)
        for side in (-1, 1)
    )
    doubt = np.sqrt(var) * design_effect  # of the number of right answers
    low = np.where(n_right - doubt < 0.5, 0.0, low)
    high = np.where(all_answers - n_right - doubt < 0.5, 1.0, high)
    return low, high


def _sums(annotations: Annotations, posterior: Any, number: Any) -> Any:
    """Return mean and variance of the number of right answers."""
    a, sums = annotations, np.zeros((2, annotations.n_annotators))
    for some in row_blocks(a.n_answers, posterior.shape[1]):
        right = posterior[a.item[some], a.answer[some]]
        n, annotator = number[some], a.annotator[some]
        parts = n * right, n**2 * right * (1 - right)
        sums += [np.bincount(annotator, values, a.n_annotators) for values in parts]
    return sums
