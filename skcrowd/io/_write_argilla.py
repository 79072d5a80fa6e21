"""Write records for Argilla."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._annotation_tasks import Task, control_of, make_tasks
from ._annotations_export import Export
from ._json_values import write_json

if TYPE_CHECKING:
    from skcrowd._typing import PathLike

__all__ = ["write_argilla"]


def write_argilla(
    path: PathLike,
    export: Export,
    items: Any = None,
    *,
    labels: Any = None,
    scores: Any = None,
    question: str | None = None,
    agent: str = "skcrowd",
) -> Path:
    """Write items as records of Argilla 2, with the consensus as suggestion.

    Parameters
    ----------
    path : path
        The JSON file to write, for ``dataset.records.from_json``.
    export : Export
        With `data`, from any tool; its columns are the fields.
    items : table, Series or sequence of names, default=None
        Which items, in this order; see `write_label_studio`. Other columns of a table
        become ``metadata``.
    labels : sequence of n_items, or dict from item, default=None
        The consensus of all items of the export: labels or numbers as the answers are;
        lists of spans, or of tags of the tokens; sets of labels (also the rows of an
        indicator matrix); of pairs, whose fields are "first" and "second", one of these
        or "tie". None and NaN are not known. Questions for a rating have whole numbers:
        round a consensus for these.
    scores : sequence of n_items, or dict from item, default=None
        How sure the consensus is.
    question : str, default=None
        Name of the question in the settings of the dataset; None: that of the export.
    agent : str, default="skcrowd"
        Whose suggestions they are.

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
    https://docs.argilla.io/latest/how_to_guides/import_export/

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.io import read_table, write_argilla
    >>> rows = {"item": [1, 2], "user": "ab", "label": "xy", "text": "pq"}
    >>> export = read_table(rows, data=["text"])
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "records.json"
    ...     _ = write_argilla(path, export, [2], labels=["x", "y"])
    ...     path.exists()
    True
    """
    question = control_of(export) if question is None else question
    tasks = make_tasks(export, items, labels, scores)
    return write_json(path, [_record(task, question, agent) for task in tasks])


def _record(task: Task, question: str, agent: str) -> dict[str, Any]:
    """Return one record."""
    metadata: dict[str, Any] = {}
    for note in task.notes:  # metadata has one value a name
        for name, value in note.items():
            metadata[name] = f"{metadata[name]}, {value}" if name in metadata else value
    suggestions = {}
    if task.label is not None:
        value = task.label
        if isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, list):
            value = [span._asdict() for span in value]
        elif isinstance(value, bool):  # labels of a question are texts
            value = str(value)
        suggestion = {"value": value, "score": task.score, "agent": agent}
        suggestions = {question: suggestion}
    return {
        "id": str(task.item),
        "fields": task.data,
        "metadata": metadata,
        "suggestions": suggestions,
        "responses": {},
        "vectors": {},
    }
