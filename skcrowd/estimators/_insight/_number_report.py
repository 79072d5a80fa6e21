"""Offset, scale, noise and correlation with the truth of annotators who rate."""

from typing import NamedTuple

import numpy as np
from scipy.special import chdtri, nctdtrinc, ndtri, stdtrit

from skcrowd.aggregation._rater_regression import (
    COMMON,
    DOUBT,
    N_STATISTICS,
    VAR,
    XX,
    XY,
    YY,
    N,
    X,
    Y,
)

__all__ = ["number_columns", "truth_correlation"]

_TINY = np.finfo(float).tiny
FEWEST = 3  # ratings that a line and the noise about it are estimated from
ALIKE = 1e-12  # residual sum of squares, as a share of the ratings'
MANY = 300  # degrees of freedom from which Student's t is nearly normal
LEAST_SCALE = 0.2  # of the crowd, as in apply_identifiability_constraint
MOST_DOUBT = 0.8  # standard deviations of a relative error that are taken off


class Lines(NamedTuple):
    """Least-squares lines of ratings on the truth, one an annotator.

    Attributes
    ----------
    offset, scale : ndarray of shape (n_annotators,)
    error_var : ndarray of shape (n_annotators,)
        Variance of a rating about the line.
    df : ndarray of shape (n_annotators,)
        Degrees of freedom of `error_var`.
    offset_std, scale_std : ndarray of shape (n_annotators,)
        Standard errors.
    common_std : ndarray of shape (n_annotators,)
        Standard error of the offset for the offsets of the others are estimates.
    is_known : bool ndarray of shape (n_annotators,)
        Whether there are enough ratings.
    """

    offset: np.ndarray
    scale: np.ndarray
    error_var: np.ndarray
    df: np.ndarray
    offset_std: np.ndarray
    scale_std: np.ndarray
    common_std: np.ndarray
    is_known: np.ndarray


def truth_correlation(scale, noise_std, truth_var):
    """Correlation of ratings with the truth, (n_annotators,)."""
    signal = scale * np.sqrt(truth_var)
    whole = np.hypot(signal, noise_std)
    return np.where(whole > 0, signal / np.where(whole > 0, whole, 1), 0.0)


def number_columns(statistics, truth_mean, truth_var, level, reference_var=None):
    n = statistics[:, N]
    lines = _fit_lines(statistics, truth_mean)
    tail = (1 + level) / 2
    quantile = stdtrit(lines.df, tail)
    reference = _offset_reference(lines, n, tail, reference_var)
    half = np.sqrt(
        (quantile * lines.offset_std) ** 2
        + reference**2
        + (ndtri(tail) * lines.common_std) ** 2
    )
    shrink, stretch = _scale_reference(lines, n, truth_var, tail)
    scale_half = quantile * lines.scale_std
    scale = lines.scale
    scale_low = scale - np.hypot(scale_half, np.abs(scale) * np.where(scale > 0, shrink, stretch))
    scale_high = scale + np.hypot(scale_half, np.abs(scale) * np.where(scale > 0, stretch, shrink))
    noise, noise_low, noise_high = _noise(lines, statistics, tail)
    correlation = truth_correlation(scale, noise, truth_var)
    low, high = _correlation(lines, statistics, truth_var, tail, correlation)
    return {
        "n_answers": n,
        "offset": lines.offset,
        "offset_low": lines.offset - half,
        "offset_high": lines.offset + half,
        "scale": scale,
        "scale_low": scale_low,
        "scale_high": scale_high,
        "noise_std": noise,
        "noise_std_low": noise_low,
        "noise_std_high": noise_high,
        "correlation": correlation,
        "correlation_low": low,
        "correlation_high": high,
    }


def _fit_lines(statistics, truth_mean):
    n, x, y, xx, xy, yy = statistics[:, [N, X, Y, XX, XY, YY]].T
    is_known = (n >= FEWEST) & (xx > 0)
    df = np.maximum(n - 2, 1.0)
    scale = np.where(is_known, xy / np.maximum(xx, _TINY), 1.0)
    square = np.maximum(yy - scale * xy, 0.0)
    pooled = square[is_known].sum() / max(df[is_known].sum(), 1.0)
    pooled = pooled or _TINY
    square = np.where(square > ALIKE * np.maximum(yy, _TINY), square, pooled*df / np.maximum(n, 1))
    square = np.where(is_known, square, 0)
    error_var = np.where(is_known, square / df, pooled)
    apart = truth_mean - x
    offset = y + scale * apart - truth_mean
    offset_std = np.sqrt(error_var * (1 / np.maximum(n, 1) + apart**2 / np.maximum(xx, _TINY)))
    scale_std = np.sqrt(error_var / np.maximum(xx, _TINY))
    return Lines(offset, scale, error_var, df, offset_std, scale_std, np.sqrt(statistics[:, COMMON]), is_known)


def _offset_reference(lines, n, tail, reference_var):
    use = lines.df >= 3
    if use.sum() < 2:
        use = lines.is_known
    w = n * use
    w = w / w.sum()
    center = w @ lines.offset
    se2 = lines.offset_std**2
    spread = w @ (lines.offset - center) ** 2 - w @ (se2 * (1 - w))
    square = w @ w
    var = max(spread, 0) / max(1 - square, _TINY)
    df = 1 / square - 1
    return stdtrit(df, tail) * np.sqrt(var * square)


def _scale_reference(lines, n, truth_var, tail):
    use = lines.is_known
    signal = lines.scale**2 * truth_var
    w = n * use * signal / np.maximum(signal + lines.error_var, _TINY)
    w = w / w.sum()
    order = np.argsort(lines.scale)
    cum = w[order].cumsum() - w[order] / 2
    half = ndtri(tail) * 0.5 * np.sqrt(w @ w)
    low, mid, high = np.interp([0.5 - half, .5, 0.5 + half], cum, lines.scale[order])
    low, high = np.clip([low, high], LEAST_SCALE, 1 / LEAST_SCALE)
    low, high = min(low, 1.), max(high, 1.)
    return 1 - 1 / high, 1 / low - 1


def _noise(lines, statistics, tail):
    total, df = lines.error_var, lines.df
    unknown = lines.scale**2 * statistics[:, VAR]
    low, high = total * df / chdtri(df, 1 - tail), total * df / chdtri(df, tail)
    rel = np.hypot(ndtri(tail) * np.sqrt(statistics[:, DOUBT]), 2 * stdtrit(df, tail) * lines.scale_std / np.maximum(np.abs(lines.scale), _TINY))
    s_half = stdtrit(df, tail) * lines.scale_std
    u_low = np.maximum(np.abs(lines.scale) - s_half, 0) ** 2 * statistics[:, VAR]
    u_high = (np.abs(lines.scale) + s_half) ** 2 * statistics[:, VAR]
    d = ndtri(tail) * np.sqrt(statistics[:, DOUBT])
    u_low = unknown - np.hypot(unknown - u_low, unknown * d)
    u_high = unknown + np.hypot(u_high - unknown, unknown * d)
    diff = total - unknown
    nl = diff - np.hypot(total - low, u_high - unknown)
    nh = diff + np.hypot(high - total, unknown - u_low)
    return tuple(np.sqrt(np.maximum(v, 0)) for v in (diff, nl, nh))


def _correlation(lines, statistics, truth_var, tail, correlation):
    t = lines.scale / lines.scale_std
    df = lines.df
    xx = np.maximum(statistics[:, XX], _TINY)
    d = ndtri(tail) * np.sqrt(statistics[:, DOUBT])
    var = statistics[:, VAR]
    def rho(q, v):
        square = truth_var * q**2
        whole = np.maximum(1 + q**2 * (truth_var - v), square)
        return np.sign(q) * np.sqrt(square / np.maximum(whole, _TINY))
    def limit(p):
        a = np.abs(t)
        exact = np.where(t >= 0, nctdtrinc(df, p, a), -nctdtrinc(df, 1 - p, a))
        rough = t - ndtri(p) * np.sqrt(1 + t**2 / (2 * df))
        return np.where(np.isfinite(exact), exact, rough) / np.sqrt(xx)
    q = t / np.sqrt(xx)
    mid = rho(q, var)
    ql, qh = limit(tail), limit(1 - tail)
    wide = np.abs(rho(q, var * (1 + d)) - mid), np.abs(mid - rho(q, var * np.maximum(1 - d, 0)))
    up, down = np.where(mid > 0, wide, wide[::-1])
    low = mid - np.hypot(mid - rho(ql, var), down)
    high = mid + np.hypot(rho(qh, var) - mid, up)
    return np.clip(low, -1, 1), np.clip(high, -1, 1)
