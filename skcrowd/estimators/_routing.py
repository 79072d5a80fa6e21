"""Parameters with a prefix, on their way to network, optimiser, loader and method."""

import inspect

from sklearn.base import BaseEstimator

__all__ = ["RoutedParameters"]


class RoutedParameters(BaseEstimator):
    """Accept ``module__hidden`` and the like, as skorch and scikit-learn users expect.

    They wait in ``_routed`` until ``fit``, because what they belong to may be a class
    or a name until then. Parameters of a method that is already an object are set on
    the object, as in any nested estimator.
    """

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
            If a parameter is unknown.
        """
        routed = dict(getattr(self, "_routed", {}))
        if "module" in params:
            self.module = params.pop("module")
        if "method" in params:
            self.method = params.pop("method")
            routed = {k: v for k, v in routed.items() if not k.startswith("method__")}
        nested = hasattr(self.method, "set_params")
        for key in [k for k in params if self._is_routed(k)]:
            if key.startswith("method__"):
                if nested:
                    routed.pop(key, None)
                    continue
                self._check_method_parameter(key)
            elif key.startswith("module__"):
                self._check_module_parameter(key)
            routed[key] = params.pop(key)
        self.__dict__.pop("_routed", None)
        self._keep_routed(routed)
        return super().set_params(**params)

    def _check_method_parameter(self, key):
        method = self._known_methods.get(self.method)
        name = key.removeprefix("method__").partition("__")[0]
        if method is not None and name not in method().get_params(deep=False):
            raise ValueError(
                f"Invalid parameter {key!r}: method {self.method!r} has the parameters "
                f"{', '.join(sorted(method().get_params(deep=False)))}."
            )

    def _check_module_parameter(self, key):
        module = self.module or self._default_module
        module = module if isinstance(module, type) else type(module)
        accepted = inspect.signature(module).parameters
        anything = any(p.kind is p.VAR_KEYWORD for p in accepted.values())
        name = key.removeprefix("module__").partition("__")[0]
        if not anything and name not in accepted:
            raise ValueError(
                f"Invalid parameter {key!r}: module {module.__name__} has the "
                f"parameters {', '.join(accepted)}."
            )
