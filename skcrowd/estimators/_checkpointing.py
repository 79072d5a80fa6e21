"""Checkpoints of a fit, and the fingerprint that identifies a fit to resume."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import fields, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from skcrowd.training._checkpoint import (
    FitCheckpoint,
    FitRecord,
    seed_of_unfinished_fit,
)
from skcrowd.training._fingerprint import fingerprint, summary

if TYPE_CHECKING:
    from skcrowd._typing import FloatArray, IntArray
    from skcrowd.annotations import Annotations
    from skcrowd.methods import Method, TrainingContext
    from skcrowd.methods._side_information import SideInformation
    from skcrowd.training import NetFactory


__all__ = ["checkpoint_of", "input_parts", "unfinished_seed", "with_checkpoints"]

# Packages whose versions change results, in addition to data and parameters.
VERSIONS = ("skcrowd", "torch", "numpy", "scipy", "scikit-learn", "skorch")
# Parameters that change no result, or are not known before the seed is drawn.
IGNORED = {
    *("checkpoint", "checkpoint_every", "on_interrupt", "verbose", "random_state"),
    "distributed",
}
# Public names of attributes of TrainingContext, SideInformation and NetFactory.
NAMES = {
    "annotations": "y",
    "annotator_counts": "annotator_prior",
    "start_from": "network of the previous fit",
    "previous_fit": "annotators of the previous fit",
    "held_out": "held-out items",
    "patience": "n_iter_no_change",
}
# Attributes that are derived from others, or change no result.
LEFT_OUT = {
    *("factory", "side_information", "train_split", "routed", "prior_counts"),
    *("label", "stage", "verbose", "checkpoints", "on_interrupt", "group"),
}


def unfinished_seed(estimator: Any, *data: Any) -> int | None:
    """Return the seed of the interrupted fit of the same input, if there is one.

    Parameters
    ----------
    estimator : CrowdEstimator
    *data : object
        Answers, weights and gold, after reading.
    """
    if estimator.checkpoint is None or estimator.random_state is not None:
        return None
    return seed_of_unfinished_fit(
        estimator.checkpoint, _fit_fingerprint(estimator, data)
    )


def _fit_fingerprint(
    estimator: Any, data: tuple[Annotations, FloatArray, IntArray | None]
) -> str:
    """Return the fingerprint of a fit without its seed: class, parameters, data."""
    params = estimator.get_params(deep=False)
    relevant = {k: v for k, v in params.items() if k not in IGNORED}
    return fingerprint((type(estimator), relevant, data))


def checkpoint_of(
    estimator: Any, checked: Any, context: TrainingContext, method: Method
) -> Any:
    """Return the checkpoint of a fit as a context manager.

    Parameters
    ----------
    estimator : CrowdEstimator
    checked : CheckedInput
    context : TrainingContext
    method : Method

    Returns
    -------
    checkpoint : context manager
        Yields a FitCheckpoint, or None without a ``checkpoint`` folder.
    """
    if estimator.checkpoint is None:
        return nullcontext()
    group = context.factory.group
    data = checked.annotations, checked.all_weight, checked.gold
    record = FitRecord(
        input_parts(context, method, checked.seed),
        _fit_fingerprint(estimator, data),
        checked.seed,
    )
    checkpoint = FitCheckpoint(
        estimator.checkpoint, estimator.checkpoint_every, record, group
    )
    is_opened = group is None or group.is_first
    return checkpoint if is_opened else nullcontext(checkpoint)


def with_checkpoints(
    context: TrainingContext, checkpoint: FitCheckpoint | None
) -> TrainingContext:
    """Return a context whose trainings write and resume checkpoints.

    Parameters
    ----------
    context : TrainingContext
    checkpoint : FitCheckpoint or None
    """
    if checkpoint is None:
        return context
    factory = replace(context.factory, checkpoints=checkpoint.trainings)
    return replace(context, factory=factory)


def input_parts(context: TrainingContext, method: Method, seed: int) -> dict[str, str]:
    """Summarize everything that determines the result of a fit, by public names.

    Parameters
    ----------
    context : TrainingContext
    method : Method
    seed : int

    Returns
    -------
    parts : dict of str to str
    """
    parts = {
        **_attributes(context),
        **_attributes(context.side_information),
        **_attributes(context.factory),
        **context.factory.routed,
        "method": method,
        "random_state": seed,
    }
    if context.side_information.previous_fit is not None:
        previous_fit = context.side_information.previous_fit
        parts[NAMES["previous_fit"]] = (
            previous_fit.annotators,
            previous_fit.rows,
            previous_fit.rating_parameters,
        )
    summaries = {name: summary(value) for name, value in parts.items()}
    versions = {name: repr(version(name)) for name in VERSIONS}
    return summaries | versions


def _attributes(
    holder: TrainingContext | SideInformation | NetFactory,
) -> dict[str, Any]:
    return {
        NAMES.get(field.name, field.name): getattr(holder, field.name)
        for field in fields(holder)
        if field.name not in LEFT_OUT
    }
