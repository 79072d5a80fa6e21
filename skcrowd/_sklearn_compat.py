"""Parts of scikit-learn that are not public, imported here alone.

A new version of scikit-learn may move them: then this file changes, and no other.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from sklearn.base import BaseEstimator
from sklearn.model_selection._split import _validate_shuffle_split
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    StrOptions,
)
from sklearn.utils._param_validation import validate_params as _validate_params
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import (
    _check_method_params,
    _check_sample_weight,
    _check_y,
    _num_samples,
)

__all__ = [
    "REQUESTS",
    "FoldHook",
    "Interval",
    "InvalidParameterError",
    "SplitHook",
    "StepHTML",
    "StrOptions",
    "_check_method_params",
    "_check_sample_weight",
    "_check_y",
    "_num_samples",
    "_safe_indexing",
    "_safe_split",
    "_validate_shuffle_split",
    "check_constraints",
    "parameter_names",
    "requests_by_method",
    "validate_params",
]

# Attribute of an object whose user has set which metadata it requests; clone copies it.
REQUESTS = "_metadata_request"

F = TypeVar("F", bound=Callable[..., Any])


def validate_params(constraints: dict[str, Any]) -> Callable[[F], F]:
    """Decorate a function so that its parameters are checked; its type is kept.

    Parameters
    ----------
    constraints : dict of str to list
        What each parameter may be; see scikit-learn's ``validate_params``.
    """
    decorate = _validate_params(constraints, prefer_skip_nested_validation=True)
    return cast(Callable[[F], F], decorate)


def check_constraints(estimator: BaseEstimator) -> None:
    """Raise if a parameter of an estimator is not as its constraints say.

    Parameters
    ----------
    estimator : BaseEstimator
        With ``_parameter_constraints``.

    Raises
    ------
    InvalidParameterError
        A ValueError and TypeError.
    """
    estimator._validate_params()


def parameter_names(estimator: Any) -> list[str]:
    """Return the sorted names of the constructor's parameters.

    Parameters
    ----------
    estimator : BaseEstimator class or instance

    Returns
    -------
    names : list of str
        Without those of ``**kwargs``.
    """
    return list(estimator._get_param_names())


def requests_by_method(request: Any) -> dict[str, Any]:
    """Return the metadata that an object requests, by method.

    Parameters
    ----------
    request : sklearn.utils.metadata_routing.MetadataRequest

    Returns
    -------
    requests : dict of str to dict
        For each method with requests: names of metadata, and True, False, None or an
        alias.
    """
    return dict(request._serialize())


class FoldHook:
    """Mixin for a splitter into folds, whose test sets are those of `_test_folds`."""

    def _test_folds(self, X: Any, y: Any, groups: Any) -> Any:
        """Return an iterator of the indices of each test set: those of the base."""
        base: Any = super()
        return base._iter_test_indices(X, y, groups)

    def _iter_test_indices(
        self, X: Any = None, y: Any = None, groups: Any = None
    ) -> Any:
        return self._test_folds(X, y, groups)


class SplitHook:
    """Mixin for a splitter at random, whose splits are those of `_splits`."""

    def _splits(self, X: Any, y: Any, groups: Any) -> Any:
        """Return an iterator of pairs of training and test set: those of the base."""
        base: Any = super()
        return base._iter_indices(X, y, groups)

    def _iter_indices(self, X: Any, y: Any = None, groups: Any = None) -> Any:
        return self._splits(X, y, groups)


class StepHTML(BaseEstimator):
    """Add HTML to the box of an estimator in scikit-learn's diagrams.

    Diagrams of pipelines and searches show only the parameters of the estimators
    inside; what is added follows these. Fitted attributes are listed as those of
    `_to_introspect`.
    """

    def _to_introspect(self) -> Any:
        """Return the object whose fitted attributes are listed."""
        return self

    def _get_fitted_attr_html(self, *args: Any, **kwargs: Any) -> Any:
        base: Any = super(StepHTML, self._to_introspect())
        return base._get_fitted_attr_html(*args, **kwargs)

    def _step_html(self) -> str:
        """Return the HTML to add."""
        raise NotImplementedError

    def _get_params_html(self, *args: Any, **kwargs: Any) -> Any:
        parameters = super()._get_params_html(*args, **kwargs)
        html_repr = parameters._html_repr
        parameters._html_repr = lambda: html_repr() + self._step_html()
        return parameters
