"""Read long tables: a row for each answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from skcrowd.annotations import Annotations
from skcrowd.annotations._warn import warn

from ._annotations_export import Export
from ._collector import Collector
from ._described_items import DescribedItems
from ._finish import Kind, Options, Repeated, finish
from ._finish_details import OF_SETS, refuse_details
from ._json_records import Record
from ._json_tables import is_json_table
from ._label_order import stated_order, with_order
from ._lists_in_cells import check_distinct_labels, listed
from ._name_types import is_missing
from ._nested_rows import nested_in, unnested
from ._probability_columns import (
    Probabilities,
    find_probabilities,
    read_probabilities,
)
from ._progress import Progress
from ._question_answers import LABEL, SET, SOFT, Answer
from ._reading import reading
from ._single_labels import warn_of_joined
from ._table_columns import (
    check_different,
    find_column,
    table_columns,
    warn_of_others,
)
from ._table_rows import in_memory, is_pandas, table_rows, with_index
from ._table_sets import SetRows
from ._tool import Format, Head, Tool
from ._unsure_signs import UnsureSigns
from ._wide_table import OWN_NAMES, check_wide, names_items, unpivoted

__all__ = ["TABLE", "read_table"]

TOOL = Tool(
    "a table",
    "Add a column with the name of who gave each answer.",
    is_text=True,
)
DETAILS = "confidence", "weight", "time"
_NAMES = {"item", "annotator", "answer", "annotators", "probabilities", "pair"}
_TABLE_FILES = {".parquet", ".pq", ".xlsx", ".xls", ".ods"}


def read_table(
    table: Any,
    *,
    item: str | None = None,
    annotator: str | None = None,
    answer: str | None = None,
    annotators: Sequence[str] | None = None,
    gold: str | None = None,
    confidence: str | None = None,
    weight: str | None = None,
    time: str | None = None,
    probabilities: Probabilities = None,
    unsure: Any = (),
    pair: tuple[str, str] | None = None,
    kind: Kind = "auto",
    separator: str | None = None,
    nothing: str | None = None,
    repeated: Repeated = "error",
    data: bool | Sequence[str] = False,
    progress: Progress = None,
) -> Export:
    """Read a table with a row for each answer, or for each item.

    Parameters
    ----------
    table : path, list of paths, DataFrame, or iterable of tuples or dicts
        A CSV or TSV file, JSON or JSON Lines (no further package is needed), Parquet
        (by pyarrow or polars), a spreadsheet (by pandas and openpyxl; its first sheet),
        a table of any library, or tuples (item, annotator, answer). A file whose name
        has none of their endings is recognised by its beginning. An index of pandas is
        a column, if it has a name, unless this is a usual name of what a column holds.
        A row may have all answers to an item: in two columns that are lists of equal
        length, or a column with a list of objects, or an object of lists.
    item, annotator, answer : str, default=None
        The names of the columns, or those in objects. None: recognised by their usual
        names, such as "task", "worker" and "label", of lists also "annotators" and
        "labels".
    annotators : list of str, default=None
        Of a wide table, with a row for each item: the columns of the annotators. Where
        no column of a DataFrame names the items, its index does.
    gold : str, default=None
        The column of true answers, empty where none is known. None: recognised by its
        name ("gold", "truth", or "label_gold" beside "label"), if there is one.
    confidence, weight, time : str, default=None
        The columns that say how sure the annotator was, by how much an answer counts,
        and how long it took; see `Annotations.with_details`. None: there is none. Of
        preferences they are refused, and of sets of labels `time`; the rows of one set
        have one confidence and one weight.
    probabilities : str or dict of label to str, default=None
        Where an answer gives each label a probability: the columns of these, as the
        beginning of their names, which the label follows (``"probability_"`` for those
        that `Annotations.to_long` writes), or by label. The answers are soft labels, as
        of `Annotations.from_soft_labels`, or with ``kind="sets"`` of
        `MultilabelAnnotations.from_soft_labels`. Rows without any are no answers.
    unsure : scalar or list, default=()
        Answers that mean "I don't know", which may be texts among numbers; see
        `Annotations.unsure`. Of sets of labels and of preferences they are refused.
    pair : tuple of two str, default=None
        Where answers prefer one of two items: the columns that name or show these, in
        the places in which people saw them. None: recognised by their usual names,
        such as "first" and "second", "left" and "right", "model_a" and "model_b". The
        answer is an item, the name of its column, a word such as "left", or "tie".
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": numbers if all are and one has decimal places, after
        a point or a comma; sets of labels if they are lists, also as texts in JSON or
        of Python, and one, or a true answer, has several; else labels. "sets":
        the rows of an annotator and item are the labels of one set, or, where a cell
        holds a list or several labels, whole answers.
    separator : str, default=None
        Text between several labels in one cell, such as "|"; answers are sets.
    nothing : str, default=None
        The answer that says that no label applies, such as "none"; answers are sets.
        Empty cells are no answers.
    repeated : {"last", "first", "error"}, default="error"
        Which of several answers of one annotator to one item counts. Of pairs without
        a column of names all count, unless "last" or "first" is given.
    data : bool or list of str, default=False
        Whether to keep the other columns, or which, of the first row of every item that
        has a value there. In those that are named here all rows of an item say the same
        or nothing, as in a column "text" anyway.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of the file.

    Returns
    -------
    export : Export
        Where the answers are ordered categories (of pandas, Enums of polars, ordered
        dictionaries of Arrow, also in Parquet), its annotations are `ordered`.

    Raises
    ------
    TypeError
        If it is no table, such as an open file.
    ValueError
        If a column is not found or there twice, a row is malformed or lacks its item,
        rows of one item have different texts, or an annotator answers an item again; if
        a list repeats a label, as tags of tokens may, and `kind` is "auto"; if a number
        is infinite, or its comma may separate thousands; if probabilities are negative
        or missing, or do not sum to 1 (of sets: are not between 0 and 1), or are given
        with options of other answers.

    Warns
    -----
    CrowdWarning
        If further columns have the usual name of one that was recognised, true answers
        hold labels that nobody has given, a label joins others by a comma or the like
        or has several lines, or each item has one answer and may be one.

    Examples
    --------
    >>> from skcrowd.io import read_table
    >>> rows = [
    ...     {"task": "t1", "worker": "w1", "label": "cat"},
    ...     {"task": "t1", "worker": "w2", "label": "dog"},
    ... ]
    >>> read_table(rows).annotations[0]
    {'w1': 'cat', 'w2': 'dog'}
    >>> table = {"id": [1, 2], "user": ["model", "model"]}
    >>> table |= {"p_yes": [0.9, 0.3], "p_no": [0.1, 0.7]}
    >>> read_table(table, probabilities="p_").annotations.probabilities
    array([[0.9, 0.1],
           [0.3, 0.7]])
    """
    if probabilities is not None:
        _check_soft(
            kind,
            answer=answer,
            annotators=annotators,
            unsure=unsure,
            pair=pair,
            separator=separator,
            nothing=nothing,
        )
    if separator == "":
        raise ValueError("separator is empty; give the text between labels, as '|'.")
    if separator is not None or nothing is not None:
        if kind not in ("auto", "sets"):
            raise ValueError(f"separator and nothing are for sets, not kind={kind!r}.")
        kind = "sets"
    details = {"confidence": confidence, "weight": weight, "time": time}
    details = {part: name for part, name in details.items() if name is not None}
    options = Options(
        kind=kind, repeated=repeated, unsure=unsure, pair=pair, details=tuple(details)
    )
    options.check()
    if kind == "sets":
        refuse_details(options, "sets of labels", OF_SETS)
    collector = Collector(TOOL, data)
    columns: dict[str, str] = {}
    shares: dict[Any, str] = {}
    given = {"item": item, "annotator": annotator, "answer": answer, "gold": gold}
    given = {part: None if name is None else str(name) for part, name in given.items()}
    table = in_memory(table)
    used = set() if isinstance(data, bool) else {*map(str, data)}
    is_wide = annotators is not None
    if annotators is not None:
        check_wide(annotators, given | details)
        annotators = list(map(str, annotators))
    if is_pandas(table):
        is_named = names_items(table, annotators, item, pair)
        named = [*given.values(), *details.values(), *(pair or ())]
        asked = {str(name) for name in named if name is not None}
        table = with_index(table, is_wide and not is_named, asked, annotators or ())
    records = table_rows(table, progress)
    nested: dict[str, str] = {}
    if annotators is not None:
        given |= OWN_NAMES
        records = unpivoted(records, annotators)
    elif probabilities is None:
        records, nested = unnested(records, given, map(str, details.values()))
        given |= nested
    reader: _Reader | None = None
    for record in records:
        if reader is None:
            names = list(record.data)
            if probabilities is not None:
                shares = find_probabilities(
                    names, probabilities, are_sets=kind == "sets"
                )
                options = options._replace(labels=tuple(shares))
            find = partial(table_columns, probabilities=[*shares.values()])
            columns = find(names, given, pair)
            found = {
                part: str(find_column(names, [], str(name), part))
                for part, name in details.items()
            }
            for part, name in found.items():
                check_different(columns | {part: name})
            columns |= found
            warn_of_others(names, columns, given, used)
            if "first" in columns:
                pair = columns["first"], columns["second"]
                options = options._replace(pair=pair)
                collector = Collector(TOOL, data, pair)
            given["item"] = columns.get("item")
            find = partial(find, given=given, pair=pair)
            reader = _Reader(collector, columns, kind, separator, nothing, shares)
            reader.names = dict.fromkeys(names)
            reader.keeps_all = "item" not in columns and repeated == "error"
        with reading(record, TOOL):
            if not record.data.keys() <= reader.names.keys():
                reader.widen(record, find)
            reader.read(record)
    if reader is not None:
        reader.sets.submit()
    export = finish(collector, options)
    if reader is not None:
        reader.warn_of_lines()
    if kind == "auto":
        warn_of_joined(export)
    if not shares:
        answered = list(annotators) if annotators else [columns.get("answer", "")]
        export = _in_order(export, stated_order(table, answered), unsure)
    has_id = columns.get("item", "").strip().lower() == "id"
    if item is None and has_id and not nested:
        _warn_of_row_numbers(export, columns["item"])
    return export


def _check_soft(kind: str, **others: Any) -> None:
    """Raise if an option of other answers is given with probabilities."""
    given = [
        name for name, value in others.items() if np.size(value) and value is not None
    ]
    if kind == "numbers":
        given.append("kind='numbers'")
    if given:
        raise ValueError(
            f"probabilities are the answers themselves, of labels or sets of labels; "
            f"leave out {', '.join(given)}."
        )


def _in_order(export: Export, order: list[Any] | None, unsure: Any) -> Export:
    """Say that the labels have an order, if the table does."""
    annotations = export.annotations
    if order is None or not isinstance(annotations, Annotations):
        return export
    if annotations.kind != "labels":
        return export
    signs = UnsureSigns(unsure).signs
    written = {str(sign) for sign in signs}
    labels = [one for one in order if not is_missing(one) and one not in signs]
    labels = [one for one in labels if str(one) not in written]
    return replace(export, annotations=with_order(annotations, labels))


def _warn_of_row_numbers(export: Export, column: str) -> None:
    """Warn if the ids of the items are probably those of the answers."""
    annotations = export.annotations
    if not isinstance(annotations, Annotations):
        return
    n_items, n_answers = len(export.items), annotations.n_answers
    if n_items == n_answers > 1 and annotations.n_annotators > 1:
        warn(
            f"every item has one answer: column {column!r} may number the answers. If "
            "so, pass item=, the column that names what was answered.",
            ("table", "row numbers"),
        )


class _Reader:
    """Reads rows, whose columns are known.

    Parameters
    ----------
    collector : Collector
    columns : dict from part to name
        See `table_columns`.
    kind : {"auto", "labels", "numbers", "sets"}
    separator, nothing : str or None
    shares : dict from label to name
        The columns of probabilities, if these are the answers.
    """

    def __init__(
        self,
        collector: Collector,
        columns: dict[str, str],
        kind: str,
        separator: str | None,
        nothing: str | None,
        shares: dict[Any, str],
    ) -> None:
        self.shares = shares
        self.collector, self.columns, self.kind = collector, columns, kind
        self.separator, self.nothing = separator, nothing
        self.keeps_all = False  # also what an annotator says of a pair again
        self.names: dict[str, None] = {}  # of all columns that were seen
        self._with_lines = ""  # an answer of several lines
        parts = "annotator", "answer", "gold", *DETAILS
        self.answered = {columns[part] for part in parts if part in columns}
        self.answered |= set(shares.values())
        self.described = DescribedItems(collector, self.answered)
        self._n_said: Counter[tuple[str, Hashable]] = Counter()
        self.sets = SetRows(collector)
        self._is_list = False  # the cell that was read last

    def widen(self, record: Record, find: Callable[[list[str]], Any]) -> None:
        """Look for true answers among columns that no earlier row has."""
        self.names |= dict.fromkeys(record.data)
        found = find(list(self.names))
        for part in found.keys() & {"annotator", "answer", "gold"}:
            name, before = found[part], self.columns.get(part, found[part])
            if before != name:
                raise ValueError(
                    f"{record.where} has a column {name!r}, which is named as {part}s "
                    f"are, but earlier rows have theirs in {before!r}; say which by "
                    f"{part}=."
                )
        if "gold" in found:
            self.columns["gold"] = found["gold"]
            self.answered.add(found["gold"])

    def warn_of_lines(self) -> None:
        """Warn if an answer has several lines, which may be several labels."""
        if self._with_lines:
            warn(
                f"an answer has several lines, {self._with_lines!r}, and was read as "
                "one label. If they are labels, as Appen writes those of one answer, "
                "pass the line break as separator=.",
                ("table", "lines"),
            )

    def read(self, record: Record) -> None:
        """Read one answer."""
        row, columns, collector = record.data, self.columns, self.collector
        parts = "item", "first", "second", "annotator"
        needed = [columns[part] for part in parts if part in columns]
        needed += self.shares.values()
        missing = [name for name in needed if name not in row]
        if missing:
            raise ValueError(f"{record.where} lacks {missing}; it has {list(row)}.")
        item = self._item(record)
        true = _cell(row.get(columns["gold"])) if "gold" in columns else None
        if not is_missing(true):
            collector.set_gold(item, {"answer": self._answer(true)})
        answer, annotator = self._given(row), _cell(row[columns["annotator"]])
        if answer is None:
            collector.left_out["rows without an answer"] += 1
            return
        details = {
            part: _in_seconds(row.get(columns[part]), part)
            for part in DETAILS
            if part in columns
        }
        if answer.kind == SET and self.kind == "sets" and not is_missing(annotator):
            self.sets.are_whole |= self._is_list
            self.sets.add(item, annotator, answer.value, details, record)
        else:
            collector.submit(
                item, annotator, {"answer": answer}, record.number, **details
            )

    def _given(self, row: Mapping[str, Any]) -> Answer | None:
        """Return the answer of a row, or None if there is none."""
        if self.shares:
            shares = read_probabilities(row, self.shares)
            return None if shares is None else Answer(SOFT, shares)
        value = _cell(row.get(self.columns["answer"]))
        if is_missing(value):
            return None
        answer = self._answer(value)
        is_one = self.kind == "auto" and answer.kind == LABEL and isinstance(value, str)
        if is_one and not self._with_lines and "\n" in value.strip():
            self._with_lines = value
        return answer

    def _item(self, record: Record) -> int:
        """Return the number of the item of a row; add it if it is new."""
        row, columns = record.data, self.columns
        parts = [columns[p] for p in ("item", "first", "second") if p in columns]
        name = _cell(row[parts[0]])
        if isinstance(name, (list, dict, set)):
            raise ValueError(
                f"{record.where} has the item {name!r}; an item is named by a text or "
                "a number."
            )
        if is_missing(name):
            raise ValueError(f"{record.where} has no item; drop it, or name the item.")
        if len(parts) > 1:
            name = " | ".join(str(_cell(row[part])) for part in parts)
            said = name, row[columns["annotator"]]
            if self.keeps_all and self._n_said[said]:
                name = f"{name} ({self._n_said[said] + 1})"
            self._n_said[said] += 1
        number = self.collector.items.get(name)
        if number is None:
            content = {k: v for k, v in row.items() if k not in self.answered}
            number = self.collector.item(name, content, record.where)
        self.described.add(number, row, record.where)
        return number

    def _answer(self, value: Any) -> Answer:
        """Return the answer in a cell."""
        value = value.item() if isinstance(value, np.generic) else value
        if isinstance(value, dict):
            raise ValueError(
                f"the answer {value!r} is an object; an answer is a label, a number or "
                "a list of labels. Probabilities of labels are read from a column for "
                "each, by probabilities=."
            )
        if self.kind in ("labels", "numbers"):
            return Answer(LABEL, _single(value, self.kind))
        chosen = listed(value)
        self._is_list = chosen is not None
        if self.kind == "auto" and chosen is not None:
            check_distinct_labels(chosen)
            return Answer(SET, chosen)
        if self.kind == "auto":
            return Answer(LABEL, value)
        if chosen is None and isinstance(value, str) and self.separator is not None:
            parts = [part.strip() for part in value.split(self.separator)]
            chosen = tuple(part for part in parts if part)
            self._is_list = len(chosen) > 1
        chosen = (value,) if chosen is None else chosen
        return Answer(SET, tuple(one for one in chosen if one != self.nothing))


def _single(value: Any, kind: str) -> Any:
    """Return a value that is no list."""
    if isinstance(value, (list, tuple, set, frozenset, dict)):
        raise ValueError(
            f"the answer {value!r} is a list, but kind={kind!r} reads single ones; "
            "pass kind='sets'."
        )
    return value


def _cell(value: Any) -> Any:
    """Return a cell: an array is a list, bytes are a text."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{value!r} is no text in UTF-8; decode it to a text."
            ) from error
    return value


def _in_seconds(value: Any, part: str) -> Any:
    """Return a duration in seconds, another value as it is."""
    is_duration = part == "time" and hasattr(value, "total_seconds")
    return value.total_seconds() if is_duration else value


def _recognises(head: Head) -> bool:
    if head.path.suffix.lower() in _TABLE_FILES:
        return True
    if head.columns or (head.record and _NAMES & set(head.options)):
        return True
    if head.record and is_json_table(head.record):
        return True
    if head.record and nested_in(head.record):
        return True
    try:
        table_columns(list(head.record or {}), {})
    except ValueError:
        return False
    return True


TABLE = Format(TOOL.title, read_table, _recognises)
