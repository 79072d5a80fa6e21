"""A small table of the annotators, and how annotations look in a notebook."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from ._cell_details import answer_means
from ._export import pandas_for

if TYPE_CHECKING:
    import pandas as pd

    from skcrowd._typing import Array, FloatArray, IntArray

    from ._answer_details import AnswerDetails
    from ._cell_details import Cells
    from ._container import Annotations
    from ._multilabel_container import MultilabelAnnotations
    from ._sequence_container import SequenceAnnotations

__all__ = [
    "answer_columns",
    "as_html",
    "medians",
    "sequence_columns",
    "set_columns",
    "summarize",
]

MOST_ROWS = 10


def summarize(names: Array, columns: dict[str, Any]) -> pd.DataFrame:
    """Return a table of annotators; see `Annotations.summary`.

    Parameters
    ----------
    names : ndarray of shape (n_annotators,)
    columns : dict of name to array of shape (n_annotators,)
    """
    pd = pandas_for("summary")
    return pd.DataFrame(columns, index=pd.Index(names, name="annotator"))


def answer_columns(annotations: Annotations) -> dict[str, Any]:
    """Return the columns of the summary, arrays of shape (n_annotators,)."""
    columns: dict[str, Any] = {"n_answers": annotations.answers_per_annotator}
    if annotations.classes is None:
        columns |= _of_numbers(annotations)
    else:
        columns |= _of_labels(annotations)
    return columns | _of_details(
        annotations.annotator, annotations.details, annotations.n_annotators
    )


def set_columns(annotations: MultilabelAnnotations, cells: Cells) -> dict[str, Any]:
    """Return the columns of the summary, arrays of shape (n_annotators,)."""
    decisions, n_labels = annotations.decisions, annotations.n_labels
    ticked = decisions.select_answers(decisions.answer == 1)
    n_answers = annotations.answers_per_annotator
    label = ticked.item % n_labels
    counts = _count_table(ticked.annotator, label, len(n_answers), n_labels)
    most = annotations.classes[counts.argmax(axis=1)].astype(object)
    most[counts.sum(axis=1) == 0] = None
    return {
        "n_answers": n_answers,
        "n_ticked": counts.sum(axis=1),
        "most_frequent": most,
        "share": _ratio(counts.max(axis=1), n_answers),
        "agreement": _agreement(decisions),
        **_of_cells(decisions, cells),
    }


def sequence_columns(annotations: SequenceAnnotations, cells: Cells) -> dict[str, Any]:
    """Return the columns of the summary, arrays of shape (n_annotators,)."""
    tokens = annotations.tokens
    return {
        "n_answers": annotations.answers_per_annotator,
        "n_tags": tokens.answers_per_annotator,
        **_of_labels(tokens),
        **_of_cells(tokens, cells),
    }


def _of_cells(parts: Annotations, cells: Cells) -> dict[str, Any]:
    """Return mean confidence and sum of weights of answers with several parts."""
    details = answer_means(parts.details, cells)
    return _of_details(cells.annotator, details, parts.n_annotators)


def _of_details(
    annotator: IntArray, details: AnswerDetails | None, n_annotators: int
) -> dict[str, Any]:
    """Mean confidence, sum of weights, median time, and number of unsure answers."""
    columns: dict[str, Any] = {}
    if details is None:
        return {}
    if details.confidence is not None:
        given = np.flatnonzero(np.isfinite(details.confidence))
        annotators = annotator[given]
        total = np.bincount(annotators, details.confidence[given], n_annotators)
        number = np.bincount(annotators, minlength=n_annotators)
        columns["confidence"] = _ratio(total, number)
    if details.weight is not None:
        columns["weight"] = np.bincount(annotator, details.weight, n_annotators)
    if details.time is not None:
        columns["median_time"] = medians(annotator, details.time, n_annotators)
    if details.unsure is not None:
        annotators = details.unsure[:, 1]
        columns["n_unsure"] = np.bincount(annotators, minlength=n_annotators)
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
    n_classes, n_annotators = len(annotations.classes), annotations.n_annotators
    counts = _count_table(
        annotations.annotator, annotations.answer, n_annotators, n_classes
    )
    n_answers = annotations.answers_per_annotator
    most = annotations.classes[counts.argmax(axis=1)].astype(object)
    most[n_answers == 0] = None
    return {
        "most_frequent": most,
        "share": _ratio(counts.max(axis=1), n_answers),
        "agreement": _agreement(annotations),
    }


def _count_table(
    annotator: IntArray, what: IntArray, n_annotators: int, n_classes: int
) -> IntArray:
    """Count what everybody said, (n_annotators, n_classes)."""
    counts = np.bincount(
        annotator * n_classes + what, minlength=n_annotators * n_classes
    )
    return counts.reshape(n_annotators, n_classes)


def _agreement(annotations: Annotations) -> FloatArray:
    """Return the share of the others' answers to the same items that are equal."""
    annotator, n_annotators = annotations.annotator, annotations.n_annotators
    pairs = annotations.item * len(annotations.classes) + annotations.answer
    _, pair, n_equal = np.unique(pairs, return_inverse=True, return_counts=True)
    equal = np.bincount(annotator, n_equal[pair] - 1, n_annotators)
    others = annotations.answers_per_item[annotations.item] - 1
    return _ratio(equal, np.bincount(annotator, others, n_annotators))


def _of_numbers(annotations: Annotations) -> dict[str, Any]:
    """Mean, standard deviation, and correlation with the mean of the others."""
    annotator, answer = annotations.annotator, annotations.answer
    n, per_item = annotations.answers_per_annotator, annotations.answers_per_item
    mean = _ratio(np.bincount(annotator, answer, annotations.n_annotators), n)
    squares = np.bincount(
        annotator, (answer - mean[annotator]) ** 2, annotations.n_annotators
    )
    total = np.bincount(annotations.item, answer, annotations.n_items)
    n_others = per_item[annotations.item] - 1
    others = _ratio(total[annotations.item] - answer, n_others)
    return {
        "mean": mean,
        "std": np.sqrt(_ratio(squares, n)),
        "correlation": _correlations(
            annotator, answer, others, annotations.n_annotators
        ),
    }


def _correlations(
    annotator: Any, first: FloatArray, second: FloatArray, n_annotators: int
) -> FloatArray:
    """Return the correlation of two columns within each annotator."""
    known = np.isfinite(second)
    annotator, values = annotator[known], [first[known], second[known]]
    n = np.bincount(annotator, minlength=n_annotators)
    centred = [
        v - _ratio(np.bincount(annotator, v, n_annotators), n)[annotator]
        for v in values
    ]
    products = [
        np.bincount(annotator, a * b, n_annotators)
        for a, b in (centred, (centred[0],) * 2, (centred[1],) * 2)
    ]
    return _ratio(products[0], np.sqrt(products[1] * products[2]))


def _ratio(numerator: Any, denominator: Any) -> FloatArray:
    """Divide, NaN where the denominator is zero."""
    result = np.full(np.shape(numerator), np.nan)
    return np.divide(numerator, denominator, out=result, where=denominator > 0)


def as_html(description: str, names: Array, columns: dict[str, Any]) -> str:
    """Return a description and the annotators with most answers as HTML.

    Parameters
    ----------
    description : str
        Its lines.
    names : ndarray of shape (n_annotators,)
    columns : dict of name to array of shape (n_annotators,)
    """
    facts = "".join(
        f"<div>{escape(line.strip())}</div>" for line in description.split("\n")
    )
    order = np.argsort(-columns["n_answers"], kind="stable")[:MOST_ROWS]
    head = "".join(
        f"<th style='text-align:left'>{name.replace('_', ' ')}</th>"
        for name in ("annotator", *columns)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td style='text-align:left'>{escape(_cell(value))}</td>"
            for value in (names[i], *(column[i] for column in columns.values()))
        )
        + "</tr>"
        for i in order.tolist()
    )
    n_more = len(names) - len(order)
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
