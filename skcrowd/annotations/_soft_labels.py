"""Answers that are distributions over the classes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ._answer_details import AnswerDetails
from ._assemble import assemble, no_answer
from ._encoding import check_classes
from ._lookup import positions
from ._read_details import as_probabilities, check_probabilities

if TYPE_CHECKING:
    from skcrowd._typing import Array, FloatArray, IntArray

    from ._assemble import Parts


__all__ = ["certain", "other_classes", "read_soft_labels"]


def read_soft_labels(
    probabilities: Any, classes: Any = None, annotator_names: Any = None
) -> Parts:
    """Read an array of distributions; see `Annotations.from_soft_labels`.

    Returns
    -------
    parts : Parts
    """
    values = as_probabilities(probabilities, "probabilities")
    if values.ndim != 3 or 0 in values.shape:
        raise ValueError(
            f"probabilities has shape {values.shape}, but must have the axes items, "
            "annotators and classes."
        )
    n_classes = values.shape[2]
    labels = np.arange(n_classes) if classes is None else check_classes(classes)
    if len(labels) != n_classes:
        raise ValueError(
            f"probabilities has {n_classes} classes, but classes lists {len(labels)}."
        )
    answered = ~np.isnan(values).all(axis=2)
    item, annotator = np.nonzero(answered)
    if not item.size:
        raise no_answer(values.shape[:2], "labels", "probabilities")
    exact = check_probabilities(
        values[item, annotator], lambda k: f"row {item[k]}, annotator {annotator[k]}"
    )
    return assemble(
        item,
        annotator,
        labels[exact.argmax(axis=1)],
        values.shape[:2],
        kind="labels",
        classes=labels,
        names=annotator_names,
        details=AnswerDetails(probabilities=exact),
    )


def other_classes(details: AnswerDetails, before: Array, after: Array) -> AnswerDetails:
    """Return the same probabilities for another list of classes.

    Raises
    ------
    ValueError
        If a class that has a probability is not among the other classes.
    """
    values: Any = details.probabilities
    place = positions(before, after)
    lost = np.flatnonzero((place < 0) & (values > 0).any(axis=0))
    if lost.size:
        raise ValueError(
            f"answers give a probability to {before.tolist()[lost[0]]!r}, which is not "
            "among the classes; add it."
        )
    moved = np.zeros((len(values), len(after)))
    moved[:, place[place >= 0]] = values[:, place >= 0]
    return replace(details, probabilities=moved)


def certain(answer: IntArray, n_classes: int) -> FloatArray:
    """Return plain answers as distributions, (n_answers, n_classes).

    Parameters
    ----------
    answer : int64 ndarray of shape (n_answers,)
        Codes of classes.
    n_classes : int
    """
    distributions: FloatArray = np.eye(n_classes)[answer]
    return distributions
