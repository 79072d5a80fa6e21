"""Who answers implausibly fast, and whether fast answers are less often right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from skcrowd.annotations import Annotations, check_annotations
from skcrowd.annotations._export import pandas_for
from skcrowd.annotations._summary import medians

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import ArrayLike, FloatArray

__all__ = ["answer_times"]

FEWEST_OTHERS = 2  # times of others to an item, to compare with


def answer_times(
    y: Any, truth: ArrayLike | None = None, *, fast: float = 1 / 3
) -> pd.DataFrame:
    """Describe how long each annotator takes, and whether haste makes mistakes.

    An answer is implausibly fast if it took less than a third of the median time of
    the other annotators for the same item; of the crowd for all items, where fewer
    than two others answered it.

    Parameters
    ----------
    y : Annotations of shape (n_items, n_annotators)
        With `time`.
    truth : array-like of shape (n_items,), default=None
        The consensus, or true labels, to compare answers with. None compares them with
        the other answers to the item.
    fast : float, default=1/3
        Share of the usual time below which an answer is implausibly fast.

    Returns
    -------
    times : pandas.DataFrame of shape (n_annotators, 4)
        Index "annotator". Columns:

        - ``median_time``: of the annotator's answers, in the unit of `time`.
        - ``fast_share``: share of the timed answers that are implausibly fast.
        - ``fast_agreement``, ``other_agreement``: share of the fast, and of the other
          timed answers, that agree with `truth`, or with the other answers to the item;
          NaN where there is none, and for ratings.

    Raises
    ------
    ValueError
        If `y` has no times, or `truth` is of another length.

    References
    ----------
    D. J. Leiner. Too fast, too straight, too weird: non-reactive indicators for
    meaningless data in internet surveys. Survey Research Methods 13(3), 2019,
    doi:10.18148/srm/2019.v13i3.7403. It compares with the median of the crowd; that
    of each item, and a third, are our choice.

    Examples
    --------
    >>> from skcrowd.annotations import Annotations
    >>> from skcrowd.metrics import answer_times
    >>> y = [["a", "a", "b"], ["b", "b", "a"], ["a", "a", "a"]]
    >>> A = Annotations.from_dense(y, time=[[9, 8, 1], [7, 9, 1], [8, 9, 2]])
    >>> answer_times(A)["fast_share"].tolist()
    [0.0, 0.0, 1.0]
    """
    pd = pandas_for("answer_times")
    annotations = y if isinstance(y, Annotations) else check_annotations(y)
    if annotations.time is None:
        raise ValueError(
            "y has no times; pass them as Annotations.from_long(…, time=), or with "
            "y.with_details(time=)."
        )
    index = pd.Index(annotations.annotator_names, name="annotator")
    return pd.DataFrame(_columns(annotations, truth, fast), index=index)


def _columns(a: Annotations, truth: Any, fast: float) -> dict[str, FloatArray]:
    """Return the columns of :func:`answer_times`."""
    time = np.asarray(a.time)
    timed = np.isfinite(time)
    is_fast = timed & (time < fast * usual_times(a))
    agreement = _agreement(a, truth)
    columns = {
        "median_time": medians(a.annotator, time, a.n_annotators),
        "fast_share": _means(a, is_fast.astype(float), timed),
        "fast_agreement": _means(a, agreement, is_fast),
        "other_agreement": _means(a, agreement, timed & ~is_fast),
    }
    return columns


def usual_times(a: Annotations) -> FloatArray:
    """Return for each answer the median time of others for the item, (n_answers,)."""
    time = np.asarray(a.time)
    timed = np.flatnonzero(np.isfinite(time))
    usual = np.full(a.n_answers, np.nan)
    if not timed.size:
        return usual
    usual[:] = np.median(time[timed])
    order = timed[np.lexsort((time[timed], a.item[timed]))]
    item = a.item[order]
    n = np.bincount(item, minlength=a.n_items)
    begin = (np.cumsum(n) - n)[item]
    rank, n_others = np.arange(order.size) - begin, n[item] - 1
    compared = n_others >= FEWEST_OTHERS

    def of_others(place: Any) -> FloatArray:
        # the answer itself is left out of the sorted times of its item
        position = begin + place + (place >= rank)
        values: FloatArray = time[order[np.minimum(position, order.size - 1)]]
        return values

    median = (of_others((n_others - 1) // 2) + of_others(n_others // 2)) / 2
    usual[order[compared]] = median[compared]
    return usual


def _agreement(a: Annotations, truth: Any) -> FloatArray:
    """Return how far each answer agrees with the truth, or the others, (n_answers,)."""
    if a.classes is None:
        return np.full(a.n_answers, np.nan)
    if truth is not None:
        truth = np.asarray(truth)
        if truth.shape != (a.n_items,):
            raise ValueError(
                f"truth has shape {truth.shape}; give a label for each of the "
                f"{a.n_items} items."
            )
        return (a.labels == truth[a.item]).astype(float)
    cell = a.item * len(a.classes) + a.answer
    _, place, count = np.unique(cell, return_inverse=True, return_counts=True)
    n_others = (a.answers_per_item - 1)[a.item].astype(float)
    share = np.full(a.n_answers, np.nan)
    return np.divide(count[place] - 1, n_others, out=share, where=n_others > 0)


def _means(a: Annotations, values: FloatArray, group: Any) -> FloatArray:
    """Average some answers of each annotator, NaN where there is none."""
    used = group & np.isfinite(values)
    annotator = a.annotator[used]
    number = np.bincount(annotator, minlength=a.n_annotators)
    total = np.bincount(annotator, values[used], a.n_annotators)
    mean = np.full(a.n_annotators, np.nan)
    return np.divide(total, number, out=mean, where=number > 0)
