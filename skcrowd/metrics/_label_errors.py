"""Expected number of wrong labels, from the probabilities that they are right."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, expit, logit, ndtri

__all__ = ["ExpectedLabelErrors", "expected_label_errors"]

N_SHIFTS = 101  # values of the common shift of the log-odds


class ExpectedLabelErrors(NamedTuple):
    """Number of wrong labels, with an interval.

    Attributes
    ----------
    estimate : float
        Expected number.
    low, high : int
        Ends of the interval, which belong to it.
    """

    estimate: float
    low: int
    high: int


def expected_label_errors(
    consensus_probability: ArrayLike,
    *,
    level: float = 0.95,
    calibration_std: float = 0.4,
) -> ExpectedLabelErrors:
    """Return how many labels are expected to be wrong, with an interval.

    Parameters
    ----------
    consensus_probability : array-like of shape (n_items,)
        Probability that the label of each item is right, such as this column of
        ``label_quality``.
    level : float, default=0.95
        Probability that the interval holds the number of wrong labels.
    calibration_std : float, default=0.4
        Standard deviation of an error that the log-odds of all labels have in common:
        the doubt about the calibration of the probabilities. 0 takes them as exact.

    Returns
    -------
    errors : ExpectedLabelErrors
        ``estimate``, the sum of the probabilities of being wrong, ``low`` and ``high``.

    Raises
    ------
    ValueError
        If a probability or `level` is none, or `calibration_std` is negative.

    See Also
    --------
    skcrowd.CrowdClassifier.label_quality : Makes the probabilities.

    Notes
    -----
    If probabilities are exact and labels independent, the number has a Poisson-binomial
    distribution, here approximated by the binomial one of the same mean and variance,
    whose number of trials need not be whole (W. Ehm, 1991). The interval has the
    quantiles of a mixture of these over shifts s of all log-odds, s being normal with
    mean 0 and standard deviation `calibration_std`. The default is about the root mean
    square, 0.43, of the logarithm of the ratio of wrong labels and their expected
    number on ten public crowds (``benchmarks/label_quality.py``). Most of this doubt is
    about errors that annotators share, which none of their answers shows; a few known
    labels tell more.

    References
    ----------
    W. Ehm. Binomial approximation to the Poisson binomial distribution. Statistics and
    Probability Letters 11(1), 1991, doi:10.1016/0167-7152(91)90170-V

    Examples
    --------
    >>> import numpy as np
    >>> from skcrowd.metrics import expected_label_errors
    >>> probability = np.repeat([0.75, 1.0], [20, 80])
    >>> expected_label_errors(probability, calibration_std=0)
    ExpectedLabelErrors(estimate=5.0, low=2, high=9)
    >>> expected_label_errors(probability)
    ExpectedLabelErrors(estimate=5.0, low=1, high=10)
    """
    right = np.asarray(consensus_probability, dtype=np.float64)
    _check(right, level, calibration_std)
    wrong = 1 - right
    estimate = float(wrong.sum())
    if not 0 < estimate < len(wrong):  # all are surely right, or surely wrong
        return ExpectedLabelErrors(estimate, round(estimate), round(estimate))
    shifts = calibration_std * ndtri((np.arange(N_SHIFTS) + 0.5) / N_SHIFTS)
    log_odds = logit(wrong)
    moments = []
    for shift in shifts if calibration_std else [0.0]:
        shifted = expit(log_odds + shift)
        moments.append((shifted.sum(), (shifted * (1 - shifted)).sum()))
    mean, var = np.transpose(moments)
    low, high = (
        _quantile(share, mean, var, len(wrong))
        for share in ((1 - level) / 2, (1 + level) / 2)
    )
    return ExpectedLabelErrors(estimate, low, high)


def _check(right: Any, level: Any, calibration_std: Any) -> None:
    is_probability = (right >= 0) & (right <= 1)
    if right.ndim != 1 or not is_probability.all():
        raise ValueError(
            f"consensus_probability must hold a probability, from 0 to 1, for each "
            f"item; its shape is {right.shape}, and {np.sum(~is_probability)} values "
            "are none."
        )
    if not 0 < level < 1:
        raise ValueError(f"level is {level!r}; give a probability between 0 and 1.")
    if not 0 <= calibration_std < np.inf:
        raise ValueError(
            f"calibration_std is {calibration_std!r}; give a standard deviation, 0 or "
            "more."
        )


def _quantile(share: Any, mean: Any, var: Any, n_items: int) -> Any:
    """Return the smallest number whose cumulative probability reaches `share`."""
    # p = 1 - variance / mean and n = mean / p give a binomial of this mean and
    # variance, and P(number <= k) = I_{1 - p}(n - k, k + 1) for real n, too.
    probability = np.clip(1 - var / mean, 1e-12, 1 - 1e-12)
    trials = mean / probability

    def reached(k: Any) -> Any:
        rest = np.maximum(trials - k, 1e-300)
        below = np.where(trials > k, betainc(rest, k + 1, 1 - probability), 1.0)
        return below.mean() >= share

    first, last = 0, n_items
    while first < last:
        middle = (first + last) // 2
        first, last = (first, middle) if reached(middle) else (middle + 1, last)
    return first
