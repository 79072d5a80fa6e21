"""Write tasks for Label Studio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrowd.aggregation import Comparisons

from ._annotation_tasks import Task, make_tasks, write_json
from ._annotations_export import Export
from ._pair_tasks import PLACES

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
    to_name: str = "text",
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
        The consensus of all items of the export: labels, numbers, lists of spans, or
        sets of labels (also the rows of an indicator matrix); of the pairs of
        preferences "first", "second" or "tie". A Series whose index is "item" is read
        by it.
        It becomes a prediction, which annotators see and can correct.
    scores : sequence of n_items, or dict from item, default=None
        How sure the consensus is, for sorting.
    question : str, default=None
        Name of the control in the labelling configuration; None: that of the export.
    to_name : str, default="text"
        Name of the object that is labelled; pairs are the objects "first" and "second".
    version : str, default="skcrowd"
        ``model_version`` of the predictions.

    Returns
    -------
    path : Path

    Raises
    ------
    ValueError
        If an item is unknown, the export has no data, or `labels` do not fit.

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
    question = export.question if question is None else question
    are_pairs = isinstance(export.annotations, Comparisons)
    if are_pairs:
        to_name = ",".join(PLACES)
    control = {"from_name": question, "to_name": to_name}
    tasks = make_tasks(export, items, labels, scores)
    regions = _preference if are_pairs else _regions
    return write_json(path, [_task(task, control, version, regions) for task in tasks])


def _task(
    task: Task, control: dict[str, str], version: str, regions: Any
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


def _regions(task: Task) -> list[dict[str, Any]]:
    """Return the consensus as the controls for labels, numbers or spans have it."""
    label = task.label
    if isinstance(label, list):
        text = str(task.data.get("text", ""))
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
            for span in label
        ]
    if isinstance(label, float):
        return [{"type": "number", "value": {"number": label}}]
    chosen = list(label) if isinstance(label, tuple) else [str(label)]
    return [{"type": "choices", "value": {"choices": chosen}}]
