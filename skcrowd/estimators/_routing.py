"""Parameters with a prefix, passed on to network, optimizer, loader and method."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, Self

from sklearn.base import BaseEstimator
from torch import nn
from torch.utils.data import DataLoader

from skcrowd._sklearn_compat import parameter_names
from skcrowd.training._data import BatchLoader
from skcrowd.training._did_you_mean import did_you_mean
from skcrowd.training._refusals import limit_exceeded

if TYPE_CHECKING:
    from skcrowd.methods import Method


__all__ = ["RoutedParameters", "check_routed_number"]

# Parameters of a loader with which predictions would be missing, or in another order.
NOT_IN_PREDICTION = ("shuffle", "sampler", "drop_last")
LOADER_PARAMETERS = {
    *inspect.signature(BatchLoader).parameters,
    *inspect.signature(DataLoader).parameters,
} - {"dataset", "batch_sampler", "kwargs"}


class RoutedParameters(BaseEstimator):
    """Accept ``module__hidden`` and the like, as skorch and scikit-learn users expect.

    They are stored in ``_routed`` until ``fit``, because the object they belong to may
    be given as a class or a name. Parameters of a method that is an object are set on
    that object, as in any nested estimator.
    """

    method: Any
    module: Any
    optimizer: Any
    _prefixes: tuple[str, ...] = (
        "module",
        "optimizer",
        "callbacks",
        "iterator_train",
        "iterator_valid",
        "method",
    )

    def _keep_routed(self, routed: dict[str, Any]) -> None:
        """Store parameters with a prefix; raise a TypeError for other names.

        So a misspelt parameter is named by the constructor, as by a signature without
        ``**kwargs``; whether the prefix's object has the parameter is known in ``fit``.
        """
        # scikit-learn's check of constructors passes every name in their signature,
        # that of ``**routed`` included; it is refused in ``fit``
        self._refuse_unknown(name for name in routed if name != "routed")
        if routed:
            self._routed = dict(routed)

    def _refuse_unknown(self, names: Iterable[str]) -> None:
        """Raise a TypeError for a name without a known prefix."""
        for name in names:
            if not self._is_routed(name):
                raise TypeError(
                    f"{type(self).__name__} got an unexpected parameter {name!r}."
                    f"{self._suggestion(name)} Further parameters begin with one of "
                    f"{', '.join(f'{p}__' for p in self._prefixes)}."
                )

    def _suggestion(self, name: str) -> Any:
        """Return a question with the nearest parameter or prefix, or nothing."""
        prefix, separator, parameter = name.partition("__")
        if separator and parameter:
            return did_you_mean(name, [f"{p}__{parameter}" for p in self._prefixes])
        return did_you_mean(prefix, parameter_names(self))

    def _routed_for(self, prefix: str) -> dict[str, Any]:
        """Return the parameters of one prefix, by their names without it."""
        prefix = f"{prefix}__"
        routed = getattr(self, "_routed", {})
        return {
            key.removeprefix(prefix): value
            for key, value in routed.items()
            if key.startswith(prefix)
        }

    def _check_routed(self) -> None:
        """Raise if the object that a parameter is routed to has no such parameter."""
        routed = getattr(self, "_routed", {})
        self._refuse_unknown(routed)
        for key in routed:
            self._check_routed_name(key, self.method, self.module, self.optimizer)
            check_routed_number(key, routed[key])
        for name in NOT_IN_PREDICTION:
            key = f"iterator_valid__{name}"
            if routed.get(key) not in (None, False):
                raise ValueError(
                    f"{key}={routed[key]!r} would omit or reorder predictions, because "
                    "predict uses iterator_valid, too; leave it out, or set it for "
                    "iterator_train."
                )

    def _is_routed(self, key: str) -> bool:
        prefix, separator, name = key.partition("__")
        return bool(separator and name) and prefix in self._prefixes

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Get the parameters of this estimator.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include the parameters of nested objects.

        Returns
        -------
        params : dict
            The routed parameters, such as ``module__hidden``, included.
        """
        params = super().get_params(deep=deep)
        return {**params, **getattr(self, "_routed", {})}

    def set_params(self, **params: Any) -> Self:
        """Set parameters, also routed ones such as ``method__connection``.

        Parameters
        ----------
        **params : dict
            A new ``method`` drops the parameters routed to the old one.

        Returns
        -------
        self : object

        Raises
        ------
        ValueError
            If a parameter is unknown. Parameters of callbacks are checked in ``fit``.
        """
        routed = dict(getattr(self, "_routed", {}))
        method = params.get("method", self.method)
        module = params.get("module", self.module)
        optimizer = params.get("optimizer", self.optimizer)
        if "method" in params:
            routed = {k: v for k, v in routed.items() if not k.startswith("method__")}
        self._check_own_names(params)
        new = {}
        for key in [k for k in params if self._is_routed(k)]:
            self._check_routed_name(key, method, module, optimizer)
            if key.startswith("method__") and hasattr(method, "set_params"):
                routed.pop(key, None)
                continue
            new[key] = params.pop(key)
        if "method" in params:  # before its own parameters
            self.method = params.pop("method")
        super().set_params(**params)
        self.__dict__.pop("_routed", None)
        self._keep_routed({**routed, **new})
        return self

    def _check_own_names(self, params: dict[str, Any]) -> None:
        """Raise, before any is set, if one of the names is not a parameter."""
        known = parameter_names(self)
        for name in params:
            is_known = name in known or name in getattr(self, "_routed", {})
            if not is_known and not self._is_routed(name):
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}."
                    f"{self._suggestion(name)} Valid parameters are: "
                    f"{', '.join(known)}, and those that begin with "
                    f"{', '.join(f'{p}__' for p in self._prefixes)}."
                )

    def _check_routed_name(
        self, key: str, method: Method, module: Any, optimizer: type[Any]
    ) -> None:
        """Raise if the object of a routed parameter does not have it."""
        prefix, _, name = key.partition("__")
        name = name.partition("__")[0]
        owner_and_names = self._accepted(prefix, method, module, optimizer)
        if owner_and_names is None:
            return
        owner, accepted = owner_and_names
        if name not in accepted:
            names = sorted(accepted)
            raise ValueError(
                f"Invalid parameter {key!r}: {owner} has no parameter {name!r}."
                f"{did_you_mean(name, names)} It has {', '.join(names) or 'none'}."
            )

    def _accepted(
        self, prefix: str, method: Method, module: Any, optimizer: type[Any]
    ) -> tuple[str, Any] | None:
        """Return the object that a prefix stands for, and names of its parameters.

        None where the names are unknown: for callbacks, for an instance of a network,
        and for functions and classes with ``**kwargs``.
        """
        if prefix == "method":
            if isinstance(method, str) and method in self._known_methods:
                return f"method {method!r}", self._known_methods[method]().get_params()
            if hasattr(method, "get_params") and not isinstance(method, type):
                return f"method {type(method).__name__}", method.get_params(deep=False)
            return None
        if prefix == "module" and isinstance(module, nn.Module):
            return None
        if prefix.startswith("iterator"):
            return prefix, LOADER_PARAMETERS
        factories = {
            "module": self._default_module if module is None else module,
            "optimizer": optimizer,
        }
        if prefix not in factories:
            return None
        factory, names = factories[prefix], _parameters(factories[prefix])
        if names is None:
            return None
        if prefix == "optimizer":  # skorch replaces params by param_groups
            names = [name for name in names if name != "params"] + ["param_groups"]
        return f"{prefix} {getattr(factory, '__name__', factory)}", names


def check_routed_number(key: str, value: Any) -> None:
    """Raise if a number for loader or optimizer is out of range."""
    prefix, _, name = key.partition("__")
    if prefix.startswith("iterator") and name == "batch_size":
        is_count = isinstance(value, Integral) and not isinstance(value, bool)
        if not is_count or not 1 <= value < 2**63:
            raise ValueError(f"{key} must be a positive integer, got {value!r}.")
    if prefix == "optimizer" and isinstance(value, Real) and limit_exceeded(value):
        raise ValueError(
            f"{key} must be a number{limit_exceeded(value)}, got {value!r}."
        )


def _parameters(factory: Any) -> list[str] | None:
    """Return the parameter names of a class or function; None with ``**kwargs``."""
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return None
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return None if takes_any else [p.name for p in parameters]
