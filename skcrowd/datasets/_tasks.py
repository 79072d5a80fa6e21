"""What a crowd is asked to do: to label or to rate."""

from functools import partial
from typing import NamedTuple

import numpy as np

from skcrowd.datasets._answers import draw_classes, draw_numbers
from skcrowd.datasets._crowd import annotator_confusions
from skcrowd.datasets._raters import rater_parameters
from skcrowd.datasets._scale import to_scale


class Task(NamedTuple):
    """The parameters of `make_annotations`, checked and encoded."""

    truth: np.ndarray
    classes: np.ndarray | None
    limits: tuple[float, float] | None
    step: float | None
    choose: partial  # (n_annotators, rng=rng) -> item, annotator
    rng: np.random.RandomState


def label(annotators, task):
    """Let a crowd label.

    Returns
    -------
    item, annotator, answer : tuple of ndarrays of shape (n_answers,)
        The answers are codes of classes.
    crowd : dict
        What `make_annotations` tells of such a crowd.
    """
    confusion, kind = annotator_confusions(
        annotators, len(task.classes), random_state=task.rng
    )
    item, annotator = task.choose(len(kind), rng=task.rng)
    answer = draw_classes(confusion, task.truth, item, annotator, task.rng)
    share_right = float((answer == task.truth[item]).mean())
    return (item, annotator, answer), {
        "confusion": confusion,
        "kind": kind,
        "classes": task.classes,
        "share_right": share_right,
    }


@np.errstate(over="ignore", invalid="ignore")  # to_scale refuses infinity
def rate(annotators, task):
    """Let a crowd rate.

    Returns
    -------
    item, annotator, answer : tuple of ndarrays of shape (n_answers,)
        The answers are in the units of the truth, on the scale.
    crowd : dict
        What `make_annotations` tells of such a crowd.
    """
    lines, kind = rater_parameters(annotators, task.truth, task.rng)
    item, annotator = task.choose(len(kind), rng=task.rng)
    answer = draw_numbers(lines, task.truth, item, annotator, task.rng)
    scale, bias, noise_std = lines
    return (item, annotator, to_scale(answer, task.limits, task.step)), {
        "scale": scale,
        "bias": bias,
        "noise_std": noise_std,
        "confusion": _affine_maps(scale, bias),
        "kind": kind,
    }


TASKS = {"labels": label, "numbers": rate}


def _affine_maps(scale, bias):
    """Lines as maps of (truth, 1), shape (n_annotators, 2, 2)."""
    maps = np.zeros((len(scale), 2, 2))
    maps[:, 0, 0] = scale
    maps[:, 0, 1] = bias
    maps[:, 1, 1] = 1.0
    return maps
