"""Whether ratings that several annotators have in common hold errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from skcrowd.aggregation._rating_pairs import standardised

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations

__all__ = ["hold_errors"]

DEGREE = 3  # of the polynomial by which the others follow a rating
N_FITS = 3  # each with weights from the residuals of the one before
PRIOR_RATINGS = 5  # with the residual variance of all, of that of an annotator
LEAST_VARIANCE = 0.05  # of residuals, as a share of that of the annotator's ratings
CLIP = 2.0  # standard deviations; hard items would count most
LEAST_SHARE = 0.02  # of the others' common variance; they may follow another curve
CERTAIN = 2.3  # standard errors


class OtherRatings(NamedTuple):
    """Ratings by others of the items that the group rated.

    Attributes
    ----------
    item, annotator : int64 ndarray of shape (n_ratings,)
    value : ndarray of shape (n_ratings,)
        Standardised by annotator.
    common : ndarray of shape (n_ratings,)
        The rating of the group, standardised.
    """

    item: IntArray
    annotator: IntArray
    value: FloatArray
    common: FloatArray


def hold_errors(annotations: Annotations, members: IntArray) -> bool:
    """Whether equal ratings of a group differ from the truth by more than rounding.

    Given a rating without error, the ratings of the others are independent: each is
    a function of the truth and noise of its own. Where the rating has an error, what
    the others know more of the truth remains common to them. So the ratings of the
    others are regressed on that of the group, and the products of their residuals
    are summed. The sum is compared with the share of their common variance that
    rounding of the ratings leaves, the variance within a step of the scale, and 2 %
    more.

    Parameters
    ----------
    annotations : Annotations
        Of kind "numbers".
    members : int64 ndarray of shape (n_members,)

    Returns
    -------
    holds : bool
        True if errors are certain.
    """
    others, rounding = _read(annotations, members)
    if not len(others.item):
        return False
    residual, weight = _residuals(others, annotations.n_annotators)
    products = _products(others, weight * residual)
    common = _products(others, weight * others.value)
    # The signs of independent residuals are random: products are uncorrelated.
    variance = _products(others, (weight * residual) ** 2)
    excess = products - (LEAST_SHARE + rounding) * common
    return bool(excess > CERTAIN * max(variance, 0.0) ** 0.5)


def _read(annotations: Annotations, members: IntArray) -> tuple[OtherRatings, float]:
    """Return ratings of others, and the share of variance within steps of the scale."""
    a, (value, _) = annotations, standardised(annotations)
    is_own = np.isin(a.annotator, members)
    n = np.bincount(a.item[is_own], minlength=a.n_items)
    total = np.bincount(a.item[is_own], value[is_own], a.n_items)
    rows = np.flatnonzero(~is_own & (n[a.item] > 0))
    item = a.item[rows]
    others = OtherRatings(item, a.annotator[rows], value[rows], total[item] / n[item])
    return others, _rounding(a.answer[is_own])


def _rounding(rating: FloatArray) -> float:
    """Return the variance of a uniform number within a step, as a share of all.

    The step at a rating is the smaller one of the two to the next ratings that occur.
    """
    known, place = np.unique(rating, return_inverse=True)
    variance = float(rating.var())
    if len(known) < 2 or not variance > 0:
        return 1.0
    step = np.diff(known)
    nearest = np.minimum(np.r_[step[0], step], np.r_[step, step[-1]])
    return float(np.mean(nearest[place.ravel()] ** 2)) / 12 / variance


def _residuals(
    others: OtherRatings, n_annotators: int
) -> tuple[FloatArray, FloatArray]:
    """Return clipped residuals of the others' ratings, and weights by precision."""
    annotator = others.annotator
    n = np.bincount(annotator, minlength=n_annotators)
    powers = np.vander(others.common, DEGREE + 1)
    weight = np.ones(len(annotator))
    for _ in range(N_FITS):
        root = np.sqrt(weight)
        fitted, *_ = np.linalg.lstsq(powers * root[:, None], others.value * root)
        residual = others.value - powers @ fitted
        prior = PRIOR_RATINGS * float(np.mean(residual**2))
        variance = np.bincount(annotator, residual**2, n_annotators) + prior
        variance = np.maximum(variance / (n + PRIOR_RATINGS), LEAST_VARIANCE)
        weight = 1 / variance[annotator]
    most = CLIP * np.sqrt(variance[annotator])
    return np.clip(residual, -most, most), weight


def _products(others: OtherRatings, value: FloatArray) -> float:
    """Sum the products of every two values of an item."""
    total = np.bincount(others.item, value)
    return float(np.sum(total**2) - np.sum(value**2)) / 2
