"""Parts of scikit-learn that are not public, imported here alone.

A new version of scikit-learn may move them: then this file changes, and no other.
"""

from sklearn.model_selection._split import _validate_shuffle_split
from sklearn.utils import _safe_indexing
from sklearn.utils._param_validation import (
    Interval,
    InvalidParameterError,
    StrOptions,
    validate_params,
)
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
