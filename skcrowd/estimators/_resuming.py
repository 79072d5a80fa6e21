"""Checkpoints of a fit: what it was given, and how it goes on after it was killed."""

from contextlib import nullcontext
from dataclasses import fields, replace
from importlib.metadata import version

from skcrowd.training import (
    FitCheckpoint,
    FitRecord,
    fingerprint,
    seed_of_unfinished_fit,
    summary,
)

__all__ = ["checkpoint_of", "unfinished_seed", "with_checkpoints"]

# What decides bits beside data and parameters.
VERSIONS = ("skcrowd", "torch", "numpy", "scipy", "scikit-learn", "skorch")
# Parameters that change no result, or that the question must not depend on.
NO_MATTER = {
    *("checkpoint", "checkpoint_every", "on_interrupt", "verbose", "random_state"),
}
# Attributes of Problem, Knowledge and NetFactory, as the user knows them.
NAMES = {
    "annotations": "y",
    "annotator_counts": "annotator_prior",
    "start_from": "network of the fit before",
    "earlier": "annotators of the fit before",
    "held_out": "held-out items",
    "patience": "n_iter_no_change",
}
# Those that follow from others, and those that change no result.
LEFT_OUT = {
    *("factory", "knowledge", "train_split", "routed", "prior_counts"),
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


def checkpoint_of(estimator, posed, problem, method):
    """Return the checkpoint of a fit, to be entered; without a folder it does nothing.

    Parameters
    ----------
    estimator : CrowdEstimator
    posed : Posed
    problem : Problem
    method : Method

    Returns
    -------
    checkpoint : context manager
        Yields a FitCheckpoint, or None.
    """
    if estimator.checkpoint is None:
        return nullcontext()
    given = posed.annotations, posed.all_weight, posed.gold
    record = FitRecord(
        _parts(problem, method, posed.seed), _question(estimator, given), posed.seed
    )
    return FitCheckpoint(estimator.checkpoint, estimator.checkpoint_every, record)


def with_checkpoints(problem, checkpoint):
    """Return a problem whose trainings are stored.

    Parameters
    ----------
    problem : Problem
    checkpoint : FitCheckpoint or None
    """
    if checkpoint is None:
        return problem
    factory = replace(problem.factory, checkpoints=checkpoint.trainings)
    return replace(problem, factory=factory)


def _parts(problem, method, seed):
    """Describe all that decides what a fit learns, by the names that the user knows.

    Returns
    -------
    parts : dict of str to str
    """
    parts = {
        **_attributes(problem),
        **_attributes(problem.knowledge),
        **_attributes(problem.factory),
        **problem.factory.routed,
        "method": method,
        "random_state": seed,
    }
    if problem.knowledge.earlier is not None:
        earlier = problem.knowledge.earlier
        parts[NAMES["earlier"]] = earlier.annotators, earlier.rows, earlier.raters
    summaries = {name: summary(value) for name, value in parts.items()}
    versions = {name: repr(version(name)) for name in VERSIONS}
    return summaries | versions


def _attributes(holder):
    return {
        NAMES.get(field.name, field.name): getattr(holder, field.name)
        for field in fields(holder)
        if field.name not in LEFT_OUT
    }
