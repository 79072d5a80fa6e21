"""Write tasks for Prodigy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from skcrowd.aggregation import Comparisons

from ._annotation_tasks import Task, make_tasks
from ._annotations_export import Export
from ._json_values import write_json
from ._pair_tasks import PLACES, TIE
from ._task_consensus import are_numbers, classes_of

if TYPE_CHECKING:
    from skcrowd._typing import PathLike
    from skcrowd.annotations import Span

__all__ = ["write_prodigy"]

_CONTENT = ("text", "image", "audio", "video", "html")


def write_prodigy(
    path: PathLike,
    export: Export,
    items: Any = None,
    *,
    labels: Any = None,
    scores: Any = None,
) -> Path:
    r"""Write items as tasks for Prodigy, with the consensus filled in.

    Parameters
    ----------
    path : path
        The JSON Lines file to write: the source of a recipe such as ``mark`` with
        ``--view-id choice``, or ``ner.manual`` for spans.
    export : Export
        With `data`, from any tool.
    items : table, Series or sequence of names, default=None
        Which items, in this order; see `write_label_studio`. Other columns of a table
        are shown as ``meta``.
    labels : sequence of n_items, or dict from item, default=None
        The consensus of all items of the export: labels; lists of spans, or of tags of
        the tokens; sets of labels (also the rows of an indicator matrix); of pairs
        "first", "second" or "tie". None and NaN are not known. Labels are accepted
        options that annotators can change. Pairs are read again by
        ``read_prodigy(pair=("first", "second"))``.
    scores : sequence of n_items, or dict from item, default=None
        How sure the consensus is; shown as ``meta``.

    Returns
    -------
    path : Path

    Raises
    ------
    ValueError
        If an item is unknown, the export has no data, or `labels` are not of the kind
        of the answers: another label than these, say. Numbers are
        refused: Prodigy has no interface for them.

    References
    ----------
    https://prodigy.ai/docs/api-interfaces

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.io import read_table, write_prodigy
    >>> rows = {"item": [1, 2], "user": "ab", "label": "xy", "text": "pq"}
    >>> export = read_table(rows, data=["text"])
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "tasks.jsonl"
    ...     _ = write_prodigy(path, export, [2], labels=["x", "y"])
    ...     print(path.read_text().replace("{", "\n{").strip())
    {"text": "q", "meta":
    {"item": 2}, "options": [
    {"id": "x", "text": "x"},
    {"id": "y", "text": "y"}], "accept": ["y"]}
    """
    if labels is not None and are_numbers(export):
        raise ValueError(
            "the answers are numbers, for which Prodigy has no interface; leave out "
            "labels, or read the answers with kind='labels'."
        )
    known = classes_of(export)
    tasks = make_tasks(export, items, labels, scores)
    return write_json(path, [_task(t, export, known) for t in tasks], lines=True)


def _task(task: Task, export: Export, known: dict[str, Any]) -> dict[str, Any]:
    """Return one task, whose options are the labels that are known."""
    options = [{"id": label, "text": text} for text, label in known.items()]
    are_pairs = isinstance(export.annotations, Comparisons)
    if are_pairs:
        shown = task.data | {TIE: TIE}
        options = [{"id": name, "text": str(text)} for name, text in shown.items()]
        task = task._replace(data=task.data | {"text": task.item})
    content = {name: task.data[name] for name in _CONTENT if name in task.data}
    if task.text is not None:
        content["text"] = task.text
    written = content or {"text": export.texts[task.row]}
    if are_pairs:
        written |= {name: task.data[name] for name in PLACES}
    meta = {"item": task.item} | ({} if task.score is None else {"score": task.score})
    for note in task.notes:  # several rows of an item: as one text each
        for name, value in note.items():
            meta[name] = f"{meta[name]}, {value}" if name in meta else value
    written["meta"] = meta
    if export.tokens is not None:
        return written | _spans(task, export)
    accept = [] if task.label is None else [task.label]
    if isinstance(task.label, tuple):
        accept = [known[text] for text in task.label]
    return written | {"options": options, "accept": accept}


def _spans(task: Task, export: Export) -> dict[str, Any]:
    """Return tokens and spans; the last token of a span belongs to it."""
    assert export.tokens is not None
    offsets, words = export.tokens.offsets[task.row], export.tokens[task.row]
    tokens = [
        {"text": word, "start": start, "end": end, "id": k}
        for k, (word, (start, end)) in enumerate(zip(words, offsets, strict=True))
    ]
    spans = [_span(span, offsets, task.item) for span in task.label or []]
    return {"tokens": tokens, "spans": spans}


def _span(span: Span, offsets: list[tuple[int, int]], item: Any) -> dict[str, Any]:
    """Return a span with the numbers of its tokens."""
    inside = [k for k, (a, b) in enumerate(offsets) if b > span.start and a < span.end]
    if not inside:
        raise ValueError(
            f"the span {tuple(span)} of the item {item!r} covers no token, and Prodigy "
            "marks tokens; drop it."
        )
    first, last = inside[0], inside[-1]
    return {
        "start": offsets[first][0],
        "end": offsets[last][1],
        "token_start": first,
        "token_end": last,
        "label": span.label,
    }
