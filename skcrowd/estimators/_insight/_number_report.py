"""Offset, scale, noise and correlation with the truth of annotators who rate."""

import numpy as np
from scipy.special import ndtri

__all__ = ["number_columns", "truth_correlation"]

_TINY = np.finfo(float).tiny
FISHER = 3  # ratings that the variance of Fisher's z does without


def truth_correlation(scale, noise_std, residual_var):
    """Correlation of ratings with the truth, (n_annotators,)."""
    signal = scale * np.sqrt(residual_var)
    whole = np.hypot(signal, noise_std)
    return np.where(whole > 0, signal / np.where(whole > 0, whole, 1), 0.0)


def number_columns(offset, scale, noise_std, n_answers, residual_var, doubt, level):
    """Describe annotators, one entry each.

    Parameters
    ----------
    offset, scale, noise_std : ndarray of shape (n_annotators,)
    n_answers : ndarray of shape (n_annotators,)
    residual_var : float
        Variance of the truth.
    doubt : float
        Mean variance of the truth of an item, given all that is known of it.
    level : float
        Probability that an interval holds what it is for.

    Returns
    -------
    columns : dict from str to ndarray of shape (n_annotators,)
    """
    width = ndtri((1 + level) / 2)
    half = width * _offset_std(offset, noise_std**2 + scale**2 * doubt, n_answers)
    correlation = truth_correlation(scale, noise_std, residual_var)
    n_known = n_answers * _known_share(scale**2, noise_std**2, doubt)
    low, high = _correlation_interval(correlation, n_known, width)
    return {
        "n_answers": n_answers,
        "offset": offset,
        "offset_low": offset - half,
        "offset_high": offset + half,
        "scale": scale,
        "noise_std": noise_std,
        "correlation": correlation,
        "correlation_low": low,
        "correlation_high": high,
    }


def _offset_std(offset, residual_var, n_answers):
    """Posterior deviation of offsets that have a normal prior, estimated here."""
    seen = n_answers > 0
    own = residual_var / np.maximum(n_answers, 1)
    of_crowd = (offset**2 + own)[seen].mean()
    both = np.maximum(of_crowd + own, _TINY)
    return np.sqrt(np.where(seen, of_crowd * own / both, of_crowd))


def _known_share(slope, noise_var, doubt):
    """Information on the noise that is left where the truth is uncertain.

    Of a residual's variance, noise plus what is not known of the truth, the share that
    is noise, squared. The truth of an item that the annotator rated is known better
    than on average, by their own rating.
    """
    unknown = slope * doubt
    whole = 2 * unknown + noise_var
    return np.where(whole > 0, (unknown + noise_var) / np.maximum(whole, _TINY), 1) ** 2


def _correlation_interval(correlation, n_answers, width):
    """Fisher's interval; from -1 to 1 for those with three ratings or fewer."""
    enough = n_answers > FISHER
    with np.errstate(divide="ignore"):
        middle = np.arctanh(np.clip(correlation, -1, 1))
    half = width / np.sqrt(np.where(enough, n_answers - FISHER, 1))
    low, high = np.tanh(middle - half), np.tanh(middle + half)
    return np.where(enough, low, -1.0), np.where(enough, high, 1.0)
