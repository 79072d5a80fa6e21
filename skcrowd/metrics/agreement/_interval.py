"""Intervals of agreement coefficients: items drawn with replacement."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import ndtri
from sklearn.utils import check_random_state

if TYPE_CHECKING:
    from skcrowd._typing import RandomState


__all__ = ["AgreementInterval", "with_interval"]


ROUNDING = 1e-12  # of coefficients that are equal


class AgreementInterval(NamedTuple):
    """A coefficient and its bootstrap interval.

    Attributes
    ----------
    value : float
        The coefficient.
    low, high : float
        Ends of the interval, which holds the value. Where all resamples of the items
        have the same coefficient, as of a single item, or of items that are all alike,
        it is Wilson's of a share of so many items: roughly what others may show.

    Examples
    --------
    >>> from skcrowd.metrics.agreement import krippendorff_alpha
    >>> y = [[0, 0, 0], [1, 1, 0], [1, 1, 1], [0, 0, 1], [1, 1, 1]]
    >>> interval = krippendorff_alpha(y, confidence_level=0.95, random_state=0)
    >>> interval.low < interval.value < interval.high
    True
    """

    value: float
    low: float
    high: float


def with_interval(
    measure: Callable[..., Any],
    n_items: int,
    n_compared: int,
    confidence_level: float | None,
    n_resamples: int,
    random_state: RandomState,
) -> float | AgreementInterval:
    """Return a coefficient, or the coefficient with its interval.

    Parameters
    ----------
    measure : callable
        Maps weights of the items, ndarray of shape (n_items,), to the coefficient.
    n_items : int
    n_compared : int
        Items with two answers or more.
    confidence_level : float or None
        None: no interval. Else the share of resamples between its ends (percentile
        bootstrap).
    n_resamples : int
        Resamples of the items.
    random_state : int, RandomState instance or None

    Returns
    -------
    value : float or AgreementInterval

    Raises
    ------
    ValueError
        If `confidence_level` is not between 0 and 1, or `n_resamples` below 1.
    """
    value = float(measure(np.ones(n_items)))
    if confidence_level is None:
        return value
    if not 0 < confidence_level < 1:
        raise ValueError(
            f"confidence_level must lie between 0 and 1, got {confidence_level!r}."
        )
    if n_resamples < 1:
        raise ValueError(f"n_resamples must be at least 1, got {n_resamples!r}.")
    rng = check_random_state(random_state)
    found = np.empty(n_resamples)
    for k in range(n_resamples):
        drawn = rng.randint(n_items, size=n_items)
        found[k] = measure(np.bincount(drawn, minlength=n_items).astype(float))
    tail = (1 - confidence_level) / 2
    known = found[~np.isnan(found)]
    if not known.size or np.ptp(known) <= ROUNDING:
        return _of_alike_items(value, n_compared, confidence_level)
    low, high = np.quantile(known, [tail, 1 - tail])
    return AgreementInterval(value, min(float(low), value), max(float(high), value))


def _of_alike_items(
    value: float, n_compared: int, confidence_level: float
) -> AgreementInterval:
    """Return Wilson's interval of a share, 0 to 1, or from -1 where it is negative."""
    least = -1.0 if value < 0 else 0.0
    share = np.clip((value - least) / (1 - least), 0, 1)
    squared = ndtri((1 + confidence_level) / 2) ** 2 / n_compared
    center = (share + squared / 2) / (1 + squared)
    half = np.sqrt(squared * (share * (1 - share) + squared / 4)) / (1 + squared)
    low, high = (least + (1 - least) * (center + side * half) for side in (-1, 1))
    return AgreementInterval(value, min(float(low), value), max(float(high), value))
