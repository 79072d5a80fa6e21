"""Write tasks for Label Studio."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from skcrowd.aggregation import Comparisons

from ._annotation_tasks import Task, control_of, make_tasks, text_column
from ._annotations_export import Export
from ._json_values import write_json
from ._pair_tasks import PLACES
from ._task_consensus import are_numbers

if TYPE_CHECKING:
    from skcrowd._typing import PathLike

__all__ = ["write_label_studio"]

SIDES = "left", "right"  # of PLACES


def write_label_studio(
    path: PathLike,
    export: Export,
    items: Any = None,
    *,
    labels: Any = None,
    scores: Any = None,
    question: str | None = None,
    to_name: str | None = None,
    number: Literal["number", "rating"] = "number",
    version: str = "skcrowd",
) -> Path:
    """Write items as tasks that Label Studio imports, with the consensus filled in.

    Parameters
    ----------
    path : path
        The JSON file to write.
    export : Export
        With `data`, from any tool.
    items : table, Series or sequence of names, default=None
        Which items, in this order; None for all. A table, such as those of
        ``next_queries``, ``label_quality`` or ``answer_quality``, has a column or index
        "item" or "sequence"; its other columns (whom to ask, which answer looks wrong)
        are written into the ``meta`` of the task.
    labels : sequence of n_items, or dict from item, default=None
        The consensus of all items of the export: labels or numbers as the answers are;
        lists of spans, or of tags of the tokens; sets of labels (also the rows of an
        indicator matrix); of the pairs of preferences "first", "second" or "tie". None
        and NaN are not known. A Series whose index is "item" is read by it.
        It becomes a prediction, which annotators see and can correct.
    scores : sequence of n_items, or dict from item, default=None
        How sure the consensus is, for sorting.
    question : str, default=None
        Name of the control in the labelling configuration; None: that of the export.
    to_name : str, default=None
        Name of the object that is labelled. None: that of the export, if it is from
        Label Studio; else "text", or, where spans are in another column and "text" is
        one of its own, the name of that column. Pairs are the objects "first" and
        "second".
    number : {"number", "rating"}, default="number"
        The control of answers that are numbers: Number, or Rating (stars).
    version : str, default="skcrowd"
        ``model_version`` of the predictions.

    Returns
    -------
    path : Path

    Raises
    ------
    ValueError
        If an item is unknown, the export has no data, or `labels` are not of the kind
        of the answers: another label than these, say.

    References
    ----------
    https://labelstud.io/guide/predictions

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.io import read_table, write_label_studio
    >>> rows = {"item": [1, 2], "user": "ab", "label": "xy", "text": "pq"}
    >>> export = read_table(rows, data=["text"])
    >>> with TemporaryDirectory() as folder:
    ...     path = write_label_studio(Path(folder) / "tasks.json", export, [2])
    ...     print(path.read_text().strip())
    [
    {"data": {"text": "q"}, "meta": {"item": 2}, "annotations": []}
    ]
    """
    question = control_of(export) if question is None else question
    if number not in ("number", "rating"):
        raise ValueError(f"number must be 'number' or 'rating', got {number!r}.")
    tasks = make_tasks(export, items, labels, scores)
    shown = _object(export) if to_name is None else to_name
    control = {"from_name": question, "to_name": shown}
    regions = _regions_of(export, number)
    return write_json(path, [_task(task, control, version, regions) for task in tasks])


def _object(export: Export) -> str:
    """Return the name of the object that is labelled, or the usual one."""
    if isinstance(export.annotations, Comparisons):
        return ",".join(PLACES)
    if export.to_name is not None:
        return export.to_name
    return text_column(export) if "text" in export.data else "text"


def _regions_of(export: Export, number: str) -> Callable[[Task], list[dict[str, Any]]]:
    """Return what writes the consensus as the controls of this kind have it."""
    if isinstance(export.annotations, Comparisons):
        return _preference
    if export.tokens is not None:
        return _spans
    return partial(_number, type_=number) if are_numbers(export) else _choices


def _task(
    task: Task,
    control: dict[str, str],
    version: str,
    regions: Callable[[Task], list[dict[str, Any]]],
) -> dict[str, Any]:
    """Return one task."""
    meta = {"item": task.item} | ({"notes": task.notes} if task.notes else {})
    written: dict[str, Any] = {"data": task.data, "meta": meta, "annotations": []}
    if task.label is None:
        return written
    result = [control | region for region in regions(task)]
    prediction: dict[str, Any] = {"model_version": version, "result": result}
    if task.score is not None:
        prediction["score"] = task.score
    return written | {"predictions": [prediction]}


def _preference(task: Task) -> list[dict[str, Any]]:
    """Return which of two is preferred; nothing for a tie, which has no sign."""
    if task.label not in PLACES:
        return []
    side = SIDES[PLACES.index(task.label)]
    return [{"type": "pairwise", "value": {"selected": side}}]


def _spans(task: Task) -> list[dict[str, Any]]:
    """Return spans, with the text that they cover."""
    text = task.text or ""
    return [
        {
            "type": "labels",
            "value": {
                "start": span.start,
                "end": span.end,
                "text": text[span.start : span.end],
                "labels": [span.label],
            },
        }
        for span in task.label
    ]


def _number(task: Task, type_: str) -> list[dict[str, Any]]:
    """Return a number or rating."""
    return [{"type": type_, "value": {type_: task.label}}]


def _choices(task: Task) -> list[dict[str, Any]]:
    """Return a label, or a set of labels."""
    chosen = list(task.label) if isinstance(task.label, tuple) else [str(task.label)]
    return [{"type": "choices", "value": {"choices": chosen}}]
