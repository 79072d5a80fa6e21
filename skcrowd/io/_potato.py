"""Read the output of Potato: JSON Lines, states or tables of all users.

The formats are those of https://github.com/davidjurgens/potato (README, ``docs/`` and
tests): ``annotated_instances.jsonl`` with ``label_annotations`` and
``span_annotations``, or as CSV and TSV with columns ``scheme:::label``;
``user_state.json`` of version 2 and its exports (``export/tabular_exporter.py``):
``annotations.jsonl``, and tables with columns ``scheme.label``. Times are in
``behavioral_data``: ``time_string`` of version 1, ``total_time_ms``
(``interaction_tracking.py``) of version 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from ._annotations_export import Export
from ._choices import label_list
from ._collector import Collector
from ._contents import ROWS, content_of
from ._csv_rows import read_rows
from ._decimal_numbers import as_number
from ._files import files_of_users, is_path
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record, parse_json, read_records
from ._left_out import EMPTY_FILES
from ._offsets import OffsetUnit
from ._potato_keys import KEYS, KeyBindings
from ._potato_spans import PotatoSpans
from ._progress import Progress
from ._question_answers import LABEL, NUMBER, SET, SPANS, Answer
from ._reading import reading
from ._tool import Format, Head, Tool

__all__ = ["POTATO", "read_potato"]

TOOL = Tool(
    "Potato",
    "Pass the folder annotation_output, which has a folder for each user, or "
    "{'ann': 'ann/annotated_instances.jsonl'}.",
)
INSTANCES, STATE = "annotated_instances.jsonl", "user_state.json"
_FILES = STATE, *(f"annotated_instances.{form}" for form in ("csv", "tsv", "json"))
BEHAVIOUR = "instance_id_to_behavioral_data"
_LABELS = ("label_annotations", "labels", "annotation")
_USERS = ("user", "user_id", "username")
_FLAGS = (True, "true", "True", "1", 1, "on")
_NO = ("0", 0)
_SCALE = re.compile(r"(?:scale|slider|number|text_box)(?:_(\d+|value))?")
_POINT = re.compile(r"scale_(\d+)")
_TIME = re.compile(r"(\d+)d (\d+)h (\d+)m (\d+)s")
_SELECTIONS = {"selection"}, {"select-one"}  # of pairwise, of a list to select from
_TEXT = "free_response"  # beside labels
_DECISION = {"decision"}  # of triage
_DECISIONS = "accept", "reject", "skip"
_RANKINGS = {"rank_order"}, {"best", "worst"}
_ROOM = "_room", "_room_id"  # in which several users answered, in a table
_ORIGIN = {"annotator_origin", "annotator_origin_detail"}  # whether a user is a model


def read_potato(
    files: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    kind: Kind = "auto",
    repeated: Repeated = "last",
    data: bool | Sequence[str] = False,
    texts: Mapping[Any, str] | None = None,
    offsets: OffsetUnit = "auto",
    tokenizer: Any = None,
    scheme: Literal["IOB2", "BIOES"] = "IOB2",
    progress: Progress = None,
) -> Export:
    """Read annotations of Potato.

    Parameters
    ----------
    files : folder, path, dict from user to path, or iterable of records (dicts)
        The folder ``annotation_output``; or files ``annotated_instances.jsonl`` (or
        ``.csv``, ``.tsv``), ``user_state.json``, or an export as JSON Lines or table.
    question : str, default=None
        The annotation scheme. None: the only one.
    label : str, default=None
        Where several labels may be chosen: the label to read, as 1 or 0. None reads
        all of them, as sets (MultilabelAnnotations), where somebody gave several.
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": Likert scales and sliders are numbers, choices
        labels. "sets": sets of labels, also where nobody chose several.
    repeated : {"last", "first", "error"}, default="last"
        Which of several annotations of an instance by one user counts.
    data : bool or list of str, default=False
        Whether to keep the displayed texts, as column "text"; those of spans always.
    texts : Mapping from instance to str, default=None
        The texts that were displayed, for spans in outputs of version 2, which have
        none.
    offsets : {"auto", "characters", "utf-16"}, default="auto"
        What the places of spans count. "auto" compares the covered text, and without
        one takes what makes spans whole words. UTF-16 code units, as browsers count,
        differ after an emoji only. Say it where words do not tell, as in scripts
        without spaces.
    tokenizer : callable, str or None, default=None
        For spans, as of :class:`~skcrowd.annotations.TokenizedTexts`.
    scheme : {"IOB2", "BIOES"}, default="IOB2"
        How tags mark spans.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of each file.

    Returns
    -------
    export : Export

    Raises
    ------
    ValueError
        If a file is malformed (with the number of the record), no user is named, the
        question is not clear, or its answers are free text.

    Notes
    -----
    Which of two items was preferred (pairwise) are labels such as "A", "B" and "tie";
    the output does not say what the items were. Scales of preference are numbers.
    A character beside a label is the key that chooses it, unless other characters are
    beside the same label: it is then the name of a box, for numbers or free text.
    The time spent on an instance is the `time` of its answers. Spans of one scheme in
    several fields are refused: the output has one text.

    References
    ----------
    J. Pei et al. POTATO: The portable text annotation tool. EMNLP 2022 (system
    demonstrations), https://github.com/davidjurgens/potato

    Examples
    --------
    >>> from skcrowd.io import read_potato
    >>> record = {"id": "7", "displayed_text": "Lovely!", "user": "ann"}
    >>> export = read_potato([record | {"label_annotations": {"mood": {"good": "1"}}}])
    >>> export.annotations[0]
    {'ann': 'good'}
    """
    options = Options(question, label, kind, repeated, tokenizer, scheme)
    options.check()
    collector, spans = Collector(TOOL, data), PotatoSpans(question, offsets)
    answers = KeyBindings(collector)
    shown = {str(name): text for name, text in (texts or {}).items()}
    for user, record in _records(files, progress, collector):
        with reading(record, TOOL):
            if "instance_id_to_label_to_value" in record.data:
                _read_state(answers, record, user, spans, shown)
            else:
                _read_instance(answers, record, user, spans, shown)
    answers.close()
    return finish(collector, options)


def _records(
    files: Any, progress: Progress, collector: Collector
) -> Iterator[tuple[Hashable, Record]]:
    """Yield each record, with the user whose file it is in, if that is known."""
    if is_path(files) and Path(files).is_dir():
        files = _files_of_users(Path(files))
        if not files:
            raise ValueError(f"there is no {INSTANCES} in a folder. {TOOL.identity}")
    users = files if isinstance(files, Mapping) else {None: files}
    known = files_of_users(users)
    collector.left_out[EMPTY_FILES] += len(users) - len(known)
    for user, path in known.items():
        is_table = is_path(path) and content_of(Path(path)) == ROWS
        for record in (read_rows if is_table else read_records)(path, progress):
            yield user, _from_columns(record) if is_table else record


def _from_columns(row: Record) -> Record:
    """Gather the columns of a table, ``scheme:::label`` or ``scheme.label``."""
    data = dict(row.data)
    labels: dict[str, dict[str, str]] = {}
    spans: dict[str, list[Any]] = {}
    mark = ":::" if any(":::" in name for name in data) else "."
    for column in list(data):
        scheme, _, name = column.rpartition(mark)
        if not scheme:
            continue
        value = data.pop(column)
        if name == "_spans":
            spans[scheme] = _spans_of_cell(value, scheme, row)
        elif name not in _ROOM:
            labels.setdefault(scheme, {})[name] = value
    for scheme in labels:
        labels[scheme] = _resolved(labels[scheme], data.get(scheme))
    return row._replace(data=data | {"labels": labels, "spans": spans})


def _resolved(labels: dict[str, str], last: str | None) -> dict[str, str]:
    """Return the last of several labels of a single choice, if the table says it."""
    chosen = [name for name, value in labels.items() if value == last]
    return {chosen[0]: labels[chosen[0]]} if last and len(chosen) == 1 else labels


def _spans_of_cell(value: str, scheme: str, row: Record) -> list[Any]:
    """Read the JSON of the spans of a scheme."""
    try:
        return list(parse_json(value)) if value else []
    except (TypeError, json.JSONDecodeError) as error:
        raise ValueError(
            f"{row.where}: the spans of {scheme!r} are no list as JSON: {error}; the "
            "table is damaged, export it again."
        ) from error


def _files_of_users(folder: Path) -> dict[Hashable, Path]:
    """Return the file of each user, preferably with the texts, and as JSON Lines.

    The folder has one for each user, is that of a user, or has that of one project.
    """
    found = _files_in(_folders_in(folder)) or _files_in([folder])
    if found:
        return found
    projects = {each.name: _files_in(_folders_in(each)) for each in _folders_in(folder)}
    projects = {name: files for name, files in projects.items() if files}
    if len(projects) > 1:
        raise ValueError(
            f"{folder} has folders of several projects, {list(projects)}; pass one of "
            "them."
        )
    return next(iter(projects.values()), {})


def _files_in(users: list[Path]) -> dict[Hashable, Path]:
    return {
        user.resolve().name: user / name
        for user in users
        for name in (*_FILES, INSTANCES)
        if (user / name).is_file()
    }


def _folders_in(folder: Path) -> list[Path]:
    hidden = (".", "__MACOSX")
    return sorted(
        each
        for each in folder.iterdir()
        if each.is_dir() and not each.name.startswith(hidden)
    )


def _read_instance(
    submitted: KeyBindings,
    record: Record,
    user: Hashable,
    spans: PotatoSpans,
    texts: Mapping[str, str],
) -> None:
    """Read one instance that a user has annotated."""
    data, collector = record.data, submitted.collector
    named = (data[key] for key in _LABELS if key in data)
    labels = next(named, None)
    if not isinstance(labels, Mapping):
        raise ValueError(
            f"{record.where} has no label_annotations; it has {list(data)}."
        )
    name = data.get("instance_id", data.get("id"))
    text = data.get("displayed_text", texts.get(str(name)))
    content = {} if text is None else {"text": text}
    item = collector.item(name, content, record.where)
    marked = data.get("span_annotations", data.get("spans"))
    answers = _labels(labels, collector)
    shown = text if isinstance(text, str) else None  # else the turns of a dialogue
    answers |= spans.read(marked, shown, record, collector)
    if any(answer.kind == SPANS for answer in answers.values()):
        collector.texts[item] = shown or ""
    user = next((data[key] for key in _USERS if key in data), user)
    time = _seconds(data.get("behavioral_data"))
    submitted.submit(item, user, answers, record.number, time)


def _read_state(
    submitted: KeyBindings,
    record: Record,
    user: Hashable,
    spans: PotatoSpans,
    texts: Mapping[str, str],
) -> None:
    """Read all that one user has annotated, from the state of version 2."""
    state, collector = record.data, submitted.collector
    user = state.get("user_id", user)
    labelled = state["instance_id_to_label_to_value"]
    marked = state.get("instance_id_to_span_to_value") or {}
    for name in dict.fromkeys([*labelled, *(k for k in marked if marked[k])]):
        text = texts.get(name)
        item = collector.item(
            name, {} if text is None else {"text": text}, record.where
        )
        read = _labels(_labels_of_state(labelled.get(name) or {}), collector)
        listed = _spans_of_state(marked.get(name) or [])
        found = spans.read(listed, text, record, collector)
        if text is not None and found:
            collector.texts[item] = text
        time = _seconds((state.get(BEHAVIOUR) or {}).get(name))
        submitted.submit(item, user, read | found, record.number, time)


def _labels_of_state(given: Any) -> dict[str, Any]:
    """Return the labels by scheme of pairs of a label and its value."""
    labels: dict[str, Any] = {}
    for entry, value in given.items() if isinstance(given, Mapping) else given:
        if isinstance(entry, Mapping):
            labels.setdefault(entry["schema"], {})[entry["name"]] = value
        else:
            labels[entry] = value
    return labels


def _spans_of_state(given: Any) -> Any:
    """Return the spans of pairs of a span and its value."""
    if not isinstance(given, list):
        return given
    return [entry[0] if isinstance(entry, (list, tuple)) else entry for entry in given]


def _seconds(behaviour: Any) -> float | None:
    """Return the time spent on an instance; None if it is not known."""
    if not isinstance(behaviour, Mapping):
        return None
    if behaviour.get("total_time_ms"):
        return float(behaviour["total_time_ms"]) / 1000
    found = _TIME.search(str(behaviour.get("time_string", "")))
    if found is None:
        return None
    days, hours, minutes, seconds = map(int, found.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _labels(schemes: Mapping[str, Any], collector: Collector) -> dict[str, Answer]:
    """Read the answers to all schemes of labels."""
    answers = {
        name: _answer(name, _without_level(given), collector)
        for name, given in schemes.items()
    }
    return {name: one for name, one in answers.items() if one is not None}


def _answer(name: str, given: Any, collector: Collector) -> Answer | None:
    """Read the answer to one scheme; None, and counted, if it cannot be read."""
    if isinstance(given, list):
        labels = label_list(given, f"the answer to {name!r} is")
        return Answer(SET, tuple(map(str, labels)))
    chosen = {
        key: key if value == f"{name}:::{key}" else value
        for key, value in given.items()
        if not _is_empty(key, value)
    }
    if chosen.pop(_TEXT, None) is not None:
        collector.unreadable[f"{name} (free text)"] += 1
        if not chosen:
            return None
    if set(chosen) in _RANKINGS:
        collector.unreadable[f"{name} (ranking)"] += 1
        return None
    if set(chosen) in _SELECTIONS:
        return Answer(LABEL, str(*chosen.values()))
    if set(chosen) == _DECISION and chosen["decision"] in _DECISIONS:
        return _decision(name, chosen["decision"], collector)
    number = _number(chosen)
    if number is not None:
        return Answer(NUMBER, number)
    if chosen and all(_is_key(*one) for one in chosen.items()):
        return Answer(KEYS, chosen)
    return _ticked(name, chosen, collector)


def _decision(name: str, decision: str, collector: Collector) -> Answer | None:
    """Return a decision of triage, unless it was skipped."""
    if decision != "skip":
        return Answer(LABEL, decision)
    collector.left_out[f"instances that were skipped ({name})"] += 1
    return None


def _ticked(
    name: str, chosen: Mapping[str, Any], collector: Collector
) -> Answer | None:
    """Return the labels whose boxes are ticked; None, and counted, if free text."""
    chosen = {key: value for key, value in chosen.items() if value not in _NO}
    if all(value in _FLAGS or value == key for key, value in chosen.items()):
        return Answer(SET, tuple(chosen))
    collector.unreadable[f"{name} (free text)"] += 1
    return None


def _without_level(given: Any) -> Any:
    """Return labels that stand under the name "labels", and others."""
    if isinstance(given, Mapping) and set(given) == {"labels"}:
        inner = given["labels"]
        return inner if isinstance(inner, (list, Mapping)) else given
    return given


def _is_empty(name: str, value: Any) -> bool:
    """Whether nothing was answered; the number 0 is an answer, a label "false", too."""
    is_label = value == name and value != ""
    no = value is None or value is False or value in ("false", "False", "")
    return no and not is_label


def _is_key(name: str, value: Any) -> bool:
    """Whether a value may be the key of a label, a character."""
    return isinstance(value, str) and len(value) == 1 and not _SCALE.fullmatch(name)


def _number(chosen: Mapping[str, Any]) -> float | None:
    """Return a number: of a Likert scale, a slider or a box for a number or text."""
    if len(chosen) != 1:
        return None
    ((key, value),) = chosen.items()
    point, scale = _POINT.fullmatch(key), _SCALE.fullmatch(key)
    if point:  # the value may be the key of the point, its last digit
        return float(point[1])
    if scale and scale[1] not in (None, "value") and value in _FLAGS:
        return float(scale[1])
    is_label = _is_key(key, value) or value in (*_FLAGS, *_NO)
    if isinstance(value, bool) or (is_label and not scale and key != str(value)):
        return None
    try:
        return as_number(value)
    except (TypeError, ValueError):
        return None


def _recognises(head: Head) -> bool:
    if head.path.is_dir():
        return bool(_files_of_users(head.path))
    record = set(head.record or {})
    if {"label_annotations", "instance_id_to_label_to_value"} & record:
        return True
    if {"instance_id", "user_id", "labels"} <= record:
        return True
    columns = set(head.columns)
    schemes = columns - {"instance_id", "displayed_text", *_USERS, *_ORIGIN}
    schemes -= {name.rpartition(".")[0] for name in schemes}  # of single choices
    is_table = "instance_id" in columns and bool(columns & set(_USERS))
    return is_table and (
        any(":::" in name for name in schemes)
        or (bool(schemes) and all("." in name for name in schemes))
    )


POTATO = Format(TOOL.title, read_potato, _recognises)
