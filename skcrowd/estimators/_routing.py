"""Parameters with a prefix, on their way to network, optimiser, loader and method."""

import inspect
from typing import Any

from sklearn.base import BaseEstimator
from torch import nn

__all__ = ["RoutedParameters"]


class RoutedParameters(BaseEstimator):
    """Accept ``module__hidden`` and the like, as skorch and scikit-learn users expect.

    They wait in ``_routed`` until ``fit``, because what they belong to may be a class
    or a name until then. Parameters of a method that is already an object are set on
    the object, as in any nested estimator.
    """

    method: Any
    module: Any
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

    def _routed_for(self, prefix):
        """Return the parameters of one prefix, the prefix taken off."""
        start = f"{prefix}__"
        routed = getattr(self, "_routed", {})
        return {k[len(start) :]: v for k, v in routed.items() if k.startswith(start)}

    def _check_routed(self):
        unknown = [k for k in getattr(self, "_routed", {}) if not self._is_routed(k)]
        if unknown:
            raise TypeError(
                f"{type(self).__name__} got unexpected parameters: "
                f"{', '.join(sorted(unknown))}. Routed parameters start with one of "
                f"{', '.join(f'{p}__' for p in self._prefixes)}."
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
            If a parameter is unknown. Those of optimiser, callbacks and iterators show
            in ``fit``.
        """
        routed = dict(getattr(self, "_routed", {}))
        method = params.get("method", self.method)
        module = params.get("module", self.module)
        if "method" in params:
            routed = {k: v for k, v in routed.items() if not k.startswith("method__")}
        kept = {}
        for key in [k for k in params if self._is_routed(k)]:
            if key.startswith("method__") and hasattr(method, "set_params"):
                routed.pop(key, None)
                continue
            self._check_routed_name(key, method, module)
            kept[key] = params.pop(key)
        if "method" in params:  # before its own parameters
            self.method = params.pop("method")
        super().set_params(**params)
        self.__dict__.pop("_routed", None)
        self._keep_routed({**routed, **kept})
        return self

    def _check_routed_name(self, key, method, module):
        """Raise if the method or the module has no such parameter."""
        prefix, _, name = key.partition("__")
        name = name.partition("__")[0]
        if prefix == "method" and method in self._known_methods:
            owner = f"method {method!r}"
            accepted = self._known_methods[method]().get_params(deep=False)
        elif prefix == "module" and not isinstance(module, nn.Module):
            module = self._default_module if module is None else module
            owner = f"module {getattr(module, '__name__', module)}"
            accepted = inspect.signature(module).parameters
        else:
            return
        kinds = [getattr(p, "kind", None) for p in accepted.values()]
        if name not in accepted and inspect.Parameter.VAR_KEYWORD not in kinds:
            raise ValueError(
                f"Invalid parameter {key!r}: {owner} has the parameters "
                f"{', '.join(sorted(accepted))}."
            )
