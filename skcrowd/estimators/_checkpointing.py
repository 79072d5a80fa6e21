"""Checkpoints of a fit: what it was given, and how it goes on after it was killed."""

from contextlib import nullcontext
from dataclasses import fields, replace
from importlib.metadata import version

from skcrowd.training._checkpoint import (
    FitCheckpoint,
    FitRecord,
    seed_of_unfinished_fit,
)
from skcrowd.training._fingerprint import fingerprint, summary

__all__ = ["checkpoint_of", "unfinished_seed", "with_checkpoints"]

# What decides bits beside data and parameters.
VERSIONS = ("skcrowd", "torch", "numpy", "scipy", "scikit-learn", "skorch")
# Parameters that change no result, or that the question must not depend on.
NO_MATTER = {
    *("checkpoint", "checkpoint_every", "on_interrupt", "verbose", "random_state"),
}
# Attributes of TrainingContext, SideInformation and NetFactory, as the user knows them.
NAMES = {
    "annotations": "y",
    "annotator_counts": "annotator_prior",
    "start_from": "network of the fit before",
    "previous_fit": "annotators of the fit before",
    "held_out": "held-out items",
    "patience": "n_iter_no_change",
}
# Those that follow from others, and those that change no result.
LEFT_OUT = {
    *("factory", "side_information", "train_split", "routed", "prior_counts"),
    *("label", "verbose", "checkpoints", "on_interrupt"),
}


def unfinished_seed(estimator, *given):
    """Return the seed that this fit drew before it was killed; None if it did not.

    Parameters
    ----------
    estimator : CrowdEstimator
    *given : object
        Answers, weights and gold, as they were read.
    """
    if estimator.checkpoint is None or estimator.random_state is not None:
        return None
    return seed_of_unfinished_fit(estimator.checkpoint, _question(estimator, given))


def _question(estimator, given):
    """Fingerprint what is known of a fit before its seed is drawn."""
    params = estimator.get_params(deep=False)
    asked = {k: v for k, v in params.items() if k not in NO_MATTER}
    return fingerprint((type(estimator), asked, given))


def checkpoint_of(estimator, checked, context, method):
    """Return the checkpoint of a fit, to be entered; without a folder it does nothing.

    Parameters
    ----------
    estimator : CrowdEstimator
    checked : CheckedInput
    context : TrainingContext
    method : Method

    Returns
    -------
    checkpoint : context manager
        Yields a FitCheckpoint, or None.
    """
    if estimator.checkpoint is None:
        return nullcontext()
    given = checked.annotations, checked.all_weight, checked.gold
    record = FitRecord(
        _parts(context, method, checked.seed), _question(estimator, given), checked.seed
    )
    return FitCheckpoint(estimator.checkpoint, estimator.checkpoint_every, record)


def with_checkpoints(context, checkpoint):
    """Return a problem whose trainings are stored.

    Parameters
    ----------
    context : TrainingContext
    checkpoint : FitCheckpoint or None
    """
    if checkpoint is None:
        return context
    factory = replace(context.factory, checkpoints=checkpoint.trainings)
    return replace(context, factory=factory)


def _parts(context, method, seed):
    """Describe all that decides what a fit learns, by the names that the user knows.

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


def _attributes(holder):
    return {
        NAMES.get(field.name, field.name): getattr(holder, field.name)
        for field in fields(holder)
        if field.name not in LEFT_OUT
    }
