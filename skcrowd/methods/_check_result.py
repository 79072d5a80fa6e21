"""Checks of the result of a method."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotators import LabelModel, NumberModel
from skcrowd.methods._method import MethodResult
from skcrowd.training import CrowdNet

if TYPE_CHECKING:
    from skcrowd.annotators import AnnotatorModel

    from ._method import Method
    from ._training_context import TrainingContext


__all__ = ["check_extras", "check_result"]

ROW_SUM_TOLERANCE = 1e-3
FITTED_NAME = re.compile(r"[A-Za-z]\w*(?<!_)_")

# Set by every fit; extras of a method must not have these names.
FITTED_ATTRIBUTES = frozenset(
    {
        "annotator_bias_",
        "annotator_confusion_",
        "annotator_model_",
        "annotator_n_answers_",
        "annotator_noise_std_",
        "annotator_offset_",
        "annotator_scale_",
        "annotators_",
        "class_prior_",
        "class_weight_",
        "classes_",
        "feature_names_in_",
        "history_",
        "inferred_tags_",
        "n_annotators_",
        "n_features_in_",
        "n_iter_",
        "net_",
        "posterior_",
        "posterior_mean_",
        "posterior_std_",
        "prediction_std_",
        "transitions_",
        "vocabulary_",
    }
)


def check_result(
    method: Method, result: MethodResult, context: TrainingContext
) -> MethodResult:
    """Raise if a fitted estimator cannot be built from the result of a method.

    Parameters
    ----------
    method : Method
    result : object
        Returned by ``method.learn(context)``.
    context : TrainingContext

    Returns
    -------
    result : MethodResult
        The same.

    Raises
    ------
    TypeError
        If `result` is no MethodResult, or a part of it is of a wrong type.
    ValueError
        If a part of it is of a wrong shape, or holds no probabilities.
    """
    source = f"{type(method).__name__}.learn"
    if not isinstance(result, MethodResult):
        raise TypeError(
            f"{source} returned {_described(result)}; end it with "
            "`return MethodResult(net, net.criterion_.annotators, posterior)`."
        )
    _check_net(source, result.net)
    _check_annotators(source, result.annotators, method, context)
    _check_posterior(source, result.posterior, method, context)
    n_items = len(context.annotations)
    if result.posterior_var is not None:
        _check_array(source, "posterior_var", result.posterior_var, (n_items,))
        if result.posterior_var.min() < 0:
            raise ValueError(f"{source} returned a posterior_var with negative values.")
    if result.out_of_fold is not None:
        shape = n_items, len(context.annotations.classes)
        _check_array(source, "out_of_fold", result.out_of_fold, shape)
    if result.tags is not None:
        _check_array(source, "tags", result.tags, (n_items,))
    return result


def check_extras(
    method: Method, extras: list[str] | dict[Any, Any], estimator: Any
) -> None:
    """Raise if extras of a method cannot become attributes of an estimator.

    Parameters
    ----------
    method : Method
    extras : dict
        See :class:`MethodResult`.
    estimator : CrowdEstimator

    Raises
    ------
    TypeError
        If `extras` is no dict from str.
    ValueError
        If a name does not end in one underscore, begins with one, or is that of an
        attribute of the estimator.
    """
    source = f"{type(method).__name__}.learn"
    if not isinstance(extras, dict) or not all(isinstance(k, str) for k in extras):
        raise TypeError(f"{source} returned extras that are no dict from str to value.")
    for name in extras:
        if name in FITTED_ATTRIBUTES or hasattr(type(estimator), name):
            raise ValueError(
                f"{source} returned extras with {name!r}, which would overwrite "
                f"{type(estimator).__name__}.{name}; choose another name."
            )
        if not FITTED_NAME.fullmatch(name):
            raise ValueError(
                f"{source} returned extras with {name!r}; the name of a fitted "
                "attribute ends in one underscore and begins with none, such as "
                "'teachers_'."
            )


def _check_net(source: str, net: CrowdNet) -> None:
    if not isinstance(net, CrowdNet):
        raise TypeError(
            f"{source} returned {_described(net)} as net; it must be the CrowdNet that "
            "context.train(...) returns."
        )
    if not hasattr(net, "module_"):
        raise ValueError(
            f"{source} returned a net that is not trained; return the one of "
            "context.train(...)."
        )


def _check_annotators(
    source: str,
    annotators: AnnotatorModel | None,
    method: Method,
    context: TrainingContext,
) -> None:
    """Raise unless annotators are a model of the kind and size of the answers."""
    base = NumberModel if method.kind == "numbers" else LabelModel
    if not isinstance(annotators, base):
        raise TypeError(
            f"{source} returned {_described(annotators)} as annotators; a method for "
            f"{method.kind} must return a {base.__name__}, usually "
            "net.criterion_.annotators."
        )
    if method.kind == "numbers" and not hasattr(annotators, "residual_var"):
        raise TypeError(
            f"{source} returned {_described(annotators)} as annotators, which has no "
            "noise; return FixedGaussianAnnotators(rating_parameters, residual_var)."
        )
    sizes = {"n_annotators": context.annotations.n_annotators}
    if method.kind != "numbers":
        sizes["n_classes"] = len(context.annotations.classes)
    for name, wanted in sizes.items():
        if getattr(annotators, name) != wanted:
            raise ValueError(
                f"{source} returned annotators with {name}={getattr(annotators, name)}"
                f", but the answers have {name}={wanted}; build the model in the size "
                "of context.annotations."
            )


def _check_posterior(
    source: str, posterior: Any, method: Method, context: TrainingContext
) -> None:
    n_items = len(context.annotations)
    if method.kind == "numbers":
        if posterior is None:
            raise TypeError(
                f"{source} returned no posterior; a method for numbers must return the "
                "mean of the truth of each item, see context.ratings.posterior."
            )
        _check_array(source, "posterior", posterior, (n_items,))
        return
    if posterior is None:
        return
    shape = (n_items, len(context.annotations.classes))
    _check_array(source, "posterior", posterior, shape)
    error = np.abs(posterior.sum(axis=1) - 1).max()
    if posterior.min() < 0 or error > ROW_SUM_TOLERANCE:
        raise ValueError(
            f"{source} returned a posterior whose rows are no probabilities: they must "
            "be non-negative and sum to 1. Normalise them, for example with "
            "context.labels.posterior(log_truth, confusion)."
        )


def _check_array(source: str, name: str, values: Any, shape: tuple[Any, ...]) -> None:
    """Raise unless values are a finite array of a shape."""
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iuf":
        raise TypeError(
            f"{source} returned {_described(values)} as {name}; it must be a numeric "
            "numpy array."
        )
    if values.shape != shape:
        raise ValueError(
            f"{source} returned a {name} of shape {values.shape}; it must have one row "
            f"for each item of context.annotations, shape {shape}."
        )
    if not np.isfinite(values.sum(axis=-1)).all():  # without an array of its size
        raise ValueError(f"{source} returned a {name} with values that are not finite.")


def _described(value: Any) -> str:
    return "None" if value is None else f"an object of {type(value).__name__}"
