"""Prediction-powered inference: few gold labels, and a surrogate for all items."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from skcrowd._typing import BoolArray, FloatArray


__all__ = [
    "PoweredEstimate",
    "contradicts",
    "design_effect",
    "powered_estimate",
    "wilson_interval",
]

SIGNIFICANT = 0.01  # level of the test that gold and answers agree
UNCERTAIN = 0.25  # largest variance of a share of a sequence or item


class PoweredEstimate(NamedTuple):
    """An estimate with its standard error and degrees of freedom.

    Attributes
    ----------
    value : float
    standard_error : float
    freedom : int
    variance_ratio : float
        Variance of the estimate divided by that of the estimate from gold alone.
    """

    value: float
    standard_error: float
    freedom: int
    variance_ratio: float

    def interval(self, level: float) -> tuple[float, float]:
        """Interval of Student's t."""
        half = self.quantile(level) * self.standard_error
        return self.value - half, self.value + half

    def quantile(self, level: float) -> float:
        """Two-sided quantile of Student's t."""
        return stats.t.ppf((1 + level) / 2, self.freedom)


def powered_estimate(
    gold_estimate: float,
    influence: FloatArray,
    surrogate: FloatArray,
    is_gold: BoolArray,
    *,
    pseudo_sum: float = 0.0,
) -> PoweredEstimate:
    """Improve an estimate from gold labels by a surrogate that all items have.

    The estimate is ``gold_estimate + tuning * (mean surrogate of the other items - mean
    surrogate of the items with gold)``, which is consistent however bad the surrogate
    is. `tuning` minimises the variance (PPI++). The share of variance that the
    surrogate explains is adjusted for having been estimated from few labels.

    Parameters
    ----------
    gold_estimate : float
        From the gold labels alone.
    influence : ndarray of shape (n_gold,)
        Influence of each gold label on it; the mean is zero up to a constant.
    surrogate : ndarray of shape (n_units,)
        What the answers say of the influence of every item.
    is_gold : bool ndarray of shape (n_units,)
        Items with gold labels, drawn at random.
    pseudo_sum : float, default=0.0
        Added to the sum of the squared deviations of `influence`, so that values
        which happen to be all alike have no variance of zero.

    Returns
    -------
    estimate : PoweredEstimate
    """
    with_gold, others = surrogate[is_gold], surrogate[~is_gold]
    n_gold, n_others = with_gold.size, others.size
    deviation = influence - influence.mean()
    variance = (deviation @ deviation + pseudo_sum) / (n_gold - 1)
    centered = with_gold - with_gold.mean()
    spread, covariance = centered @ centered, centered @ deviation
    tuning, explained = 0.0, 0.0
    share = n_others / (n_gold + n_others)
    if n_others and n_gold > 2 and spread > 0 and variance > 0:
        tuning = share * covariance / spread
        squared = covariance**2 / (spread * variance * (n_gold - 1))
        explained = max(1 - (1 - squared) * (n_gold - 1) / (n_gold - 2), 0.0)
        tuning *= explained > 0
    value = gold_estimate
    if tuning:
        value = value + tuning * (others.mean() - with_gold.mean())
    ratio = 1 - share * explained
    error = np.sqrt(variance * ratio / n_gold)
    return PoweredEstimate(float(value), float(error), n_gold - 1, float(ratio))


def design_effect(estimate: PoweredEstimate, n_gold: int) -> float:
    """Variance of a ratio of sums over units, by that of a share of so many units.

    One more unit that is as uncertain as can be is counted with both, so that units
    which happen to be all alike are worth as many labels as they are, no more.

    Parameters
    ----------
    estimate : PoweredEstimate
        Of a ratio between 0 and 1, such as F1.
    n_gold : int

    Returns
    -------
    effect : float
        Above 0.
    """
    share = min(max(estimate.value, 0.0), 1.0)
    of_unit = n_gold * estimate.standard_error**2 / estimate.variance_ratio
    more = UNCERTAIN / n_gold
    return (of_unit + more) / (share * (1 - share) + more)


def wilson_interval(
    estimate: PoweredEstimate, n_gold: int, level: float, *, effect: float = 1.0
) -> tuple[float, float]:
    """Score interval of a share (Wilson, 1927) with the effective number of labels.

    Unlike an interval of Student's t it is right where nearly all predictions are
    right and the few gold labels show no error, or one.

    Parameters
    ----------
    estimate : PoweredEstimate
        Of a mean of zeros and ones, or of a ratio between 0 and 1.
    n_gold : int
    level : float
    effect : float, default=1.0
        See :func:`design_effect`.

    Returns
    -------
    low, high : float
        Between 0 and 1.
    """
    effective = n_gold / (estimate.variance_ratio * effect)
    share = min(max(estimate.value, 0.0), 1.0)
    squared = estimate.quantile(level) ** 2 / effective
    center = (share + squared / 2) / (1 + squared)
    half = np.sqrt(squared * (share * (1 - share) + squared / 4)) / (1 + squared)
    return max(center - half, 0.0), min(center + half, 1.0)


def contradicts(difference: FloatArray, posterior_std: float) -> bool:
    """Test whether gold and answers alone differ by more than chance.

    Parameters
    ----------
    difference : ndarray of shape (n_gold,)
        Influence by gold less that by the answers.
    posterior_std : float
        Standard deviation of the estimate from the answers alone.

    Returns
    -------
    contradicts : bool
    """
    n_gold = difference.size
    variance = difference.var(ddof=1) / n_gold + posterior_std**2
    if variance == 0:
        return bool(difference.mean() != 0)
    statistic = abs(difference.mean()) / np.sqrt(variance)
    return bool(2 * stats.t.sf(statistic, n_gold - 1) < SIGNIFICANT)
