"""Items as tasks for annotators: what to ask or check next, and what is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from skcrowd.aggregation import Comparisons
from skcrowd.annotations import MultilabelAnnotations, SequenceAnnotations, Span
from skcrowd.annotations._tables import column_names

from ._annotations_export import Export
from ._pair_tasks import check_preference, pair_export

if TYPE_CHECKING:
    from skcrowd._typing import PathLike

__all__ = ["Task", "classes_of", "make_tasks", "plain", "write_json"]


_KEYS = {"item", "sequence"}  # what reports call the names of items


class Task(NamedTuple):
    """One item that is to be labelled or checked.

    Attributes
    ----------
    row : int
        In the export.
    item : object
        Its name.
    data : dict
    label : object
        The consensus; a list of Span where the answers are spans, a tuple where they
        are sets of labels, "first", "second" or "tie" where they are preferences, None
        if not given.
    score : float or None
        How sure that is.
    notes : list of dict
        What the table of items says of it: whom to ask, which answer looks wrong.
    """

    row: int
    item: Any
    data: dict[str, Any]
    label: Any
    score: float | None
    notes: list[dict[str, Any]]


def make_tasks(export: Export, items: Any, labels: Any, scores: Any) -> list[Task]:
    """Collect what is known of items.

    Parameters
    ----------
    export : Export
    items : table, Series, sequence of names or None
        See `write_label_studio`.
    labels, scores : sequence of n_items, Mapping from item, or None

    Returns
    -------
    tasks : list of Task

    Raises
    ------
    ValueError
        If an item is unknown, the export has no data, or `labels` do not fit.
    """
    are_pairs = isinstance(export.annotations, Comparisons)
    if are_pairs:
        wanted = None if items is None else list(_notes(items, export))
        columns, names = pair_export(export, wanted)
        export = replace(export, items=names, data=columns)
    data = export.data or ({} if export.tokens is None else {"text": export.texts})
    if not data:
        raise ValueError(
            "the export has no data of the items to show; read the file with data=True."
        )
    row_of = {item: row for row, item in enumerate(export.items)}
    notes = _notes(items, export)
    unknown = [item for item in notes if item not in row_of]
    if unknown:
        raise ValueError(
            f"items has {len(unknown)} names that are not in the export, such as "
            f"{unknown[0]!r}; those of the export are such as {export.items[0]!r}."
        )
    label = _by_item(labels, export, "labels")
    as_label: Callable[[Any], Any] = partial(_as_label, export.annotations)
    if are_pairs:
        as_label = check_preference
    score = _by_item(scores, export, "scores")
    return [
        Task(
            row_of[item],
            item,
            {name: values[row_of[item]] for name, values in data.items()},
            as_label(label.get(item)),
            None if score.get(item) is None else float(score[item]),
            found,
        )
        for item, found in notes.items()
    ]


def _notes(items: Any, export: Export) -> dict[Any, list[dict[str, Any]]]:
    """Return the other columns of all rows of an item, by item, in the order given."""
    notes: dict[Any, list[dict[str, Any]]] = {}
    if items is None:
        return {item: [] for item in export.items}
    if _KEYS & set(getattr(getattr(items, "index", None), "names", [])):
        items = items.reset_index()
    names = column_names(items)
    if names is None:
        for item in np.asarray(items, dtype=object).tolist():
            notes.setdefault(plain(item), [])
        return notes
    key = next((name for name in names if name in _KEYS), None)
    if key is None:
        raise ValueError(f"items is a table without a column 'item'; it has {names}.")
    columns = {name: [plain(value) for value in items[name]] for name in names}
    for k, item in enumerate(columns[key]):
        note = {name: columns[name][k] for name in names if name != key}
        notes.setdefault(item, []).append(note)
    return notes


def _by_item(values: Any, export: Export, name: str) -> dict[Any, Any]:
    """Return labels or scores by item."""
    if values is None:
        return {}
    if isinstance(values, Mapping):
        return dict(values)
    if getattr(getattr(values, "index", None), "name", None) in _KEYS:  # a Series
        return dict(zip(values.index.tolist(), values.tolist(), strict=True))
    listed = list(values)
    if len(listed) != len(export.items):
        raise ValueError(
            f"{name} has {len(listed)} entries, but the export {len(export.items)} "
            "items; give one for each item of the export, or a dict by item."
        )
    return dict(zip(export.items, listed, strict=True))


def _as_label(annotations: Any, value: Any) -> Any:
    """Return a label, a list of spans, or a set of labels as a tuple."""
    if value is not None and isinstance(annotations, MultilabelAnnotations):
        return tuple(map(str, _chosen(value, annotations)))
    if isinstance(value, (list, tuple)):
        return [Span(*span) for span in value]
    return plain(value)


def _chosen(value: Any, annotations: MultilabelAnnotations) -> Iterable[Any]:
    """Return the labels of a set, which may be a row of an indicator matrix."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        return annotations.classes[value.astype(bool)].tolist()
    labels: Iterable[Any] = sorted(value, key=str)
    return labels


def plain(value: Any) -> Any:
    """Return a value that JSON has.

    Parameters
    ----------
    value : object

    Returns
    -------
    plain : object
        Numbers of numpy become numbers, NaN None, what JSON lacks text.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and value != value:
        return None
    known = (bool, int, float, str, list, dict, tuple, type(None))
    return value if isinstance(value, known) else str(value)


def classes_of(export: Export) -> list[str]:
    """Return the labels of the question; of spans without the prefixes.

    Of preferences there are none: each pair has options of its own.

    Parameters
    ----------
    export : Export

    Returns
    -------
    labels : list of str
        Empty for numbers.
    """
    classes = getattr(export.annotations, "classes", None)
    if classes is None or isinstance(export.annotations, Comparisons):
        return []
    if not isinstance(export.annotations, SequenceAnnotations):
        return [str(label) for label in classes.tolist()]
    return sorted({str(tag)[2:] for tag in classes.tolist() if tag != "O"})


def write_json(path: PathLike, records: Iterable[Any], *, lines: bool = False) -> Path:
    """Write records as JSON or JSON Lines, in UTF-8.

    Parameters
    ----------
    path : path
    records : iterable
    lines : bool, default=False

    Returns
    -------
    path : Path
    """
    path = Path(path)
    texts = [json.dumps(record, ensure_ascii=False) for record in records]
    text = "\n".join(texts) if lines else "[\n" + ",\n".join(texts) + "\n]"
    path.write_text(text + "\n", encoding="utf-8")
    return path
