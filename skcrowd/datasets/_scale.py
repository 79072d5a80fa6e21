"""Rating scale: its limits and steps."""

import math
from numbers import Real

import numpy as np


def read_scale(kind, limits, step):
    """Check a scale; raise if answers are not numbers.

    Parameters
    ----------
    kind : {"labels", "numbers", "sequences"}
    limits : pair of numbers (low, high), or None
    step : number or None

    Returns
    -------
    limits : pair of floats, or None
    step : float or None
    """
    if kind != "numbers":
        _refuse(kind, limits=limits, step=step)
    limits = None if limits is None else _read_limits(limits)
    step = None if step is None else _read_step(step)
    if limits is not None and step is not None:
        _check_whole_steps(limits, step)
    return limits, step


def to_scale(answer, limits, step):
    """Round answers to the nearest step, and clip them to the limits.

    Parameters
    ----------
    answer : ndarray of shape (n_answers,)
        Changed in place.
    limits : pair of floats (low, high), or None
    step : float or None

    Returns
    -------
    ndarray of shape (n_answers,)
    """
    if step is not None:
        origin = 0.0 if limits is None else limits[0]
        answer -= origin
        answer /= step
        np.rint(answer, out=answer)
        answer *= step
        answer += origin
    if not np.isfinite(answer).all():
        raise ValueError(
            "The answers are too large for 64-bit floats; give y_true, annotators, "
            "limits and step in other units, so that all are of moderate size."
        )
    return answer if limits is None else np.clip(answer, *limits, out=answer)


def _refuse(kind, **scale):
    for name, value in scale.items():
        if value is not None:
            raise ValueError(
                f"{name}={value!r} was given with kind={kind!r}; only numbers lie on "
                "a scale, so leave it out or use kind='numbers'."
            )


def _read_limits(limits):
    pair = limits.tolist() if hasattr(limits, "tolist") else limits
    is_pair = isinstance(pair, list | tuple) and len(pair) == 2
    if not is_pair or not all(map(_is_finite, pair)) or not pair[0] < pair[1]:
        raise ValueError(
            f"limits={limits!r}; give the ends of the scale as two finite numbers "
            "(low, high) with low < high, such as (1, 5)."
        )
    return float(pair[0]), float(pair[1])


def _read_step(step):
    if not _is_finite(step) or step <= 0:
        raise ValueError(
            f"step={step!r}; give the distance between neighbouring ratings, a finite "
            "number greater than 0, such as 0.5, or None for no steps."
        )
    return float(step)


def _check_whole_steps(limits, step):
    """Raise unless both limits are steps of the scale."""
    low, high = limits
    n_steps = (high - low) / step
    whole = np.rint(n_steps)
    if not (1 <= whole < np.inf and np.isclose(n_steps, whole, rtol=1e-9, atol=0)):
        raise ValueError(
            f"step={step:g} leads from {low:g} to {high:g} in {n_steps:g} steps, "
            "which is no whole number; change step, or limits."
        )


def _is_finite(value):
    if not isinstance(value, Real) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that no float can hold
        return False
