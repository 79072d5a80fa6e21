"""Checks of an estimator's parameters, before any data are read."""

from __future__ import annotations

import os
import warnings
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from skcrowd._sklearn_compat import check_constraints
from skcrowd.estimators._distribution import check_distributed
from skcrowd.methods._resolve import resolve_method
from skcrowd.training._refusals import check_numeric_parameters
from skcrowd.training._user_callbacks import check_callbacks

if TYPE_CHECKING:
    from skcrowd.methods import Method


__all__ = [
    "check_device",
    "check_module_parameters",
    "check_parameters",
    "check_partial_fit",
    "make_method",
    "target_criterion",
]


def check_parameters(estimator: Any) -> None:
    """Raise if a parameter of an estimator, or of what it nests, is invalid.

    Parameters
    ----------
    estimator : CrowdEstimator
    """
    estimator._check_routed()
    make_method(estimator)
    check_constraints(estimator)
    check_numeric_parameters(estimator)
    check_device(estimator.device)
    check_distributed(estimator)
    holds_out = estimator.early_stopping or estimator._validation is not None
    _check_callbacks(estimator.callbacks, holds_out)
    check_module_parameters(estimator)


def check_module_parameters(estimator: Any) -> None:
    """Raise if parameters are given to a network that is an instance.

    Parameters
    ----------
    estimator : CrowdEstimator
    """
    routed = estimator._routed_for("module")
    if isinstance(estimator.module, nn.Module) and routed:
        names = ", ".join(f"module__{name}" for name in routed)
        raise ValueError(
            f"module is an instance of {type(estimator.module).__name__}, which has "
            f"its parameters already; pass the class to use {names}."
        )


def make_method(estimator: Any) -> Method:
    """Return the user's method with its parameters set and checked.

    Parameters
    ----------
    estimator : CrowdEstimator

    Returns
    -------
    method : Method

    Raises
    ------
    TypeError
        If it learns from answers of another kind.
    """
    known_methods = estimator._known_methods
    method = resolve_method(
        estimator.method, known_methods, estimator._routed_for("method")
    )
    if method.kind not in estimator._method_kinds:
        raise TypeError(
            f"{type(method).__name__} learns from {method.kind}, but "
            f"{type(estimator).__name__} from {estimator._kind}; choose one of "
            f"{', '.join(map(repr, sorted(known_methods)))}."
        )
    method._check_parameters()
    check_numeric_parameters(method)
    return method


def check_partial_fit(estimator: Any) -> None:
    """Raise if the parameters of an estimator do not allow ``partial_fit``.

    Parameters
    ----------
    estimator : CrowdEstimator
    """
    if estimator.early_stopping:
        raise ValueError(
            "partial_fit makes one pass over the samples, so there is nothing to "
            "stop early; set early_stopping=False."
        )
    if estimator.checkpoint is not None:
        raise ValueError(
            "partial_fit makes one pass over the samples, so there is nothing to "
            f"resume, but checkpoint={os.fspath(estimator.checkpoint)!r}; set "
            "checkpoint=None, and store the estimator between calls with "
            "skcrowd.save."
        )


def check_device(device: str) -> str:
    """Return the name of a device, if torch can compute there.

    Parameters
    ----------
    device : str or torch.device
    """
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise ValueError(
            f"device={device!r} is not a device of torch; use 'cpu' or 'cuda'."
        ) from error
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError(
            f"device={str(device)!r} was asked for, but torch finds no CUDA device; "
            "use device='cpu'."
        )
    return str(device)


def target_criterion(criterion: Any) -> nn.Module | None:
    """Return the user's loss to the truth, as one that has a number for each item.

    Parameters
    ----------
    criterion : torch.nn.Module class or instance, or None

    Raises
    ------
    TypeError
        If it is neither.
    """
    if criterion is None:
        return None
    is_instance = isinstance(criterion, nn.Module)
    own: Any = deepcopy(criterion) if is_instance else criterion()
    if not isinstance(own, nn.Module):
        raise TypeError(
            f"criterion builds {type(own).__name__}; it must be a torch.nn.Module, or "
            "a class of one that is built without arguments."
        )
    if hasattr(own, "reduction"):
        setattr(own, "reduction", "none")  # noqa: B010  # an attribute of losses
    return own


def _check_callbacks(callbacks: list[Any] | None, holds_out: bool) -> None:
    """Check callbacks; warn of those that score held-out items, if there are none."""
    without_effect = check_callbacks(callbacks, holds_out=holds_out)
    if without_effect:
        warnings.warn(
            f"{', '.join(without_effect)} scores held-out items, of which there are "
            "none, so it does nothing; set early_stopping=True, or score the training "
            "items with on_train=True.",
            stacklevel=5,
        )
