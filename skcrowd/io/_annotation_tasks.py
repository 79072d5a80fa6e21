"""Items as tasks for annotators: what to ask or check next, and what is known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from skcrowd.aggregation import Comparisons
from skcrowd.annotations._tables import column_names

from ._annotations_export import Export
from ._json_values import plain
from ._label_studio_shown import Dialogue, Markup
from ._pair_tasks import pair_export
from ._task_consensus import KEYS, consensus_by_item, scores_by_item

__all__ = ["Task", "control_of", "make_tasks", "text_column"]

TEXT = "text"  # the column of texts that the data lack
PLAIN = "plain_text"  # where "text" is HTML or a dialogue


class Task(NamedTuple):
    """One item that is to be labelled or checked.

    Attributes
    ----------
    row : int
        In the export.
    item : object
        Its name.
    data : dict
    text : str or None
        Where the answers are spans, the text that these are in.
    label : object
        The consensus, a label or number; a list of Span where the answers are spans, a
        tuple where they are sets of labels, "first", "second" or "tie" where they are
        preferences, None if not given.
    score : float or None
        How sure that is.
    notes : list of dict
        What the table of items says of it: whom to ask, which answer looks wrong.
    """

    row: int
    item: Any
    data: dict[str, Any]
    text: str | None
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
    data = _shown(export)
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
    label = consensus_by_item(labels, export)
    score = scores_by_item(scores, export)
    return [
        Task(
            row_of[item],
            item,
            {name: plain(values[row_of[item]]) for name, values in data.items()},
            None if export.tokens is None else export.texts[row_of[item]],
            label.get(item),
            score.get(item),
            found,
        )
        for item, found in notes.items()
    ]


def control_of(export: Export) -> str:
    """Return the name of the question in the tool.

    Parameters
    ----------
    export : Export

    Returns
    -------
    name : str
        Without the label that was read, and without the object that is labelled, which
        tell questions apart.
    """
    name = export.question
    if export.label is not None:
        return name.removesuffix(f": {export.label}")
    return name.removesuffix(f" ({export.to_name})")


def text_column(export: Export) -> str:
    """Return the column of the data of tasks that has the texts of spans.

    Parameters
    ----------
    export : Export

    Returns
    -------
    name : str
        "text" where the answers are no spans, and where the data lack the texts;
        "plain_text" where "text" is HTML or a dialogue that shows them.

    Raises
    ------
    ValueError
        If the data have another column "text" instead.
    """
    if export.tokens is None:
        return TEXT
    found = [name for name, values in export.data.items() if values == export.texts]
    if not found and TEXT in export.data:
        if _show(export.data[TEXT], export.texts):
            return PLAIN
        raise ValueError(
            "the spans are not in the column 'text' of the data, and the column in "
            "which they are was not kept; read the file with data=True."
        )
    return TEXT if TEXT in found or not found else found[0]


def _show(values: list[Any], texts: list[str]) -> bool:
    """Return whether HTML or dialogues show texts."""
    forms = [next((f for f in (Dialogue, Markup) if f.has(v)), None) for v in values]
    return all(
        form is not None and form(value).text == text
        for form, value, text in zip(forms, values, texts, strict=True)
    )


def _shown(export: Export) -> dict[str, list[Any]]:
    """Return the columns that tasks show, with the texts of spans."""
    if export.tokens is None:
        return export.data
    return export.data | {text_column(export): export.texts}


def _notes(items: Any, export: Export) -> dict[Any, list[dict[str, Any]]]:
    """Return the other columns of all rows of an item, by item, in the order given."""
    notes: dict[Any, list[dict[str, Any]]] = {}
    if items is None:
        return {item: [] for item in export.items}
    if KEYS & set(getattr(getattr(items, "index", None), "names", [])):
        items = items.reset_index()
    names = column_names(items)
    if names is None:
        for item in np.asarray(items, dtype=object).tolist():
            notes.setdefault(plain(item), [])
        return notes
    key = next((name for name in names if name in KEYS), None)
    if key is None:
        raise ValueError(f"items is a table without a column 'item'; it has {names}.")
    columns = {name: [plain(value) for value in items[name]] for name in names}
    for k, item in enumerate(columns[key]):
        note = {name: columns[name][k] for name in names if name != key}
        notes.setdefault(item, []).append(note)
    return notes
