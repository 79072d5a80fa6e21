"""Simulated tasks: labels, numbers and sequences."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.annotations import Annotations
from skcrowd.datasets._confusion_annotators import annotator_confusions
from skcrowd.datasets._rating_annotators import draw_rating_parameters
from skcrowd.datasets._scale import read_scale, to_scale
from skcrowd.datasets._sequence_answers import draw_tags, tag_sequences, tokens_of
from skcrowd.datasets._sequence_truth import read_sentences
from skcrowd.datasets._simulated_answers import draw_classes, draw_numbers
from skcrowd.datasets._simulated_truth import read_truth
from skcrowd.datasets._tag_annotators import tagger_habits

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray


class Task(NamedTuple):
    """The parameters of `make_annotations`, checked and encoded."""

    truth: Any
    classes: Any
    limits: tuple[float, float] | None
    step: float | None
    choose: partial[Any]  # (n_annotators, rng=rng) -> item, annotator
    rng: np.random.RandomState


def label(
    annotators: Any, task: Task
) -> tuple[tuple[IntArray, IntArray, IntArray], dict[str, float | Array]]:
    """Simulate labels.

    Returns
    -------
    item, annotator, answer : tuple of ndarrays of shape (n_answers,)
        The answers are codes of classes.
    crowd : dict
        Description of the crowd, as `make_annotations` returns it.
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
def rate(
    annotators: Any, task: Task
) -> tuple[tuple[IntArray, IntArray, FloatArray], dict[str, Array]]:
    """Simulate numbers.

    Returns
    -------
    item, annotator, answer : tuple of ndarrays of shape (n_answers,)
        The answers are in the units of the truth, on the scale.
    crowd : dict
        Description of the crowd, as `make_annotations` returns it.
    """
    lines, kind = draw_rating_parameters(annotators, task.truth, task.rng)
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


def tag(
    annotators: Any, task: Task
) -> tuple[tuple[IntArray, IntArray, IntArray], dict[str, Array]]:
    """Simulate tag sequences.

    Returns
    -------
    item, annotator, answer : tuple of ndarrays
        Sentence and annotator of shape (n_pairs,), and the tags of all pairs as
        `draw_tags` gives them.
    crowd : dict
        Description of the crowd, as `make_annotations` returns it.
    """
    taggers, kind = tagger_habits(annotators, len(task.truth.types), task.rng)
    item, annotator = task.choose(len(kind), rng=task.rng)
    answer = draw_tags(taggers, task.truth, item, annotator, task.rng)
    share_right = (answer == task.truth.tags[tokens_of(task.truth, item)]).mean()
    return (item, annotator, answer), {
        "miss": taggers.miss,
        "wrong_type": taggers.wrong_type,
        "wrong_boundary": taggers.wrong_boundary,
        "false_alarm": taggers.false_alarm,
        "type_confusion": taggers.type_confusion,
        "types": task.truth.types,
        "kind": kind,
        "classes": task.classes,
        "share_right": float(share_right),
    }


def one_answer_an_item(
    item: IntArray,
    annotator: IntArray,
    answer: Array,
    shape: tuple[int, int],
    truth: Array,
    classes: Any,
) -> Annotations:
    """Return answers to single items as annotations."""
    return Annotations(item, annotator, answer, shape, classes)


class Steps(NamedTuple):
    """Steps of the simulation for one kind of answers."""

    read_scale: Callable[..., Any]  # (limits, step) -> limits, step
    read_truth: Callable[..., Any]  # (y_true, classes=classes) -> truth, classes
    answer: Callable[..., Any]  # (annotators, task) -> (item, annotator, answer), crowd
    contain: Callable[
        ..., Any
    ]  # (item, annotator, answer, shape, truth, classes) -> annotations


TASKS = {
    "labels": Steps(
        partial(read_scale, "labels"),
        partial(read_truth, kind="labels"),
        label,
        one_answer_an_item,
    ),
    "numbers": Steps(
        partial(read_scale, "numbers"),
        partial(read_truth, kind="numbers"),
        rate,
        one_answer_an_item,
    ),
    "sequences": Steps(
        partial(read_scale, "sequences"), read_sentences, tag, tag_sequences
    ),
}


def find_task(kind: Any) -> Steps:
    """Return the steps for a kind of answers."""
    if kind not in TASKS:
        *others, last = map(repr, TASKS)
        raise ValueError(f"kind must be {', '.join(others)} or {last}, got {kind!r}.")
    return TASKS[kind]


def _affine_maps(scale: FloatArray, bias: FloatArray) -> FloatArray:
    """Return affine maps of (truth, 1), shape (n_annotators, 2, 2)."""
    maps = np.zeros((len(scale), 2, 2))
    maps[:, 0, 0] = scale
    maps[:, 0, 1] = bias
    maps[:, 1, 1] = 1.0
    return maps
