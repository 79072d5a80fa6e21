"""Read long tables: a row for each answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from skcrowd.annotations import Annotations
from skcrowd.annotations._warn import warn

from ._annotations_export import Export
from ._collector import Collector
from ._csv_rows import read_rows
from ._files import paths_of
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record, read_records
from ._name_types import is_missing, words
from ._parquet import parquet_rows
from ._progress import Progress
from ._question_answers import LABEL, Answer
from ._reading import reading
from ._tool import Format, Head, Tool

__all__ = ["TABLE", "find_column", "read_table"]

TOOL = Tool(
    "a table",
    "Add a column with the name of who gave each answer.",
    is_text=True,
)
ITEM = words(
    "item item_id task task_id example example_id instance instance_id document "
    "document_id doc_id question question_id unit unit_id sample sample_id image "
    "image_id id orig_id text url"
)
ANNOTATOR = words(
    "annotator annotator_id annotator_name worker worker_id workerid user user_id "
    "username rater rater_id coder coder_id labeler labeler_id labeller judge judge_id "
    "participant participant_id turk_id"
)
ANSWER = words(
    "answer label annotation response rating score judgment judgement value class "
    "category choice vote tag code"
)
GOLD = words("gold gold_label truth true_label ground_truth")
_TABLE_FILES = {".parquet", ".pq", ".xlsx", ".xls", ".ods"}


def read_table(
    table: Any,
    *,
    item: str | None = None,
    annotator: str | None = None,
    answer: str | None = None,
    gold: str | None = None,
    kind: Kind = "auto",
    repeated: Repeated = "error",
    data: bool | Sequence[str] = False,
    progress: Progress = None,
) -> Export:
    """Read a long table, with a row for each answer.

    Parameters
    ----------
    table : path, list of paths, DataFrame, or iterable of tuples or dicts
        A CSV or TSV file or JSON Lines (no further package is needed), Parquet (by
        pyarrow or polars), a spreadsheet (by pandas and openpyxl), a table of any
        library, or tuples (item, annotator, answer).
    item, annotator, answer : str, default=None
        The names of the columns. None: recognised by their usual names, such as
        "task", "worker" and "label".
    gold : str, default=None
        The column of true answers, empty where none is known. None: recognised by its
        name ("gold", "truth"), if there is one.
    kind : {"auto", "labels", "numbers"}, default="auto"
        What an answer is. "auto": numbers if one has decimal places, else labels.
    repeated : {"last", "first", "error"}, default="error"
        Which of several answers of one annotator to one item counts.
    data : bool or list of str, default=False
        Whether to keep the other columns, or which, of the first row of every item.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of the file.

    Returns
    -------
    export : Export

    Raises
    ------
    ValueError
        If a column is not found, a row is malformed or lacks its item, or an annotator
        answers an item again.

    Examples
    --------
    >>> from skcrowd.io import read_table
    >>> rows = [
    ...     {"task": "t1", "worker": "w1", "label": "cat"},
    ...     {"task": "t1", "worker": "w2", "label": "dog"},
    ... ]
    >>> read_table(rows).annotations[0]
    {'w1': 'cat', 'w2': 'dog'}
    """
    options = Options(kind=kind, repeated=repeated)
    options.check()
    collector = Collector(TOOL, data)
    columns: dict[str, str] = {}
    given = {"item": item, "annotator": annotator, "answer": answer, "gold": gold}
    for record in _records(table, progress):
        columns = columns or _columns(list(record.data), given)
        with reading(record, TOOL):
            _read_row(collector, record, columns, kind)
    export = finish(collector, options)
    if item is None and columns["item"].strip().lower() == "id":
        _warn_of_row_numbers(export, columns["item"])
    return export


def _warn_of_row_numbers(export: Export, column: str) -> None:
    """Warn if the ids of the items are probably those of the answers."""
    assert isinstance(export.annotations, Annotations)
    n_items, n_answers = len(export.items), export.annotations.n_answers
    if n_items == n_answers > 1 and export.annotations.n_annotators > 1:
        warn(
            f"every item has one answer: column {column!r} may number the answers. If "
            "so, pass item=, the column that names what was answered.",
            ("table", "row numbers"),
        )


def _columns(names: list[str], given: Mapping[str, str | None]) -> dict[str, str]:
    """Return the names of the columns by what they hold."""
    usual = {"annotator": ANNOTATOR, "answer": ANSWER, "item": ITEM, "gold": GOLD}
    columns: dict[str, str] = {}
    for part, known in usual.items():
        name = find_column(names, known, given.get(part), part, columns.values())
        if name is not None:
            columns[part] = name
    return columns


def find_column(
    names: list[str],
    usual: list[str],
    given: str | None,
    part: str,
    taken: Iterable[str] = (),
) -> str | None:
    """Return the column that holds items, annotators, answers or gold.

    Parameters
    ----------
    names : list of str
        All columns.
    usual : list of str
        Usual names, lower case, the likeliest first.
    given : str or None
        What the user said.
    part : {"item", "annotator", "answer", "gold"}
    taken : iterable of str
        Columns that hold something else.

    Returns
    -------
    name : str or None
        None if there is no gold.

    Raises
    ------
    ValueError
        If there is no such column.
    """
    if given is not None:
        if given not in names:
            raise ValueError(f"{part}={given!r} is no column; there are {names}.")
        return given
    free = [name for name in names if name not in set(taken)]
    plain = {name.strip().lower().replace(" ", "_"): name for name in reversed(free)}
    found = next((plain[name] for name in usual if name in plain), None)
    if found is None and part != "gold":
        raise ValueError(
            f"no column is named as {part}s usually are; pass {part}=, one of {names}. "
            "A table with a column for each annotator is read by "
            "Annotations.from_dense."
        )
    return found


def _read_row(
    collector: Collector, record: Record, columns: Mapping[str, str], kind: str
) -> None:
    """Read one answer."""
    row = record.data
    missing = [name for name in columns.values() if name not in row]
    if missing:
        raise ValueError(f"{record.where} lacks {missing}; it has {list(row)}.")
    if is_missing(row[columns["item"]]):
        raise ValueError(f"{record.where} has no item; drop it, or name the item.")
    number = collector.items.get(row[columns["item"]])
    if number is None:
        taken = {columns["annotator"], columns["answer"], columns.get("gold")}
        content = {name: value for name, value in row.items() if name not in taken}
        number = collector.item(row[columns["item"]], content, record.where)
    if "gold" in columns and not is_missing(row[columns["gold"]]):
        collector.set_gold(number, {"answer": _answer(row[columns["gold"]])})
    value = row[columns["answer"]]
    if is_missing(value):
        collector.left_out["rows without an answer"] += 1
        return
    collector.submit(
        number, row[columns["annotator"]], {"answer": _answer(value)}, record.number
    )


def _answer(value: Any) -> Answer:
    return Answer(LABEL, value.item() if hasattr(value, "item") else value)


def _records(table: Any, progress: Progress) -> Iterator[Record]:
    """Yield the rows of any table."""
    paths = paths_of(table)
    if paths is not None:
        for path in paths:
            yield from _rows_of_file(path, progress)
    elif hasattr(table, "iter_rows"):  # polars
        yield from read_records(table.iter_rows(named=True))
    elif hasattr(table, "to_pylist"):  # Arrow
        yield from read_records(table.to_pylist())
    elif hasattr(table, "to_dict") and hasattr(table, "columns"):  # pandas
        yield from read_records(map(dict, _pandas_rows(table)))
    elif isinstance(table, Mapping):
        columns = {name: list(values) for name, values in table.items()}
        rows = zip(*columns.values(), strict=True)
        yield from read_records(dict(zip(columns, row, strict=True)) for row in rows)
    else:
        yield from read_records(map(_named, table))


def _pandas_rows(frame: Any) -> Iterator[Iterable[tuple[str, Any]]]:
    names = [str(name) for name in frame.columns]
    frame = frame.astype(object).where(frame.notna(), None)
    for row in frame.itertuples(index=False, name=None):
        yield zip(names, row, strict=True)


def _named(row: Any) -> Any:
    """Name the parts of a tuple (item, annotator, answer)."""
    if isinstance(row, Mapping):
        return row
    if isinstance(row, (tuple, list)) and len(row) == 3:
        return dict(zip(("item", "annotator", "answer"), row, strict=True))
    raise TypeError(
        f"a row must be a tuple (item, annotator, answer) or a dict, got {row!r}."
    )


def _rows_of_file(path: Path, progress: Progress) -> Iterator[Record]:
    suffix = path.suffix.lower()
    if suffix in (".json", ".jsonl", ".ndjson"):
        yield from read_records(path, progress)
    elif suffix in (".parquet", ".pq"):
        yield from read_records(parquet_rows(path))
    elif suffix in _TABLE_FILES:
        yield from _records(_spreadsheet(path), None)
    else:
        yield from read_rows(path, progress)


def _spreadsheet(path: Path) -> Any:
    try:
        import pandas as pd

        return pd.read_excel(path)
    except ImportError as error:
        raise ImportError(
            f"{path.name} is read by pandas and openpyxl: pip install pandas openpyxl; "
            "or save it as CSV."
        ) from error


def _recognises(head: Head) -> bool:
    if head.path.suffix.lower() in _TABLE_FILES:
        return True
    names = head.columns or list(head.record or {})
    try:
        _columns(names, {})
    except ValueError:
        return bool(head.columns)
    return True


TABLE = Format(TOOL.title, read_table, _recognises)
