"""The posterior of the truth of new items given predictions and their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.aggregation import rating_posterior
from skcrowd.aggregation._label_posterior import label_posterior
from skcrowd.annotations import SequenceAnnotations
from skcrowd.model_selection._inspection import bound_method, final_estimator

if TYPE_CHECKING:
    from skcrowd._typing import Features, FloatArray


__all__ = ["inferred_truth"]


def inferred_truth(
    estimator: Any,
    X: Features,
    answers: Any,
    **params: Any,
) -> FloatArray | list[FloatArray]:
    """Return the posterior of the truth of new items given prediction and answers.

    Parameters
    ----------
    estimator : fitted crowd estimator, pipeline or search
        Not fitted on these items; its annotators are the columns of `answers`.
    X : array-like of shape (n_samples, ...)
    answers : Annotations or SequenceAnnotations
        Of these items.
    **params
        For the prediction.

    Returns
    -------
    truth : ndarray of shape (n_samples, n_classes) or (n_samples,), or list of \
            n_samples ndarray of shape (length, n_classes)
        Probabilities by Bayes' rule, or the mean of the truth.
    """
    final = final_estimator(estimator)
    if hasattr(final, "annotator_noise_std_"):
        return _number(final, bound_method(estimator, "predict")(X, **params), answers)
    if "annotator_confusion_" not in vars(final):
        raise TypeError(
            f"{type(final).__name__} has no annotators; method='posterior' "
            "takes a crowd estimator, or a pipeline that ends in one."
        )
    proba = bound_method(estimator, "predict_proba")(X, **params)
    items = answers
    if isinstance(answers, SequenceAnnotations):
        items = answers.tokens
    if not isinstance(proba, list):
        return _class(final, proba, items)
    return answers.split(_class(final, np.concatenate(proba), items))


def _class(final: Any, proba: FloatArray, items: Any) -> FloatArray:
    """Return p(k | x) Π_r C_r[k, answer], normalized, (n_items, n_classes).

    Answers of annotators who err together count as the effective number of independent
    ones.
    """
    confusion = vars(final)["annotator_confusion_"]  # which may be no array, if large
    with np.errstate(divide="ignore"):
        log_prior = np.log(proba, dtype=np.float64)
    return label_posterior(
        log_prior,
        items.with_classes(final.classes_),
        confusion,
        least_log_prior=np.log(np.finfo(np.float64).tiny),
        groups=final._dependent_groups(),
    )


def _number(final: Any, mean: FloatArray, answers: Any) -> FloatArray:
    """Return the precision-weighted mean of prediction and ratings, (n_items,)."""
    rating_parameters = (
        final.annotator_scale_,
        final.annotator_bias_,
        final.annotator_noise_std_**2,
    )
    return rating_posterior(answers, rating_parameters, mean, final.prediction_std_**2)[
        0
    ]
