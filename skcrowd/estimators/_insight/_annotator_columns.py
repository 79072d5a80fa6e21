"""Columns of the reports on annotators that every kind of answers has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations._summary import medians

if TYPE_CHECKING:
    from skcrowd._typing import Array

__all__ = ["common_columns"]


def common_columns(estimator: Any) -> dict[str, Array]:
    """Return who errs together, and how long the annotators took where that is known.

    Parameters
    ----------
    estimator : CrowdEstimator

    Returns
    -------
    columns : dict
        ``group``, object ndarray of shape (n_annotators,): the name of the group, None
        for annotators in none. ``median_time``, ndarray of shape (n_annotators,): where
        answers had times.
    """
    n_annotators = estimator.n_annotators_
    group = np.full(n_annotators, None, dtype=object)
    if estimator._annotator_groups is not None:
        number, names = estimator._annotator_groups
        for k, name in enumerate(names):
            group[number == k] = name
    columns: dict[str, Array] = {"group": group}
    if estimator._answer_times is not None:
        annotator, times = estimator._answer_times
        columns["median_time"] = medians(annotator, times, n_annotators)
    return columns
