"""Sizes of the network, read off the data."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from skcrowd.backbones import MLP, RecurrentTagger, TabularNet
from skcrowd.backbones._feature_scaling import feature_scaling
from skcrowd.training import SequenceRows
from skcrowd.training._items import Items

if TYPE_CHECKING:
    from skcrowd._typing import Array, Features


__all__ = ["own_vocabulary", "sized_parameters"]

SCALING = (
    MLP,
    RecurrentTagger,
    TabularNet,
)  # networks that bring features to a common scale


def sized_parameters(
    module: Any,
    given: dict[str, Any],
    X: Features,
    outputs: dict[str, Any],
    sample_weight: Any = None,
) -> dict[str, Any]:
    """Find the sizes that a network class asks for and the user did not give.

    A class whose ``__init__`` has a parameter ``n_features`` gets the number of
    features of an item, all dimensions multiplied; ``n_classes`` and ``n_outputs`` get
    the number of scores wanted. The default network also gets ``center`` and
    ``scale``, which bring the features to a common scale. An instance has all that
    already.

    Parameters
    ----------
    module : torch.nn.Module class, instance or callable
    given : dict
        The user's ``module__`` parameters, without the prefix.
    X : ndarray or CSR matrix of shape (n_items, ...), SequenceRows or Items
        Codes, in place of features, have no number of features and no scale, and
        items of several parts neither.
    outputs : dict
        Sizes of the output that a network class may take, such as ``n_outputs``.
    sample_weight : ndarray of shape (n_items,), default=None

    Returns
    -------
    parameters : dict
    """
    if isinstance(module, nn.Module):
        return {}
    accepted, is_sequence = _signature(module), isinstance(X, SequenceRows)
    X, sample_weight = _flat(X, sample_weight)
    sizes = dict(outputs)
    if not isinstance(X, Items) and (X.dtype.kind == "f" or not is_sequence):
        sizes["n_features"] = int(np.prod(X.shape[1:]))
        has_scaling = {"center", "scale"} & {*given, *outputs}
        if module in SCALING and not has_scaling:
            sizes["center"], sizes["scale"] = feature_scaling(X, sample_weight)
    found = {k: v for k, v in sizes.items() if k in accepted and k not in given}
    wanted = accepted.get("n_features")
    if wanted is not None and wanted.default is wanted.empty:
        _check_n_features({**given, **found}, module, outputs, is_sequence)
    _check_complete(accepted, {**given, **found}, module, sizes)
    return found


def own_vocabulary(module: Any, given: dict[str, Any]) -> Any:
    """Return what encodes tokens for a network that brings its own vocabulary.

    Parameters
    ----------
    module : torch.nn.Module class or instance, callable or None
        A class has a function ``make_vocabulary``, an instance the ``vocabulary``.
    given : dict
        The user's ``module__`` parameters, without the prefix.

    Returns
    -------
    vocabulary : object or None
        With ``encode(tokens)``, integers of shape (n_tokens, n_codes), and ``sizes``.
    """
    if isinstance(module, nn.Module):
        return getattr(module, "vocabulary", None)
    make = getattr(module, "make_vocabulary", None)
    return None if make is None else make(**given)


def _signature(module: Any) -> Any:
    """Return the parameters that build a network, by name."""
    try:
        return inspect.signature(module).parameters
    except (TypeError, ValueError):  # of C, for example
        return {}


def _check_complete(
    accepted: Any, known: dict[str, Any], module: Any, sizes: dict[str, Any]
) -> None:
    """Raise if a parameter has neither a value nor a default."""
    optional = {inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL}
    missing = [
        name
        for name, parameter in accepted.items()
        if parameter.default is parameter.empty
        and parameter.kind not in optional
        and name not in known
    ]
    if missing:
        raise ValueError(
            f"module {getattr(module, '__name__', module)} needs "
            f"{', '.join(missing)}; pass "
            f"{', '.join(f'module__{name}=...' for name in missing)}. Filled in from "
            f"the data are only {', '.join(sorted(sizes))}."
        )


def _check_n_features(
    known: dict[str, Any], module: Any, outputs: dict[str, Any], is_sequence: bool
) -> None:
    if "n_features" not in known:
        reason = "items that are not one array have none: pass module__n_features"
        if is_sequence:
            reason = (
                "token lists have none: it gets codes of shape (n_batch, longest, "
                "n_codes), the word's first"
            )
        raise ValueError(
            f"module {getattr(module, '__name__', module)} asks for n_features, but "
            f"{reason}, and may ask for {', '.join(sorted(outputs))}."
        )


def _flat(X: Features, sample_weight: Any) -> tuple[Array, Any]:
    """Take the tokens of sequences for items."""
    if not isinstance(X, SequenceRows):
        return X, sample_weight
    weight = None if sample_weight is None else np.repeat(sample_weight, X.lengths)
    return X.tokens, weight
