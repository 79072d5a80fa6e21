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
    "Interval",
    "InvalidParameterError",
    "StepHTML",
    "StrOptions",
    "_check_method_params",
    "_check_sample_weight",
    "_check_y",
    "_num_samples",
    "_safe_indexing",
    "_safe_split",
    "_validate_shuffle_split",
    "validate_params",
]

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


class StepHTML(BaseEstimator):
    """Add HTML to the box of an estimator in scikit-learn's diagrams.

    Diagrams of pipelines and searches show only the parameters of the estimators
    inside; what is added follows these.
    """

    def _step_html(self) -> str:
        """Return the HTML to add."""
        raise NotImplementedError

    def _get_params_html(self, *args: Any, **kwargs: Any) -> Any:
        parameters = super()._get_params_html(*args, **kwargs)
        html_repr = parameters._html_repr
        parameters._html_repr = lambda: html_repr() + self._step_html()
        return parameters
