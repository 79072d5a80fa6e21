"""Find the crowd estimator inside a pipeline or a search."""

from typing import Any

from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline

__all__ = ["unwrap"]


def unwrap(model: Any) -> tuple[list[Pipeline], Any]:
    """Return the transformers before the crowd estimator, and the estimator.

    Parameters
    ----------
    model : estimator
        A crowd estimator, or a Pipeline, search or FrozenEstimator that holds one,
        nested in any way.

    Returns
    -------
    transformers : list of Pipeline
        Applied to X one after another.
    estimator : CrowdClassifier, CrowdRegressor or CrowdSequenceTagger

    Raises
    ------
    sklearn.exceptions.NotFittedError
        If a search is not fitted, or kept no best estimator.
    TypeError
        If there is no crowd estimator inside.
    """
    transformers: list[Pipeline] = []
    inner = model
    while not hasattr(inner, "annotator_report"):
        if isinstance(inner, Pipeline):
            if len(inner.steps) > 1:
                transformers.append(inner[:-1])
            inner = inner.steps[-1][1]
        elif hasattr(inner, "refit"):
            inner = _best_of(inner)
        elif hasattr(inner, "estimator"):  # FrozenEstimator
            inner = inner.estimator
        else:
            raise TypeError(
                f"{type(model).__name__} holds no crowd estimator; pass a fitted "
                "CrowdClassifier, CrowdRegressor or CrowdSequenceTagger, a Pipeline "
                "that ends with one, or a search over either."
            )
    return transformers, inner


def _best_of(search: Any) -> Any:
    if not hasattr(search, "best_estimator_"):
        raise NotFittedError(
            f"This {type(search).__name__} has no best_estimator_; fit it with "
            "refit=True."
        )
    return search.best_estimator_
