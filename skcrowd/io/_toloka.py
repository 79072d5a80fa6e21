"""Read results of a pool of Toloka: TSV or CSV.

The columns are documented on
https://github.com/Toloka/docs/blob/main/en/guide/concepts/result-of-eval.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ._annotations_export import Export
from ._choices import answer_of
from ._collector import Collector
from ._csv_rows import read_rows
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record
from ._name_types import is_missing
from ._progress import Progress
from ._reading import reading
from ._tool import Format, Head, Tool

__all__ = ["TOLOKA", "read_toloka"]

TOOL = Tool(
    "Toloka",
    "Download the results of the pool with the column ASSIGNMENT:worker_id (not the "
    "aggregated results).",
    is_text=True,
)
INPUT, OUTPUT, GOLDEN = "INPUT:", "OUTPUT:", "GOLDEN:"
WORKER, STATUS, TASK = (
    f"ASSIGNMENT:{name}" for name in ("worker_id", "status", "task_id")
)
_DONE = {"APPROVED", "ACCEPTED", "SUBMITTED", ""}


def read_toloka(
    path: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    item: str | None = None,
    kind: Kind = "auto",
    repeated: Repeated = "last",
    data: bool | Sequence[str] = False,
    progress: Progress = None,
) -> Export:
    r"""Read the results of a pool of Toloka.

    Parameters
    ----------
    path : path or list of paths
        TSV or CSV.
    question : str, default=None
        The output field, ``OUTPUT:QUESTION``. None: the only one.
    label : str, default=None
        Where an output is a list of labels: the one to read, as 1 or 0.
    item : str, default=None
        The column that names the items, such as "INPUT:image". None takes
        ``ASSIGNMENT:task_id``, if there is one, else all inputs.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is. "auto": numbers if one has decimal places, else labels.
    repeated : {"last", "first", "error"}, default="last"
        Which of several answers of a worker to one item counts, in the order of the
        file.
    data : bool or list of str, default=False
        Whether to keep the ``INPUT:`` columns, or which of them, without the prefix.
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
    Rejected, skipped and expired assignments are left out and counted.

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
    ...     _ = path.write_text(f"{head}\n7.png\tcat\tdog\tw1\n")
    ...     export = read_toloka(path)
    >>> export.annotations[0], export.gold
    ({'w1': 'cat'}, {'7.png': 'dog'})
    """
    options = Options(question, label, kind, repeated)
    options.check()
    collector = Collector(TOOL, data)
    for record in read_rows(path, progress):
        with reading(record, TOOL):
            _read_row(collector, record, item)
    return finish(collector, options)


def _read_row(collector: Collector, record: Record, item: str | None) -> None:
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
    status = row.get(STATUS, "").upper()
    if status not in _DONE:
        collector.left_out[f"{status.lower()} assignments"] += 1
        return
    read = {name: answer_of(value) for name, value in _part(row, OUTPUT).items()}
    answers = {name: one for name, one in read.items() if one is not None}
    collector.submit(number, row[WORKER], answers, record.number)


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
    return any(name.startswith(OUTPUT) for name in head.columns)


TOLOKA = Format(TOOL.title, read_toloka, _recognises)
