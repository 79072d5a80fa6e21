"""Parameters with a prefix, on their way to network, optimiser, loader and method."""

import inspect
from numbers import Integral, Real
from typing import Any

from sklearn.base import BaseEstimator
from torch import nn
from torch.utils.data import DataLoader

from skcrowd.training._data import BatchLoader
from skcrowd.training._did_you_mean import did_you_mean
from skcrowd.training._refusals import limit_exceeded

__all__ = ["RoutedParameters"]

# These would leave items without a prediction, or give them that of another.
NOT_IN_PREDICTION = ("shuffle", "sampler", "drop_last")
OF_LOADERS = {
    *inspect.signature(BatchLoader).parameters,
    *inspect.signature(DataLoader).parameters,
} - {"dataset", "batch_sampler", "collate_fn", "kwargs"}


class RoutedParameters(BaseEstimator):
    """Accept ``module__hidden`` and the like, as skorch and scikit-learn users expect.

    They wait in ``_routed`` until ``fit``, because what they belong to may be a class
    or a name until then. Parameters of a method that is already an object are set on
    the object, as in any nested estimator.
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

    def _keep_routed(self, routed):
        if routed:
            self._routed = dict(routed)

    def _meant(self, name):
        """Ask whether a parameter of the estimator, or a prefix, was meant."""
        prefix, mark, rest = name.partition("__")
        if mark and rest:
            return did_you_mean(name, [f"{p}__{rest}" for p in self._prefixes])
        return did_you_mean(prefix, self._get_param_names())

    def _routed_for(self, prefix):
        """Return the parameters of one prefix, the prefix taken off."""
        start = f"{prefix}__"
        routed = getattr(self, "_routed", {})
        return {k[len(start) :]: v for k, v in routed.items() if k.startswith(start)}

    def _check_routed(self):
        """Raise where what a parameter is routed to has none of this name."""
        routed = getattr(self, "_routed", {})
        for key in routed:
            if not self._is_routed(key):
                raise TypeError(
                    f"{type(self).__name__} got an unexpected parameter {key!r}."
                    f"{self._meant(key)} Further parameters begin with one of "
                    f"{', '.join(f'{p}__' for p in self._prefixes)}."
                )
            self._check_routed_name(key, self.method, self.module, self.optimizer)
            _check_routed_number(key, routed[key])
        for name in NOT_IN_PREDICTION:
            key = f"iterator_valid__{name}"
            if routed.get(key) not in (None, False):
                raise ValueError(
                    f"{key}={routed[key]!r} would give items no prediction, or that of "
                    "another: iterator_valid serves prediction, too. Leave it out."
                )

    def _is_routed(self, key):
        prefix, mark, name = key.partition("__")
        return bool(mark and name) and prefix in self._prefixes

    def get_params(self, deep=True):
        """Get the parameters of this estimator.

        Parameters
        ----------
        deep : bool, default=True
            Whether to include those of nested objects.

        Returns
        -------
        params : dict
            Also holds the routed ones, such as ``module__hidden``.
        """
        params = super().get_params(deep=deep)
        return {**params, **getattr(self, "_routed", {})}

    def set_params(self, **params):
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
            If a parameter is unknown. Those of callbacks show in ``fit``.
        """
        routed = dict(getattr(self, "_routed", {}))
        method = params.get("method", self.method)
        module = params.get("module", self.module)
        optimizer = params.get("optimizer", self.optimizer)
        if "method" in params:
            routed = {k: v for k, v in routed.items() if not k.startswith("method__")}
        self._check_own_names(params)
        kept = {}
        for key in [k for k in params if self._is_routed(k)]:
            self._check_routed_name(key, method, module, optimizer)
            if key.startswith("method__") and hasattr(method, "set_params"):
                routed.pop(key, None)
                continue
            kept[key] = params.pop(key)
        if "method" in params:  # before its own parameters
            self.method = params.pop("method")
        super().set_params(**params)
        self.__dict__.pop("_routed", None)
        self._keep_routed({**routed, **kept})
        return self

    def _check_own_names(self, params):
        """Raise, before anything is set, if no parameter has one of these names."""
        known = self._get_param_names()
        for name in params:
            is_known = name in known or name in getattr(self, "_routed", {})
            if not is_known and not self._is_routed(name):
                raise ValueError(
                    f"Invalid parameter {name!r} for estimator {type(self).__name__}."
                    f"{self._meant(name)} Valid parameters are: {', '.join(known)}, "
                    "and those that begin with "
                    f"{', '.join(f'{p}__' for p in self._prefixes)}."
                )

    def _check_routed_name(self, key, method, module, optimizer):
        """Raise if what a parameter is routed to has no such parameter."""
        prefix, _, name = key.partition("__")
        name = name.partition("__")[0]
        found = self._accepted(prefix, method, module, optimizer)
        if found is None:
            return
        owner, accepted = found
        if name not in accepted:
            names = sorted(accepted)
            raise ValueError(
                f"Invalid parameter {key!r}: {owner} has no parameter {name!r}."
                f"{did_you_mean(name, names)} It has {', '.join(names) or 'none'}."
            )

    def _accepted(self, prefix, method, module, optimizer):
        """Return whose parameters a prefix is for, and their names.

        None where that cannot be known: of callbacks, an instance of a network, or
        what takes any name.
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
            return prefix, OF_LOADERS
        makers = {
            "module": self._default_module if module is None else module,
            "optimizer": optimizer,
        }
        if prefix not in makers:
            return None
        maker, names = makers[prefix], _parameters(makers[prefix])
        if names is None:
            return None
        if prefix == "optimizer":  # skorch has groups of its own in the place of these
            names = [name for name in names if name != "params"] + ["param_groups"]
        return f"{prefix} {getattr(maker, '__name__', maker)}", names


def _check_routed_number(key, value):
    """Raise where a number for loader or optimiser is none to compute with."""
    prefix, _, name = key.partition("__")
    if prefix.startswith("iterator") and name == "batch_size":
        is_count = isinstance(value, Integral) and not isinstance(value, bool)
        if not is_count or not 1 <= value < 2**63:
            raise ValueError(f"{key} must be a positive integer, got {value!r}.")
    if prefix == "optimizer" and isinstance(value, Real) and limit_exceeded(value):
        raise ValueError(
            f"{key} must be a number{limit_exceeded(value)}, got {value!r}."
        )


def _parameters(maker):
    """Names of what a class or function takes; None where any, or not known."""
    try:
        parameters = inspect.signature(maker).parameters.values()
    except (TypeError, ValueError):
        return None
    takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
    return None if takes_any else [p.name for p in parameters]
