"""Offset, scale, noise and correlation with the truth of annotators who rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import chdtri, nctdtrinc, ndtri, stdtrit

from skcrowd.aggregation._rating_regression import (
    COMMON,
    DOUBT,
    VAR,
    XX,
    XY,
    YY,
    N,
    X,
    Y,
)

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray


__all__ = ["number_columns", "truth_correlation"]

_TINY = np.finfo(float).tiny
FEWEST = 3  # ratings that a line and the variance about it are estimated from
ROUNDING = 1e-12  # relative; ratings that differ by less are alike
LEAST_SHARE = 1e-12  # of the pooled variance about the lines, in that of the ratings
FREE = 3  # degrees of freedom from which a standard error has a finite variance
LARGEST_RATIO = 100.0  # of slope and standard error, for the exact t-distribution
LARGEST_STRETCH = 5.0  # of the truth, as in apply_identifiability_constraint


class RatingLines(NamedTuple):
    """Least-squares lines of ratings on the truth, one for each annotator.

    Attributes
    ----------
    offset, scale : ndarray of shape (n_annotators,)
        Ratings less truth at the mean truth, and slope.
    error_var : ndarray of shape (n_annotators,)
        Variance of the ratings about the line: noise_var + scale² var.
    largest_error_var : ndarray of shape (n_annotators,)
        The same, and above 0 where all ratings are on the line.
    df : ndarray of shape (n_annotators,)
        Degrees of freedom of `error_var`.
    offset_std, scale_std : ndarray of shape (n_annotators,)
        Standard errors.
    truth_norm : ndarray of shape (n_annotators,)
        Root of the sum of squares of the truth about its mean.
    is_known : bool ndarray of shape (n_annotators,)
        Whether there are ratings enough for a line and the variance about it.
    """

    offset: np.ndarray
    scale: np.ndarray
    error_var: np.ndarray
    largest_error_var: np.ndarray
    df: np.ndarray
    offset_std: np.ndarray
    scale_std: np.ndarray
    truth_norm: np.ndarray
    is_known: np.ndarray


def truth_correlation(
    scale: FloatArray, noise_std: FloatArray, truth_var: Any
) -> FloatArray:
    """Correlation of ratings with the truth, (n_annotators,)."""
    signal = scale * np.sqrt(truth_var)
    whole = np.hypot(signal, noise_std)
    return np.where(whole > 0, signal / np.where(whole > 0, whole, 1), 0.0)


def number_columns(
    statistics: Array,
    truth_mean: float,
    truth_var: float,
    level: float,
    offset_var: float | None = None,
) -> dict[str, Any]:
    """Describe annotators, one entry each.

    Parameters
    ----------
    statistics : ndarray of shape (n_annotators, 9)
        See ``rating_regressions``.
    truth_mean, truth_var : float
        Of the truth over the items.
    level : float
        Probability that an interval holds what it is for.
    offset_var : float, default=None
        Squared standard error of the offset of the whole crowd, where gold tells it.

    Returns
    -------
    columns : dict from str to ndarray of shape (n_annotators,)
        Offset, scale, noise_std and correlation, each with its interval; see
        ``CrowdRegressor.annotator_report``.
    """
    tail = (1 + level) / 2
    lines = _fit_lines(statistics, truth_mean)
    noise_std = np.sqrt(_noise_var(lines, statistics))
    correlation = truth_correlation(lines.scale, noise_std, truth_var)
    n = statistics[:, N]
    of_crowd = _crowd_offset_half(lines, n, tail, offset_var)
    is_seen, is_known = n > 0, lines.is_known
    estimates = {
        "offset": (
            lines.offset,
            is_seen,
            _offset_interval(lines, statistics, of_crowd, tail),
        ),
        "scale": (lines.scale, is_known, _scale_interval(lines, n, truth_var, tail)),
        "noise_std": (noise_std, is_known, _noise_interval(lines, statistics, tail)),
        "correlation": (
            correlation,
            is_known,
            _correlation_interval(lines, statistics, truth_var, tail),
        ),
    }
    columns = {}
    for name, (value, is_shown, (low, high)) in estimates.items():
        columns[name] = np.where(is_shown, value, np.nan)
        columns[f"{name}_low"] = np.where(is_shown, np.minimum(low, value), np.nan)
        columns[f"{name}_high"] = np.where(is_shown, np.maximum(high, value), np.nan)
    return columns


def _fit_lines(statistics: Any, truth_mean: Any) -> Any:
    """Return the lines; with too few ratings the scale is 1, the variance pooled."""
    n, x, y, xx, xy, yy = statistics[:, [N, X, Y, XX, XY, YY]].T
    is_known = (n >= FEWEST) & (xx > 0)
    xx, by_n = np.where(is_known, xx, 1.0), np.maximum(n, 1.0)
    is_alike = yy <= n * (ROUNDING * y) ** 2
    scale = np.where(is_known, np.where(is_alike, 0.0, xy / xx), 1.0)
    df = np.where(is_known, np.maximum(n - 2, 1.0), by_n)
    square = np.where(is_alike, 0.0, np.maximum(yy - scale * xy, 0.0))
    pooled = _pooled_var(statistics, square, df, is_known)
    error_var = np.where(is_known, square / df, pooled)
    # Ratings that lie on a line, as all that are alike do, leave a variance of up to
    # what one more rating, as far off as others are, would show.
    is_exact = square <= ROUNDING * yy
    largest = np.where(is_exact & is_known, pooled / by_n, error_var)
    deviation = truth_mean - x
    from_mean = np.where(is_known, deviation**2, 0.0) / xx
    return RatingLines(
        np.where(n > 0, y + scale * deviation - truth_mean, 0.0),
        scale,
        error_var,
        largest,
        df,
        np.sqrt(largest * (1 / by_n + from_mean)),
        np.sqrt(largest / xx),
        np.sqrt(xx),
        is_known,
    )


def _pooled_var(statistics: Any, square: Any, df: Any, is_known: Any) -> Any:
    """Return the variance of ratings about the lines of all annotators."""
    n, x, y, xx, xy, yy = statistics[:, [N, X, Y, XX, XY, YY]].T
    n_all = max(n.sum(), 1.0)
    least = LEAST_SHARE * (yy.sum() + n @ (y - n @ y / n_all) ** 2) / n_all
    if is_known.any():
        return max(square[is_known].sum() / df[is_known].sum(), least, _TINY)
    # Nobody has enough ratings: the mean square of rating less truth.
    sum_of_squares = (yy - 2 * xy + xx + n * (y - x) ** 2).sum()
    return max(sum_of_squares / n_all, least, _TINY)


def _offset_interval(lines: Any, statistics: Any, of_crowd: Any, tail: Any) -> Any:
    """Return limits of the offsets, by three errors that are independent.

    Student's for the line; that of the others' offsets, from which the truth is
    inferred; that of the crowd's.
    """
    common = np.abs(lines.scale) * np.sqrt(statistics[:, COMMON])
    of_line = stdtrit(lines.df, tail) * lines.offset_std
    half = np.sqrt(of_line**2 + (ndtri(tail) * common) ** 2 + of_crowd**2)
    return lines.offset - half, lines.offset + half


def _crowd_offset_half(lines: Any, n: Any, tail: Any, offset_var: Any) -> Any:
    """Return half of the interval of the offset of the crowd as a whole.

    The mean offset of the annotators, each with the share w of the ratings, is taken
    to be 0. Where offsets are drawn with mean 0 and variance τ², that of this crowd has
    the variance τ² Σ w². τ² is the weighted mean square of the offsets about their
    mean, less what errors of estimation add to it, over 1 - Σ w².
    """
    if offset_var is not None:
        return ndtri(tail) * np.sqrt(offset_var)
    enough = n * (lines.is_known & (lines.df >= FREE))
    weight = enough if np.count_nonzero(enough) > 1 else n
    weight = weight / weight.sum()
    squares = weight @ weight
    if squares >= 1 - ROUNDING:
        return np.nan  # one annotator, whom nothing is compared with
    center = weight @ lines.offset
    spread = weight @ (lines.offset - center) ** 2
    spread -= weight @ (lines.offset_std**2 * (1 - weight))
    var = max(spread, 0.0) / (1 - squares)
    return stdtrit(1 / squares - 1, tail) * np.sqrt(var * squares)


def _scale_interval(lines: Any, n: Any, truth_var: Any, tail: Any) -> Any:
    """Return limits of the scales: Student's, and the error of the crowd's median.

    The median of the scales, weighted by information, is taken to be 1. That of the
    population from which the crowd is drawn lies between the quantiles
    ½ ± z ½ √Σ w² of the crowd's (order statistics).
    """
    signal = np.where(lines.is_known, lines.scale**2 * truth_var, 0.0)
    weight = n * signal / np.maximum(signal + lines.error_var, _TINY)
    low, high = 1.0, 1.0
    if weight.any():
        weight = weight / weight.sum()
        order = np.argsort(lines.scale, kind="stable")
        middle = weight[order].cumsum() - weight[order] / 2
        half = ndtri(tail) * np.sqrt(weight @ weight) / 2
        low, high = np.interp([0.5 - half, 0.5 + half], middle, lines.scale[order])
        low = np.clip(low, 1 / LARGEST_STRETCH, 1.0)
        high = np.clip(high, 1.0, LARGEST_STRETCH)
    inner = stdtrit(lines.df, tail) * lines.scale_std
    shorter, longer = lines.scale * (1 - 1 / high), lines.scale * (1 / low - 1)
    shorter, longer = (
        np.where(lines.scale > 0, shorter, -longer),
        np.where(lines.scale > 0, longer, -shorter),
    )
    return lines.scale - np.hypot(inner, shorter), lines.scale + np.hypot(inner, longer)


def _noise_var(lines: Any, statistics: Any) -> Any:
    """Return the variance of the noise: about the line, less that of the truth."""
    return np.maximum(lines.error_var - lines.scale**2 * statistics[:, VAR], 0.0)


def _noise_interval(lines: Any, statistics: Any, tail: Any) -> Any:
    """Return limits of the standard deviation of the noise.

    Those of a difference of two independent estimates (Zou and Donner 2008,
    doi:10.1002/sim.3095): error_var, by the quantiles of χ², and scale² var, by the
    limits of scale and var.
    """
    error_var, df, var = lines.error_var, lines.df, statistics[:, VAR]
    from_truth = lines.scale**2 * var
    below = error_var * (1 - df / chdtri(df, 1 - tail))
    above = lines.largest_error_var * df / chdtri(df, tail) - error_var
    steepness, half = np.abs(lines.scale), stdtrit(df, tail) * lines.scale_std
    of_var = ndtri(tail) * np.sqrt(statistics[:, DOUBT]) * from_truth
    more = np.hypot((steepness + half) ** 2 * var - from_truth, of_var)
    less = from_truth - np.maximum(steepness - half, 0.0) ** 2 * var
    less = np.minimum(np.hypot(less, of_var), from_truth)
    noise_var = error_var - from_truth
    low = noise_var - np.hypot(below, more)
    high = noise_var + np.hypot(above, less)
    return np.sqrt(np.maximum(low, 0.0)), np.sqrt(np.maximum(high, 0.0))


def _correlation_interval(
    lines: Any, statistics: Any, truth_var: Any, tail: Any
) -> tuple[FloatArray, FloatArray]:
    """Return limits of the correlation with the truth.

    scale / scale_std has a noncentral t-distribution with noncentrality q √xx, where xx
    is the sum of squares of the truth and q = scale / √error_var, and the correlation
    grows with q. The error of the variance of the truth is added in quadrature.
    """
    var = statistics[:, VAR]
    norm = lines.truth_norm
    ratio = np.where(lines.is_known, lines.scale / lines.scale_std, 0.0)

    def correlation(q: Any, var: Any) -> Any:
        # With error_var = σ² + s² v and q² = s² / error_var, the squared correlation
        # s² τ² / (s² τ² + σ²) is q² τ² / (1 + q² (τ² - v)).
        signal = truth_var * q**2
        whole = np.maximum(1 + q**2 * (truth_var - var), np.maximum(signal, _TINY))
        return np.sign(q) * np.sqrt(signal / whole)

    middle = correlation(ratio / norm, var)
    low = correlation(_noncentrality(ratio, lines.df, tail) / norm, var)
    high = correlation(_noncentrality(ratio, lines.df, 1 - tail) / norm, var)
    doubt = ndtri(tail) * np.sqrt(statistics[:, DOUBT])
    less = middle - correlation(ratio / norm, var * np.maximum(1 - doubt, 0.0))
    more = correlation(ratio / norm, var * (1 + doubt)) - middle
    down, up = np.where(middle > 0, (less, more), (more, less))
    low = middle - np.hypot(middle - low, down)
    high = middle + np.hypot(high - middle, up)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def _noncentrality(ratio: Any, df: Any, probability: Any) -> Any:
    """Return that of the t-distribution with `probability` below `ratio`.

    Of ratio = (nc + z) / c, with z normal and c² a χ² over df, a large ratio leaves the
    error of c, to which that of z is added in quadrature. The exact inversion may
    not return where the ratio is large.
    """
    size, sign = np.abs(ratio), np.where(ratio >= 0, 1.0, -1.0)
    below = np.where(ratio >= 0, probability, 1 - probability)
    exact = nctdtrinc(df, below, np.minimum(size, LARGEST_RATIO))
    by_spread = size * (1 - np.sqrt(chdtri(df, below) / df))
    rough = size - np.sign(below - 0.5) * np.hypot(by_spread, ndtri(below))
    return sign * np.where(size < LARGEST_RATIO, exact, rough)
