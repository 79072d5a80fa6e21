"""Errors of the user's network, optimizer and numeric parameters."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import torch

from skcrowd._sklearn_compat import Interval, InvalidParameterError

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray


__all__ = [
    "OutputError",
    "blamed_on",
    "check_numeric_parameters",
    "described",
    "limit_exceeded",
    "module_name",
]

LARGEST = torch.finfo(torch.float32).max


class OutputError(ValueError):
    """The output of a network has the wrong form or is not finite."""


@contextmanager
def blamed_on(what: str, parameters: dict[str, Any] | None = None) -> Iterator[None]:
    """Turn an error of the user's code into a ValueError that names its source.

    Parameters
    ----------
    what : str
        The beginning of the message.
    parameters : dict, default=None
        What the code was called with, added to `what`.
    """
    try:
        yield
    except (MemoryError, torch.OutOfMemoryError, OutputError):
        raise
    except Exception as error:
        message = str(error).partition("\n")[0][:200]
        what += "" if parameters is None else f" with {_listed(parameters)}"
        raise ValueError(f"{what}: {type(error).__name__}: {message}") from error


def _listed(parameters: dict[str, Any]) -> str:
    """Format parameters as in a call."""
    listed = ", ".join(f"{key}={str(value)[:60]}" for key, value in parameters.items())
    return listed or "no parameters"


def described(
    output: torch.Tensor | tuple[torch.Tensor, torch.Tensor] | FloatArray,
) -> str:
    """Describe the type and shape of an output.

    Parameters
    ----------
    output : object
    """
    if torch.is_tensor(output):
        dtype = "" if output.is_floating_point() else f" of {output.dtype}"
        return f"{tuple(output.shape)}{dtype}"
    if isinstance(output, dict):
        return f"a dict with the keys {', '.join(map(repr, output))}"
    if isinstance(output, (tuple, list)):
        return f"a {type(output).__name__} of {len(output)} values"
    return f"a {type(output).__name__}"


def module_name(module: Any) -> str:
    """Return the name of a network, or of the class or function that builds it."""
    named = module if hasattr(module, "__name__") else type(module)
    return named.__name__


def check_numeric_parameters(estimator: Any) -> None:
    """Raise if a numeric parameter is a boolean, or too large.

    scikit-learn's checks accept booleans as integers, and integers beyond 64 bits.
    Reals are limited to the range of single precision, in which networks compute.

    Parameters
    ----------
    estimator : object
        With ``_parameter_constraints``.
    """
    for name, allowed in estimator._parameter_constraints.items():
        value = getattr(estimator, name)
        is_number = any(isinstance(one, Interval) for one in allowed)
        is_boolean = isinstance(value, bool) and "boolean" not in allowed
        limit = limit_exceeded(value)
        if is_number and (is_boolean or limit):
            raise InvalidParameterError(
                f"The {name!r} parameter of {type(estimator).__name__} must be a "
                f"number{limit}. Got {value!r} instead."
            )


def limit_exceeded(value: Any) -> str:
    """Describe the limit that a number exceeds, or return an empty string.

    Parameters
    ----------
    value : object
    """
    if isinstance(value, Integral):
        return " of 64 bits" if abs(int(value)) >= 2**63 else ""
    if not isinstance(value, Real):
        return ""
    size: Any = abs(value)
    is_huge = not size <= LARGEST  # or NaN
    return f" of at most {LARGEST:.0e} in magnitude" if is_huge else ""
