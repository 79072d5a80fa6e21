"""A small table of the annotators, and how annotations look in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from ._export import describe, pandas_for

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import FloatArray, IntArray

    from ._container import Annotations

MOST_ROWS = 10


def summarize(annotations: Annotations) -> pd.DataFrame:
    """Return counts and agreement by annotator; see `Annotations.summary`."""
    pd = pandas_for("summary")
    index = pd.Index(annotations.annotator_names, name="annotator")
    return pd.DataFrame(_columns(annotations), index=index)


def _columns(annotations: Annotations) -> dict[str, Any]:
    """Return the columns of the summary, arrays of shape (n_annotators,)."""
    columns: dict[str, Any] = {"n_answers": annotations.answers_per_annotator}
    if annotations.classes is None:
        columns |= _of_numbers(annotations)
    else:
        columns |= _of_labels(annotations)
    return columns | _of_details(annotations)


def _of_details(annotations: Annotations) -> dict[str, Any]:
    """Mean confidence, sum of weights, median time, and number of unsure answers."""
    details = annotations.details
    columns: dict[str, Any] = {}
    if details is None:
        return {}
    n_annotators = annotations.n_annotators
    if details.confidence is not None:
        given = np.flatnonzero(np.isfinite(details.confidence))
        who = annotations.annotator[given]
        total = np.bincount(who, details.confidence[given], n_annotators)
        number = np.bincount(who, minlength=n_annotators)
        columns["confidence"] = _ratio(total, number)
    if details.weight is not None:
        who = annotations.annotator
        columns["weight"] = np.bincount(who, details.weight, n_annotators)
    if details.time is not None:
        columns["median_time"] = medians(
            annotations.annotator, details.time, n_annotators
        )
    if details.unsure is not None:
        who = details.unsure[:, 1]
        columns["n_unsure"] = np.bincount(who, minlength=n_annotators)
    return columns


def medians(group: IntArray, values: FloatArray, n_groups: int) -> FloatArray:
    """Return the median of the values of each group, NaN where there is none.

    Parameters
    ----------
    group : int64 ndarray of shape (n_values,)
    values : ndarray of shape (n_values,)
        NaN is left out.
    n_groups : int

    Returns
    -------
    median : ndarray of shape (n_groups,)
    """
    known = np.isfinite(values)
    group, values = group[known], values[known]
    order = np.lexsort((values, group))
    values, n = values[order], np.bincount(group, minlength=n_groups)
    begin = np.cumsum(n) - n
    median = np.full(n_groups, np.nan)
    some = np.flatnonzero(n)
    low = values[begin[some] + (n[some] - 1) // 2]
    median[some] = (low + values[begin[some] + n[some] // 2]) / 2
    return median


def _of_labels(annotations: Annotations) -> dict[str, Any]:
    """Most frequent label, its share, and agreement with the other answers."""
    n_classes, who = len(annotations.classes), annotations.annotator
    counts = np.bincount(
        who * n_classes + annotations.answer,
        minlength=annotations.n_annotators * n_classes,
    ).reshape(annotations.n_annotators, n_classes)
    n_answers = annotations.answers_per_annotator
    pairs = annotations.item * n_classes + annotations.answer
    _, pair, n_equal = np.unique(pairs, return_inverse=True, return_counts=True)
    equal = np.bincount(who, n_equal[pair] - 1, annotations.n_annotators)
    others = annotations.answers_per_item[annotations.item] - 1
    compared = np.bincount(who, others, annotations.n_annotators)
    most = annotations.classes[counts.argmax(axis=1)].astype(object)
    most[n_answers == 0] = None
    return {
        "most_frequent": most,
        "share": _ratio(counts.max(axis=1), n_answers),
        "agreement": _ratio(equal, compared),
    }


def _of_numbers(annotations: Annotations) -> dict[str, Any]:
    """Mean, standard deviation, and correlation with the mean of the others."""
    who, answer = annotations.annotator, annotations.answer
    n, per_item = annotations.answers_per_annotator, annotations.answers_per_item
    mean = _ratio(np.bincount(who, answer, annotations.n_annotators), n)
    squares = np.bincount(who, (answer - mean[who]) ** 2, annotations.n_annotators)
    total = np.bincount(annotations.item, answer, annotations.n_items)
    n_others = per_item[annotations.item] - 1
    others = _ratio(total[annotations.item] - answer, n_others)
    return {
        "mean": mean,
        "std": np.sqrt(_ratio(squares, n)),
        "correlation": _correlations(who, answer, others, annotations.n_annotators),
    }


def _correlations(
    who: Any, first: FloatArray, second: FloatArray, n_annotators: int
) -> FloatArray:
    """Return the correlation of two columns within each annotator."""
    known = np.isfinite(second)
    who, values = who[known], [first[known], second[known]]
    n = np.bincount(who, minlength=n_annotators)
    centred = [v - _ratio(np.bincount(who, v, n_annotators), n)[who] for v in values]
    products = [
        np.bincount(who, a * b, n_annotators)
        for a, b in (centred, (centred[0],) * 2, (centred[1],) * 2)
    ]
    return _ratio(products[0], np.sqrt(products[1] * products[2]))


def _ratio(numerator: Any, denominator: Any) -> FloatArray:
    """Divide, NaN where the denominator is zero."""
    result = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=result, where=denominator > 0)


def as_html(annotations: Annotations) -> str:
    """Return the description and the annotators with most answers as HTML."""
    facts = "".join(
        f"<div>{escape(line.strip())}</div>"
        for line in describe(annotations).split("\n")
    )
    columns = _columns(annotations)
    order = np.argsort(-columns["n_answers"], kind="stable")[:MOST_ROWS]
    head = "".join(
        f"<th style='text-align:left'>{name.replace('_', ' ')}</th>"
        for name in ("annotator", *columns)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td style='text-align:left'>{escape(_cell(value))}</td>"
            for value in (
                annotations.annotator_names[i],
                *(column[i] for column in columns.values()),
            )
        )
        + "</tr>"
        for i in order.tolist()
    )
    n_more = annotations.n_annotators - len(order)
    more = f"<div>and {n_more} more annotators</div>" if n_more else ""
    return (
        f"<div>{facts}<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>"
        f"</table>{more}</div>"
    )


def _cell(value: Any) -> str:
    """Write a value of the table, at most 40 characters."""
    if isinstance(value, (float, np.floating)):
        return "" if np.isnan(value) else f"{value:.3g}"
    text = "" if value is None else str(value)
    return text if len(text) <= 40 else text[:37] + "..."
