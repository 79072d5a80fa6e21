"""Read results of a pool of Toloka: TSV or CSV, or assignments in JSON.

The columns are documented on
https://github.com/Toloka/docs/blob/main/en/guide/concepts/result-of-eval.md; those that
may be asked for besides, and all statuses, in ``GetAssignmentsTsvParameters`` of
https://github.com/Toloka/toloka-kit (``src/client/assignment.py``). Assignments in JSON
are those of its API, with their tasks and solutions.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from ._annotations_export import Export
from ._choices import answer_of, counted_answer
from ._collector import Collector
from ._contents import JSON, content_of
from ._csv_rows import read_rows
from ._files import is_path, paths_of
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record
from ._name_types import is_missing
from ._prefixes import without_prefix
from ._progress import Progress
from ._reading import reading
from ._toloka_assignments import assigned_tasks
from ._tool import Format, Head, Tool

__all__ = ["TOLOKA", "read_toloka"]

TOOL = Tool(
    "Toloka",
    "Download the results of the pool with the column ASSIGNMENT:worker_id (not the "
    "aggregated results).",
    is_text=True,
)
INPUT, OUTPUT, GOLDEN = "INPUT:", "OUTPUT:", "GOLDEN:"
VERDICT = "ACCEPT:verdict"
WORKER, STATUS, TASK, PAGE, STARTED, SUBMITTED = (
    f"ASSIGNMENT:{name}"
    for name in (
        *("worker_id", "status", "task_id", "assignment_id"),
        *("started", "submitted"),
    )
)
_DONE = {"APPROVED", "ACCEPTED", "SUBMITTED", ""}


def read_toloka(
    path: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    item: str | None = None,
    kind: Kind = "auto",
    pair: tuple[str, str] | None = None,
    repeated: Repeated = "last",
    data: bool | Sequence[str] = False,
    progress: Progress = None,
) -> Export:
    r"""Read the results of a pool of Toloka.

    Parameters
    ----------
    path : path or list of paths
        TSV or CSV, or the assignments of the API as JSON or JSON Lines, each with its
        tasks and solutions.
    question : str, default=None
        The output field, ``OUTPUT:QUESTION``, with or without the prefix. None: the
        only one.
    label : str, default=None
        Where an output is a list of labels: the one to read, as 1 or 0. None reads
        all of them, as sets (MultilabelAnnotations), where somebody gave several.
    item : str, default=None
        The column that names the items, such as "INPUT:image". None takes
        ``ASSIGNMENT:task_id``, if there is one, else all inputs.
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": numbers if one has decimal places, else labels.
        "sets": sets of labels, also where nobody chose several.
    pair : tuple of two str, default=None
        Where answers prefer one of two items: the inputs, without the prefix, that name
        or show these, in the places in which people saw them. The answers become
        :class:`~skcrowd.aggregation.Comparisons`.
    repeated : {"last", "first", "error"}, default="last"
        Which of several answers of a worker to one item counts, in the order of the
        file.
    data : bool or list of str, default=False
        Whether to keep the ``INPUT:`` columns, or which of them. Their names are those
        without the prefix.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of the file.

    Returns
    -------
    export : Export
        Its `gold` are the answers of control tasks (``GOLDEN:``).

    Raises
    ------
    ValueError
        If the file is malformed (with the number of the row), a column is missing, or
        the question is not clear.

    Notes
    -----
    Rejected, skipped and expired assignments are left out and counted, also those that
    are about to be rejected, with "-" as ``ACCEPT:verdict``.

    Where the file has ``ASSIGNMENT:started`` and ``ASSIGNMENT:submitted`` (a column to
    tick in the download), the `time` of an answer is the time between them, shared
    among the tasks of the page: that is all that is known. Without
    ``ASSIGNMENT:assignment_id`` the tasks of a page are those that a worker started and
    submitted at the same times. ``started`` alone says nothing of it.

    References
    ----------
    https://github.com/Toloka/docs/blob/main/en/guide/concepts/result-of-eval.md

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skcrowd.io import read_toloka
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "assignments.tsv"
    ...     head = "INPUT:image\tOUTPUT:animal\tGOLDEN:animal\tASSIGNMENT:worker_id"
    ...     rows = "7.png\tcat\tdog\tw1", "7.png\tdog\tdog\tw2"
    ...     _ = path.write_text("\n".join([head, *rows]))
    ...     export = read_toloka(path)
    >>> export.annotations[0], export.gold
    ({'w1': 'cat', 'w2': 'dog'}, {'7.png': 'dog'})
    """
    question = None if question is None else question.removeprefix(OUTPUT)
    options = Options(question, label, kind, repeated, pair=pair)
    options.check()
    collector = Collector(TOOL, without_prefix(data, INPUT), pair)
    pages = _Pages()
    for record in _rows(path, progress):
        with reading(record, TOOL):
            _read_row(collector, record, item, pages)
    pages.share_times(collector)
    return finish(collector, options)


def _rows(path: Any, progress: Progress) -> Iterator[Record]:
    """Yield a record for each task of an assignment, with the columns of a TSV file."""
    for each in paths_of(path) or [path]:
        is_json = is_path(each) and content_of(Path(each)) == JSON
        yield from (assigned_tasks if is_json else read_rows)(each, progress)


class _Pages:
    """The pages of tasks, which are submitted as a whole."""

    def __init__(self) -> None:
        self.n_tasks: Counter[tuple[str, str]] = Counter()
        self.of_submission: list[tuple[str, str]] = []

    def share_times(self, collector: Collector) -> None:
        """Divide the time of each page among its tasks."""
        if "time" in collector.details and len(self.of_submission):
            n_tasks = [self.n_tasks[page] for page in self.of_submission]
            times = np.frombuffer(collector.details["time"]) / n_tasks
            collector.details["time"] = array("d", times.tolist())


def _read_row(
    collector: Collector, record: Record, item: str | None, pages: _Pages
) -> None:
    """Read one row: a worker's answers to one task."""
    row = record.data
    if WORKER not in row or not any(name.startswith(OUTPUT) for name in row):
        raise ValueError(
            f"{record.where} lacks the column {WORKER}, or any OUTPUT:…. "
            f"{TOOL.identity}"
        )
    inputs = _part(row, INPUT)
    number = collector.item(_name(row, inputs, item, record), inputs, record.where)
    gold = {name: answer_of(value) for name, value in _part(row, GOLDEN).items()}
    collector.set_gold(number, {n: g for n, g in gold.items() if g is not None})
    status = "REJECTED" if row.get(VERDICT) == "-" else row.get(STATUS, "").upper()
    if status not in _DONE:
        collector.left_out[f"{status.lower()} assignments"] += 1
        return
    read = {
        name: counted_answer(name, value, collector)
        for name, value in _part(row, OUTPUT).items()
    }
    answers = {name: one for name, one in read.items() if one is not None}
    times = f"{row.get(STARTED)} {row.get(SUBMITTED)}"
    page = row[WORKER], row.get(PAGE) or times
    pages.n_tasks[page] += 1
    if not is_missing(row[WORKER]):
        pages.of_submission.append(page)
    collector.submit(number, row[WORKER], answers, record.number, time=_seconds(row))


def _seconds(row: Mapping[str, str]) -> float | None:
    """Return how long the page of a task took; None if the file does not say it."""
    times = [row.get(name) for name in (STARTED, SUBMITTED)]
    if any(is_missing(time) for time in times):
        return None
    begin, end = (_moment(str(time)) for time in times)
    return (end - begin).total_seconds()


def _moment(text: str) -> datetime:
    """Read a time of ISO 8601."""
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time such as 2026-01-05T10:00:00.") from error


def _part(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    """Return the columns with a prefix, without it."""
    return {
        name.removeprefix(prefix): value
        for name, value in row.items()
        if name.startswith(prefix)
    }


def _name(
    row: dict[str, Any], inputs: dict[str, Any], item: str | None, record: Record
) -> str:
    """Return the name of the item of a row."""
    if item is not None:
        if item not in row:
            raise ValueError(f"{record.where} has no column {item!r}: {list(row)}.")
        return str(row[item])
    if not is_missing(row.get(TASK)):
        return str(row[TASK])
    return " | ".join(map(str, inputs.values()))


def _recognises(head: Head) -> bool:
    is_assignment = {"tasks", "solutions"} <= set(head.record or {})
    return is_assignment or any(name.startswith(OUTPUT) for name in head.columns)


TOLOKA = Format(TOOL.title, read_toloka, _recognises)
