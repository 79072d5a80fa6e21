"""Read exports of Label Studio: JSON, JSON-MIN and CSV.

The formats are documented on https://labelstud.io/guide/task_format and
https://labelstud.io/guide/export (seen in 2026). What is counted in the places of spans
has changed: https://github.com/HumanSignal/label-studio/issues/1347 and
https://github.com/HumanSignal/label-studio/pull/1559.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from skcrowd.exceptions import CrowdWarning

from ._annotation_tasks import control_of
from ._annotations_export import Export
from ._answered_again import kept_answer
from ._choices import label_list
from ._collector import Collector
from ._contents import ROWS, content_of
from ._decimal_numbers import as_number
from ._files import is_path, paths_of
from ._finish import Kind, Options, Repeated, finish
from ._json_records import Record, read_records
from ._label_studio_csv import COLUMNS, csv_records
from ._label_studio_min import OWN, SEVERAL, as_task, is_task
from ._label_studio_shown import Text, shown_by
from ._label_studio_texts import SpanTexts
from ._moments import moment_of
from ._name_types import is_number, span_label
from ._offsets import MISPLACED, OffsetUnit, Places
from ._progress import Progress
from ._question_answers import LABEL, NUMBER, SET, SPANS, Answer
from ._reading import reading
from ._tool import Format, Head, Tool
from ._write_label_studio import write_label_studio

__all__ = ["LABEL_STUDIO", "read_label_studio"]

TOOL = Tool(
    "Label Studio",
    "Export as JSON, not through a storage that drops completed_by; every annotation "
    "then has a completed_by (JSON-MIN and CSV: annotator).",
    empty_is_answer=True,
)
_UNREAD = 0, 0, ""  # spans of a question that is not read
_SHAPES = {"x", "points", "rle", "brushlabels", "start", "startOffset", "sequence"}
_SHAPES |= {"ranges", "imageDataURL", "vertices"}  # of regions
_SPANS = "labels", "hypertextlabels", "paragraphlabels"
OF_REGIONS = "one for each of several regions, or lines of text"
_CONTROLS = "choices", "rating", "number", "textarea", "taxonomy", "datetime"
_WORDS = {"textarea": "free text", "datetime": "a time", "taxonomy": "paths of a tree"}
_WORDS |= {"ranker": "a ranking", "relation": "between regions"}
_OF_TABLES = {"item", "annotator", "answer", "annotators", "probabilities", "gold"}
_OF_TABLES |= {"confidence", "weight", "time", "unsure", "separator", "nothing"}


def read_label_studio(
    path: Any,
    *,
    question: str | None = None,
    label: str | None = None,
    predictions: bool = False,
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
    """Read an export of Label Studio: JSON, JSON-MIN or CSV.

    Parameters
    ----------
    path : path, list of paths, or iterable of tasks (dicts)
        JSON also as a storage has it, with a file for each task or annotation. JSON is
        the best: JSON-MIN and CSV do not always say what is an answer.
    question : str, default=None
        The control whose answers are read (its ``name`` in the labelling
        configuration). None: the only one. A control for spans in several texts asks a
        question of each, "NAME (TEXT)".
    label : str, default=None
        Where several choices may be ticked: the label to read, as 1 or 0. None reads
        all of them, as sets (MultilabelAnnotations), where somebody gave several.
    predictions : bool, default=False
        Whether the predictions of models in the tasks are answers, too, of annotators
        "model VERSION".
    kind : {"auto", "labels", "numbers", "sets"}, default="auto"
        What an answer is. "auto": ratings and numbers are numbers, choices labels.
        "sets": sets of labels, also where nobody chose several.
    pair : tuple of two str, default=None
        Where answers prefer one of two items: the fields of the data that name or show
        these, in the places in which people saw them. The answers become
        :class:`~skcrowd.aggregation.Comparisons`.
    repeated : {"last", "first", "error"}, default="last"
        Which of several annotations of a task by one annotator counts, by
        ``created_at``.
    data : bool or list of str, default=False
        Whether to keep the data of the tasks, or which fields; texts of spans always.
    text : str, default=None
        The field of the data in which the spans of the question are. None: the field
        named like the control's ``toName``, else "text", else the only text.
    offsets : {"auto", "characters", "utf-16"}, default="auto"
        What the places of spans count. "auto" compares the covered text, which differs
        after an emoji only.
    tokenizer : callable, str or None, default=None
        For spans, as of :class:`~skcrowd.annotations.TokenizedTexts`.
    scheme : {"IOB2", "BIOES"}, default="IOB2"
        How tags mark spans.
    progress : bool or callable, default=None
        True shows a bar; a callable gets the bytes read and the size of the file.

    Returns
    -------
    export : Export
        Annotators are email addresses where the export has them, else numbers.

    Raises
    ------
    ValueError
        If the file is malformed (with the number of the record), the question is not
        clear or its answers are neither labels, numbers nor spans of text, or no
        annotator is named.

    Warns
    -----
    CrowdWarning
        If `question` is named like a field of the data, of which JSON-MIN has the value
        where an annotator gave no answer.

    Notes
    -----
    Skipped (cancelled) annotations and drafts are left out, and those marked as ground
    truth are ``gold``; all are counted. An annotation without spans means that there
    are none. Of the columns of CSV, `question` is the answer, and others are data;
    where their order does not tell answers, a column "label" or the like is the answer
    if all others are usual.
    Spans of HyperText with ``globalOffsets`` are in the text that its HTML shows, with
    a line end between blocks; those of Paragraphs in the turns of the dialogue, each on
    a line. Tasks that are written from these have this text as a further field, in
    which predicted spans are.

    References
    ----------
    https://labelstud.io/guide/task_format, https://labelstud.io/guide/export,
    https://labelstud.io/tags/hypertext, https://labelstud.io/tags/paragraphs

    Examples
    --------
    >>> from skcrowd.io import read_label_studio
    >>> def choice(label):
    ...     control = {"from_name": "mood", "to_name": "text", "type": "choices"}
    ...     return [control | {"value": {"choices": [label]}}]
    >>> tasks = [
    ...     {
    ...         "id": 7,
    ...         "data": {"text": "Lovely!"},
    ...         "annotations": [
    ...             {"completed_by": 1, "result": choice("+")},
    ...             {"completed_by": 2, "result": choice("-")},
    ...         ],
    ...     },
    ... ]
    >>> read_label_studio(tasks).annotations[0]
    {1: '+', 2: '-'}
    """
    options = Options(question, label, kind, repeated, tokenizer, scheme, pair=pair)
    options.check()
    known = {text} | (set() if isinstance(data, bool) else set(data))
    reader = _Reader(
        Collector(TOOL, data, pair), options, text, Places(offsets), predictions, known
    )
    for record in _records(path, progress):
        with reading(record, TOOL):
            reader.read(record)
    reader.close()
    export = finish(reader.collector, options)
    return reader.named(export)


def _records(source: Any, progress: Progress) -> Iterator[Record]:
    """Yield the records of files, which may be tables, or of an iterable."""
    for path in paths_of(source) or [source]:
        is_table = is_path(path) and content_of(path) == ROWS
        for record in (csv_records if is_table else read_records)(path, progress):
            if _is_page(record.data):
                yield from (record._replace(data=one) for one in record.data["tasks"])
            else:
                yield record


def _is_page(record: Mapping[str, Any]) -> bool:
    """Return whether a record is a page of tasks, as the API has it."""
    tasks = record.get("tasks")
    is_list = isinstance(tasks, list) and "total" in record
    return is_list and all(isinstance(task, dict) for task in tasks or [])


class _Reader:
    """What is known while tasks are read.

    Parameters
    ----------
    collector : Collector
    options : Options
    text : str or None
    offsets : Places
    predictions : bool
    known : collection of str
        Fields that are data of the tasks.
    """

    def __init__(
        self,
        collector: Collector,
        options: Options,
        text: str | None,
        offsets: Places,
        predictions: bool,
        known: Collection[Any],
    ) -> None:
        self.collector, self.offsets = collector, offsets
        self.options, self.predictions, self.known = options, predictions, known
        self.texts = SpanTexts(options.question, text)
        self.objects: dict[str, str] = {}  # that controls label, by question
        self.places: dict[str, set[Any]] = {}  # of answers, in lists of images
        self.further: Counter[str] = Counter()  # answers about further images
        self.empty_gold: set[int] = set()  # items in which nothing is to be found
        self.are_tasks: bool | None = None  # of JSON, rather than of JSON-MIN
        self.fields: dict[str, None] = {}  # of JSON-MIN whose question is not certain
        self.is_in_data = False  # the question, which is named like a field

    def read(self, record: Record) -> None:
        """Read one task."""
        task, identity = record.data, None
        if _is_stored(task):
            task = task["task"] | {"annotations": [task]}
        is_whole = is_task(task)
        if self.are_tasks is not None and is_whole != self.are_tasks:
            raise ValueError(
                "files of JSON and of JSON-MIN are mixed; read them one by one."
            )
        self.are_tasks = is_whole
        if not is_whole:
            if self.predictions:
                raise ValueError("JSON-MIN has no predictions; export as JSON.")
            task, identity, is_in_data = as_task(
                task, self.options.question, self.known
            )
            self.fields |= dict.fromkeys(record.data) if identity is not None else {}
            self.is_in_data |= is_in_data
        drafts = task.get("drafts") or []
        self.collector.left_out["drafts"] += (
            len(drafts) if isinstance(drafts, list) else int(drafts)
        )
        data, made = task["data"], task.get("annotations", task.get("completions", []))
        item = self.collector.item(task.get("id"), data, record.where, identity)
        if not made:
            self.texts.keep(item, data, {})
        for annotation in made:
            self._read_annotation(annotation, item, data, record)
        for prediction in (task.get("predictions") or []) if self.predictions else []:
            _check_whole(prediction, "a prediction", record)
            name = f"model {prediction.get('model_version') or ''}".strip()
            self._submit(prediction, name, item, data, record)

    def _read_annotation(
        self, annotation: Any, item: int, data: dict[str, Any], record: Record
    ) -> None:
        _check_whole(annotation, "an annotation", record)
        if annotation.get("was_cancelled") or annotation.get("skipped"):
            self.collector.left_out["cancelled (skipped) annotations"] += 1
        elif annotation.get("ground_truth"):
            self.collector.left_out["annotations marked as ground truth (in gold)"] += 1
            true = self._answers(annotation, item, data, record)
            self.collector.set_gold(item, true)
            self.empty_gold |= set() if annotation.get("result") else {item}
        else:
            self._submit(annotation, self._annotator(annotation), item, data, record)

    def _annotator(self, annotation: Mapping[str, Any]) -> Hashable:
        """Return the email address or number of who annotated."""
        annotator = annotation.get("completed_by")
        if not isinstance(annotator, Mapping):
            return annotator
        number, email = annotator.get("id"), annotator.get("email")
        if email and number is not None:
            self.collector.aliases[number] = email
        return email or number

    def _submit(
        self,
        annotation: Mapping[str, Any],
        annotator: Hashable,
        item: int,
        data: dict[str, Any],
        record: Record,
    ) -> None:
        answers = self._answers(annotation, item, data, record)
        time = annotation.get("lead_time")
        moment = moment_of(annotation.get("created_at"))
        self.collector.submit(
            item, annotator, answers, record.number, moment, time=time
        )

    def _answers(
        self,
        annotation: Mapping[str, Any],
        item: int,
        data: dict[str, Any],
        record: Record,
    ) -> dict[str, Answer]:
        """Read the regions and choices of one annotation."""
        given: dict[str, dict[Any, list[Answer]]] = {}
        spans: dict[str, list[Any]] = {}
        for result in annotation.get("result") or []:
            name, type_ = result.get("from_name"), result.get("type")
            value, shown = result.get("value"), result.get("to_name")
            if isinstance(shown, str):
                self.objects.setdefault(name, shown)
                self.objects.setdefault(f"{name} ({shown})", shown)
            if name is None or not isinstance(value, Mapping):
                self.collector.unreadable[f"{name or type_} ({type_})"] += 1
            elif type_ in _SPANS and (form := shown_by(value, result)) is not None:
                if self._has_no_text(name, data, shown, form):
                    title = f"{name} (spans without their {form.title}; text= names it)"
                    self.collector.unreadable[title] += 1
                    continue
                question = self.texts.question_of(name, shown, data, form)
                found = spans.setdefault(question, [])
                if self.texts.is_read(name, shown):
                    text = self.texts.find(data, shown, form, record.where)
                    found.extend(self._spans(value, text, record))
                elif not found:
                    found.append(_UNREAD)
            else:
                answer = _value(type_, value)
                if answer is None:
                    self.collector.unreadable[f"{name} ({_title(type_, value)})"] += 1
                    continue
                places = given.setdefault(name, {})
                places.setdefault(result.get("item_index"), []).append(answer)
                both = [one.strip() for one in str(shown).split(",")]
                if type_ == "pairwise" and len(both) == 2 and set(both) <= set(data):
                    self.collector.keep_pair(name, (both[0], both[1]), data, item)
        answers = self._kept(given)
        answers |= {n: Answer(SPANS, tuple(each)) for n, each in spans.items()}
        self.texts.keep(item, data, answers)
        return answers

    def _has_no_text(
        self, name: str, data: Mapping[str, Any], shown: Any, form: type[Text]
    ) -> bool:
        """Whether spans in HTML or a dialogue are left to another question."""
        is_asked = self.texts.text is not None or self.texts.question is not None
        if form is Text or (is_asked and self.texts.is_read(name, shown)):
            return False
        return not self.texts.has(data, shown, form)

    def _kept(
        self, given: Mapping[str, Mapping[Any, Sequence[Answer]]]
    ) -> dict[str, Answer]:
        """Return an answer to each control, of those by place in a list of images."""
        answers = {}
        for name, places in given.items():
            self.places.setdefault(name, set()).update(places)
            first, *others = places.values()
            answers[name] = kept_answer(first, name, self.collector, self.options)
            self.further[name] += sum(map(len, others))
        return answers

    def named(self, export: Export) -> Export:
        """Return an export with the names of control and object, as far as known.

        Its texts of spans in HTML or a dialogue are those of another object.
        """
        shown = self.objects.get(control_of(export)) or self.objects.get(
            export.question
        )
        export = replace(export, to_name=shown)
        if self.texts.form is Text:
            return export
        return replace(export, question=control_of(export), to_name=None)

    def close(self) -> None:
        """Refuse answers about several images of a task; find the texts of spans."""
        self._check_question()
        for name, places in self.places.items():
            if len(places) > 1:
                n_answers = len(self.collector.questions.pop(name, ()))
                found = f"{name} (one for each of several images)"
                self.collector.unreadable[found] = n_answers + self.further[name]
        if not self.are_tasks:
            self._leave_out_several()
        self.texts.close(self.collector)
        for name, question in self.collector.questions.items():
            if question.kind in (SET, SPANS):
                for item in self.empty_gold:
                    self.collector.set_gold(item, {name: Answer(question.kind, ())})
        if self.is_in_data:
            warnings.warn(
                f"the question {self.options.question!r} stands among the data of the "
                "tasks; where a field of the data has this name, its value is read for "
                "annotators who gave no answer. Export as JSON if there is one.",
                CrowdWarning,
                stacklevel=3,
            )

    def _leave_out_several(self) -> None:
        """Refuse controls of JSON-MIN that some annotations have several results of.

        A single choice is then about a region, too, or a line of free text.
        """
        for name in list(self.collector.questions):
            title = f"{name} ({_title(SEVERAL, {})})"
            n_lists = self.collector.unreadable.pop(title, 0)
            if n_lists:
                n_answers = len(self.collector.questions.pop(name)) + n_lists
                self.collector.unreadable[f"{name} ({OF_REGIONS})"] = n_answers

    def _check_question(self) -> None:
        """Raise if no record of JSON-MIN has a field of the name of the question."""
        question, fields = self.options.question, list(self.fields)
        known = {*self.collector.questions, *fields}
        if fields and question is not None and question not in known:
            raise ValueError(
                f"there is no question {question!r}; it is one of the fields "
                f"{[name for name in fields if name not in OWN]}."
            )

    def _spans(
        self, value: Mapping[str, Any], text: Text, record: Record
    ) -> list[tuple[int, int, str]]:
        place = text.find(value, self.offsets, record.where)
        given = next((value[key] for key in _SPANS if key in value), None)
        if isinstance(given, str):
            raise ValueError(
                f"the labels of a span are {given!r}, where a list is expected; export "
                "it again."
            )
        labels = [span_label(label) for label in given or []]
        if place is None:
            self.collector.left_out[MISPLACED] += 1
            return []
        return [(*place, label) for label in labels or [""]]


def _check_whole(made: Any, what: str, record: Record) -> None:
    """Raise if the id of an annotation or prediction stands for it."""
    if not isinstance(made, Mapping):
        raise ValueError(
            f"{record.where}: {what} is {made!r}; export as JSON with whole "
            f"{what.split()[1]}s, not their ids."
        )


def _value(type_: str | None, value: Mapping[str, Any]) -> Answer | None:
    """Return the answer of a control for a whole task, None for other controls."""
    if _SHAPES & set(value):  # it belongs to a region
        return None
    if type_ == "choices":
        chosen = label_list(value.get("choices"), "the choices are")
        are_nested = any(isinstance(label, (list, dict)) for label in chosen)
        return None if are_nested else Answer(SET, chosen)
    if type_ in ("rating", "number"):
        return _number(value.get(type_), type_)
    if type_ == "pairwise" and isinstance(value.get("selected"), str):
        return Answer(LABEL, value["selected"])
    return None


def _title(type_: Any, value: Mapping[str, Any]) -> str:
    """Return what an answer that is not read is called."""
    is_of_region = type_ in _CONTROLS and _SHAPES & set(value)
    word = "about a region" if is_of_region else _WORDS.get(type_)
    return f"{type_}, {word}" if word else f"{type_}"


def _is_stored(record: Mapping[str, Any]) -> bool:
    """Return whether a record is an annotation with its task, as storages have it."""
    task = record.get("task")
    is_annotation = isinstance(record.get("result"), list) and "completed_by" in record
    return (
        is_annotation and isinstance(task, dict) and isinstance(task.get("data"), dict)
    )


def _number(value: Any, type_: str) -> Answer | None:
    """Return a rating or number, which may be a text; None if it is something else."""
    if isinstance(value, str):
        try:
            number = as_number(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ValueError(
                f"a {type_} is {value!r}, which is no number; write it as one, or "
                "leave the annotation out."
            )
        return Answer(NUMBER, number)
    return Answer(NUMBER, float(value)) if is_number(value) else None


def _recognises(head: Head) -> bool:
    record = head.record or {}
    if is_task(record) or _is_stored(record):
        return True
    if _is_page(record) and record["tasks"]:
        return is_task(record["tasks"][0])
    is_row = set(head.columns) >= COLUMNS and not set(head.options) & _OF_TABLES
    return is_row or {"annotation_id", "lead_time"} <= set(record)


LABEL_STUDIO = Format(TOOL.title, read_label_studio, _recognises, write_label_studio)
