"""Read datasets of Argilla: JSON, Parquet, or a dataset of Hugging Face.

The columns are those of ``Dataset.records.to_datasets()`` and ``to_list(flatten=True)``
(https://docs.argilla.io/latest/how_to_guides/import_export/, seen in 2026; tests in
https://github.com/argilla-io/argilla), the lists of ``FeedbackDataset.format_as`` of
version 1, which ``datasets`` may return as dicts of lists
(https://docs.argilla.io/en/v1.18.0/practical_guides/export_dataset.html), and the
records with one ``annotation`` of the datasets before it.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np

from skcrowd.exceptions import CrowdWarning

from ._annotations_export import Export
from ._answered_again import kept_answer
from ._collector import Collector
from ._contents import PARQUET, ROWS, content_of
from ._files import paths_of
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record, read_records
from ._name_types import is_missing, is_number, place_in_text, span_label
from ._offsets import OffsetUnit, Places
from ._parquet import parquet_rows
from ._progress import Progress
from ._question_answers import LABEL, NUMBER, SET, SPANS, Answer
from ._reading import reading
from ._tool import Format, Head, Tool
from ._write_argilla import write_argilla

__all__ = ["ARGILLA", "read_argilla"]

TOOL = Tool(
    "Argilla",
    "Export with responses: dataset.records(with_responses=True).to_datasets() has "
    "their users in the columns QUESTION.responses.users.",
)
RESPONSES, USERS, STATUS = ".responses", ".responses.users", ".responses.status"
_IDS = "id", "external_id", "_server_id"
_OWN = {*_IDS, "status", "metadata", "vectors"}
_OWN |= {"inserted_at", "updated_at", "suggestions", "responses"}
ANNOTATION, AGENT = "annotation", "annotation_agent"  # of datasets before version 1.8
_OLD = {ANNOTATION, AGENT, "prediction", "prediction_agent", "explanation", "metrics"}
_OLD |= {"inputs", "tokens", "multi_label", "event_timestamp"}
_SUGGESTIONS = "-suggestion", "-suggestion-metadata"  # of version 1
RANKING = "ranking or other"
TIE = "tie"


def read_argilla(
    dataset: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    kind: Kind = "auto",
    pair: tuple[str, str] | None = None,
    repeated: Repeated = "last",
    data: bool | Sequence[str] = False,
    text: str | None = None,
    offsets: OffsetUnit = "auto",
    tokenizer: Any = None,
    scheme: Literal["IOB2", "BIOES"] = "IOB2",
    progress: Progress = None,
) -> Export:
    """Read a dataset of Argilla, version 1 or 2.

    Parameters
    ----------
    dataset : path, list of paths, iterable of records (dicts), or dict of columns
        JSON, JSON Lines or Parquet, or a ``datasets.Dataset`` of Hugging Face. Columns
        are lists, as ``to_dict`` returns them; a DataFrame has them, too.
    question : str, default=None
        Whose responses are read. None: the only one that is answered.
    label : str, default=None
        Where several labels may be chosen: the label to read, as 1 or 0. None reads
        all of them, as sets (MultilabelAnnotations), where somebody gave several.
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": ratings are numbers, labels labels. "sets": sets of
        labels, also where nobody chose several.
    pair : tuple of two str, default=None
        Where answers prefer one of two items: the fields that name or show these, in
        the places in which people saw them. The answers become
        :class:`~skcrowd.aggregation.Comparisons`.
    repeated : {"last", "first", "error"}, default="last"
        Which of several responses of a user to one record counts.
    data : bool or list of str, default=False
        Whether to keep the fields of the records, or which; texts of spans always.
    text : str, default=None
        The field in which the spans of the question are. None: "text", else the only
        text, if no other question is about spans.
    offsets : {"auto", "characters", "utf-16"}, default="auto"
        What the places of spans count. "auto" takes what makes spans whole words;
        UTF-16 code units, as the user interface counts, differ after an emoji only.
        Say it where words do not tell, as in scripts without spaces.
    tokenizer : callable, str or None, default=None
        For spans, as of :class:`~skcrowd.annotations.TokenizedTexts`.
    scheme : {"IOB2", "BIOES"}, default="IOB2"
        How tags mark spans.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of the file.

    Returns
    -------
    export : Export

    Raises
    ------
    ValueError
        If the file is malformed (with the number of the record), the question is not
        clear or its answers are neither labels, numbers nor spans, or no user is named.

    Warns
    -----
    CrowdWarning
        If all answers are the same list of several labels, which may be a ranking.

    Notes
    -----
    Only submitted responses, and those without a status, are answers; drafts and
    discarded ones are counted.

    Rankings of two are read as the one that is preferred, or "tie", and with `pair` as
    comparisons; longer ones cannot be read. Version 2 writes a ranking as the list of
    its labels: if all answers to a question are the same labels, in more than one
    order, they are taken for rankings, unless ``kind="sets"``; if all are the same
    list, for sets, with a warning.

    Argilla does not export how long a response took.

    References
    ----------
    https://docs.argilla.io/latest/how_to_guides/import_export/
    https://docs.argilla.io/en/v1.18.0/practical_guides/export_dataset.html

    Examples
    --------
    >>> from skcrowd.io import read_argilla
    >>> record = {"id": "7", "text": "Lovely!", "mood.responses": ["good", "bad"]}
    >>> record["mood.responses.users"] = ["u1", "u2"]
    >>> record["mood.responses.status"] = ["submitted", "draft"]
    >>> read_argilla([record]).annotations[0]
    {'u1': 'good'}
    """
    options = Options(question, label, kind, repeated, tokenizer, scheme, pair=pair)
    options.check()
    collector, places = Collector(TOOL, data, pair), Places(offsets, by_words=True)
    paths = paths_of(dataset)
    content = content_of(paths[0]) if paths else None
    if paths and content == ROWS:
        raise ValueError(
            f"{paths[0].name} is no JSON: a CSV file does not keep the lists of "
            "responses; write the dataset by to_json or to_parquet."
        )
    if content == PARQUET:
        dataset = (row for path in paths or [] for row in parquet_rows(path))
    is_guessed = False
    dataset = [dataset] if isinstance(dataset, Mapping) else _columns(dataset)
    for record in _rows(read_records(dataset, progress)):
        with reading(record, TOOL):
            is_guessed |= _read_record(collector, record, text, options, places)
    if is_guessed:
        _check_field(collector, options)
    if kind != "sets":
        _find_rankings(collector)
    return finish(collector, options)


def _columns(dataset: Any) -> Any:
    """Return the columns of a table of pandas or polars as one record, or `dataset`."""
    if not hasattr(dataset, "columns"):
        return dataset
    return [{str(name): dataset[name].to_list() for name in dataset.columns}]


def _rows(records: Iterable[Record]) -> Iterator[Record]:
    """Yield the rows of a table that is one record, a dict of lists, and others."""
    for record in records:
        columns = record.data
        if not columns or not all(isinstance(c, list) for c in columns.values()):
            yield record
            continue
        if len({len(column) for column in columns.values()}) > 1:
            raise ValueError(
                f"{record.where} has columns of different lengths; export it again."
            )
        for number, values in enumerate(zip(*columns.values(), strict=True), start=1):
            row = dict(zip(columns, values, strict=True))
            yield Record(row, f"record {number}", number, record.source)


def _check_field(collector: Collector, options: Options) -> None:
    """Raise if several questions are about spans, of one field each."""
    with_spans = [n for n, q in collector.questions.items() if q.kind == SPANS]
    if len(with_spans) > 1 and options.question in with_spans:
        raise ValueError(
            f"the questions {with_spans} are about spans, and it is not certain of "
            "which field; pass text=, the field in which those of "
            f"{options.question!r} are."
        )


def _read_record(
    collector: Collector,
    record: Record,
    text: str | None,
    options: Options,
    places: Places,
) -> bool:
    """Read one record and all responses to it; return if it has several texts."""
    data = {name: _without_arrays(value) for name, value in record.data.items()}
    responses = list(_responses(data, record))
    questions = {question for question, *_ in responses}
    content = _fields(data, questions)
    names = [data.get(key) for key in _IDS]
    if not any(key in data for key in _IDS):
        raise ValueError(f"{record.where} has no id of its item; export the ids, too.")
    number = len(collector.items) + 1  # a record has all responses to it
    name = next((each for each in names if not is_missing(each)), f"record {number}")
    item = collector.item(name, content, record.where)
    by_user: dict[Any, dict[str, list[Answer]]] = {}
    for question, user, value, status in responses:
        if status not in (None, "submitted"):
            collector.left_out[f"responses that are {status}"] += 1
        elif value is not None:
            answer = _answer(value)
            if answer is None:
                collector.unreadable[f"{question} ({RANKING})"] += 1
            else:
                named = None if user == "None" else user  # as str() of no user
                listed = by_user.setdefault(named, {}).setdefault(question, [])
                listed.append(answer)
    for _ in range(max(map(len, by_user.pop(None, {}).values()), default=0)):
        collector.submit(item, None, {}, record.number)
    for user, given in by_user.items():
        answers = {
            name: kept_answer(listed, name, collector, options)
            for name, listed in given.items()
        }
        spans = {
            n: a.value
            for n, a in answers.items()
            if a.kind == SPANS and options.question in (None, n)
        }
        if spans:
            field = _field_of_spans(content, text, record)
            collector.texts[item] = content[field]
        for name, unplaced in spans.items():
            found = _placed(unplaced, content, field, places, record)
            answers[name] = Answer(SPANS, found)
        collector.submit(item, user, answers, record.number)
    shown = content.get(_text_field(content, text) or "")
    for given in by_user.values() or [{}]:
        collector.keep_text(item, shown, {n: each[-1] for n, each in given.items()})
    return text is None and len(_texts(content)) > 1


def _without_arrays(value: Any) -> Any:
    """Return arrays as lists, which pandas reads from Parquet."""
    if not isinstance(value, np.ndarray):
        return value
    return [_without_arrays(one) for one in value.tolist()]


def _fields(data: Mapping[str, Any], questions: set[str]) -> dict[str, Any]:
    """Return the fields of a record, without answers, metadata and the like."""
    if isinstance(data.get("fields"), Mapping):
        return dict(data["fields"])
    in_columns = {name for name in questions if name + RESPONSES in data}
    unanswered = {name for name in data if f"{name}-suggestion" in data}
    own = (
        _OWN
        | (questions - in_columns)
        | unanswered
        | (_OLD if _is_old(data) else set())
    )
    return {
        name: value
        for name, value in data.items()
        if name not in own and ".responses" not in name
        if ".suggestion" not in name and not name.endswith(_SUGGESTIONS)
    }


def _responses(
    data: Mapping[str, Any], record: Record
) -> Iterator[tuple[str, Any, Any, str | None]]:
    """Yield (question, user, value, status) of all responses, in any form."""
    if _is_old(data):
        status = "discarded" if data.get("status") == "Discarded" else None
        yield ANNOTATION, data[AGENT], data[ANNOTATION], status
        return
    for column in data:
        if column.endswith(RESPONSES):
            yield from _from_columns(data, column.removesuffix(RESPONSES), record)
            continue
        listed = _as_rows(data[column])
        if _are_responses(listed):
            for each in listed:
                yield column, each["user_id"], each["value"], each.get("status")
    nested = data.get("responses") or []
    if isinstance(nested, Mapping):  # by question
        for question, listed in nested.items():
            for each in listed:
                yield question, each.get("user_id"), each["value"], each.get("status")
    else:  # by user
        for each in nested:
            values = each.get("values") or {}
            if not values:  # discarded without an answer
                yield "", each.get("user_id"), None, each.get("status")
            for question, value in values.items():
                yield question, each.get("user_id"), value["value"], each.get("status")


def _from_columns(
    data: Mapping[str, Any], question: str, record: Record
) -> Iterator[tuple[str, Any, Any, str | None]]:
    """Yield the responses to a question that lie in three columns."""
    values = data[question + RESPONSES]
    if is_missing(values):  # also in a table of pandas
        return
    texts = [
        name for name in (RESPONSES, USERS, STATUS) if _is_text(data, question, name)
    ]
    if texts:
        raise ValueError(
            f"{record.where}: {question + texts[0]!r} is a text, where a list was "
            "expected; write the dataset as JSON or Parquet, which keep lists."
        )
    n = len(values)
    users = data.get(question + USERS) or [None] * n
    status = data.get(question + STATUS) or [None] * n
    if len(users) != n or len(status) != n:
        raise ValueError(
            f"{record.where}: {question!r} has {n} responses, but {len(users)} users "
            f"and {len(status)} statuses; export it again."
        )
    for user, value, state in zip(users, values, status, strict=True):
        yield question, user, value, state


def _is_text(data: Mapping[str, Any], question: str, name: str) -> bool:
    return isinstance(data.get(question + name), str)


def _is_old(data: Mapping[str, Any]) -> bool:
    """Whether a record has one annotation, as before version 1.8."""
    return {ANNOTATION, AGENT} <= set(data)


def _as_rows(value: Any) -> Any:
    """Return a list of dicts where tables have turned it into a dict of lists."""
    if not isinstance(value, Mapping) or not value:
        return value
    if not all(isinstance(column, (list, tuple)) for column in value.values()):
        return value
    if len({len(column) for column in value.values()}) > 1:
        return value
    rows = zip(*value.values(), strict=True)
    return [dict(zip(value, row, strict=True)) for row in rows]


def _are_responses(value: Any) -> bool:
    """Whether a column of version 1 holds responses."""
    return isinstance(value, list) and bool(value) and all(map(_is_response, value))


def _is_response(value: Any) -> bool:
    return isinstance(value, Mapping) and {"user_id", "value"} <= set(value)


def _answer(value: Any) -> Answer | None:
    """Return the answer that a value is; None if it is a long ranking or so."""
    value = _as_rows(value)
    if isinstance(value, str):
        return Answer(LABEL, value)
    if is_number(value):
        return Answer(NUMBER, float(value))
    if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
        return Answer(SET, tuple(value))
    if isinstance(value, (list, tuple)) and value and all(map(_is_old_span, value)):
        return Answer(SPANS, tuple((start, end, label) for label, start, end in value))
    if isinstance(value, (list, tuple)) and all(
        isinstance(v, Mapping) and {"start", "end", "label"} <= set(v) for v in value
    ):
        spans = [
            (
                place_in_text(v["start"]),
                place_in_text(v["end"]),
                span_label(v["label"]),
            )
            for v in value
        ]
        return Answer(SPANS, tuple(spans))
    return _preferred(value)


def _is_old_span(value: Any) -> bool:
    """Whether a value is (label, start, end), as in records before version 1.8."""
    is_triple = isinstance(value, (list, tuple)) and len(value) == 3
    return is_triple and list(map(type, value)) == [str, int, int]


def _preferred(value: Any) -> Answer | None:
    """Return the better of two that are ranked; None if it is something else."""
    if not isinstance(value, (list, tuple)) or len(value) != 2:
        return None
    if not all(isinstance(v, Mapping) and {"rank", "value"} <= set(v) for v in value):
        return None
    best, other = sorted(value, key=lambda v: int(v["rank"]))
    is_tie = best["rank"] == other["rank"]
    return Answer(LABEL, TIE if is_tie else str(best["value"]))


def _find_rankings(collector: Collector) -> None:
    """Find lists that are rankings: of the same labels, in more than one order."""
    for name, question in list(collector.questions.items()):
        orders = question.values
        if question.kind == SET and len(orders) == 1 and len(question) > 1:
            _warn_of_one_order(name, orders[0], len(question))
        if question.kind != SET or len(orders) < 2:
            continue
        n_labels = len(orders[0])
        if n_labels < 2 or len({frozenset(order) for order in orders}) > 1:
            continue
        if n_labels == 2:
            question.kind = LABEL
            question.codes = {order[0]: code for code, order in enumerate(orders)}
        else:
            del collector.questions[name]
            collector.unreadable[f"{name} ({RANKING})"] += len(question)


def _warn_of_one_order(name: str, labels: tuple[Any, ...], n_answers: int) -> None:
    """Warn if all answers are the same list, which may be a ranking."""
    if len(labels) > 1:
        warnings.warn(
            f"all {n_answers} answers to {name!r} are {list(labels)}, which are read "
            "as sets of labels; rankings on which all agree look the same. Pass "
            "kind='sets' if they are sets.",
            CrowdWarning,
            stacklevel=4,
        )


def _texts(content: Mapping[str, Any]) -> list[str]:
    return [name for name, value in content.items() if isinstance(value, str)]


def _text_field(content: Mapping[str, Any], field: str | None) -> str | None:
    """Return the field in which spans are, if that is certain."""
    texts = _texts(content)
    if field is not None:
        return field if field in texts else None
    return "text" if "text" in texts else texts[0] if len(texts) == 1 else None


def _field_of_spans(
    content: Mapping[str, Any], field: str | None, record: Record
) -> str:
    """Return the field in which spans are."""
    found = _text_field(content, field)
    if found is None:
        raise ValueError(
            f"{record.where}: it is not certain which field the spans are in; pass "
            f"text=, one of {list(content)}."
        )
    return found


def _placed(
    spans: tuple[tuple[int, int, str], ...],
    content: Mapping[str, Any],
    field: str,
    places: Places,
    record: Record,
) -> tuple[tuple[int, int, str], ...]:
    """Return spans with places in characters; raise if one is not in the text."""
    text, placed = content[field], []
    for start, end, label in spans:
        place = places.find(text, start, end, None, record.where)
        if place is None:
            raise ValueError(
                f"{record.where}: the span {(start, end, label)} does not lie in field "
                f"{field!r}, which has {len(text)} characters."
            )
        placed.append((*place, label))
    return tuple(placed)


def _recognises(head: Head) -> bool:
    record = head.record or {}
    if any(name.endswith(RESPONSES) for name in [*record, *head.columns]):
        return True
    is_nested = "fields" in record and "responses" in record
    columns = {*record, *head.columns}
    is_old = {ANNOTATION, AGENT, "status"} <= columns
    return (
        is_nested or is_old or any(_are_responses(_as_rows(v)) for v in record.values())
    )


ARGILLA = Format(TOOL.title, read_argilla, _recognises, write_argilla)
